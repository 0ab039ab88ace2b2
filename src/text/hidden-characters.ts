import type { Pieces } from '../time/pieces.ts'

/**
 * The one table of characters that a reader does not see but a program or a model reads, and the functions that use it.
 * A character counts as hidden only where it shapes nothing: emoji sequences, and the joiners of Persian or Malayalam,
 * stay whole.
 *
 * Private-use glyphs (powerline, icon fonts) are not hidden: a reader sees at least a box.
 */

/**
 * - `line_break`: ends a line although it is not `
 * `.
 * - `direction`: changes the order in which text is displayed (https://trojansource.codes).
 */
export type HiddenKind = 'line_break' | 'control' | 'direction' | 'invisible'

/**
 * The kind of a character that nothing around it needs; undefined for a visible one, tab, `
 * ` and space.
 */
export function hiddenKind(character: string): HiddenKind | undefined {
  const known = KINDS.get(character)
  return known === undefined ? kindOf(character) : known || undefined
}

function kindOf(character: string): HiddenKind | undefined {
  if (/[\r\v\f\u0085\u2028\u2029]/.test(character)) return 'line_break'
  if (/[\t\n]/.test(character)) return undefined
  if (/\p{Cc}/u.test(character)) return 'control'
  if (/\p{Bidi_Control}/u.test(character)) return 'direction'
  return INVISIBLE.test(character) ? 'invisible' : undefined
}

/**
 * What Unicode calls default ignorable (joiners, zero-width spaces, selectors, fillers, tags), format characters except
 * the few that are drawn, noncharacters, and the empty braille cell.
 */
const INVISIBLE =
  /(?![\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}\u{13430}-\u{1343f}])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Noncharacter_Code_Point}\u2800]/u

/**
 * The kinds of the most frequent characters, since a text may have hundreds of thousands of them; '' for visible ones.
 */
const KINDS: ReadonlyMap<string, HiddenKind | ''> = new Map(
  [
    [0, 0xff],
    [0x2000, 0x206f],
    [0x2800, 0x2800],
    [0xfe00, 0xfe0f],
  ].flatMap(([first = 0, last = 0]) =>
    Array.from({ length: last - first + 1 }, (_, index) => {
      const character = String.fromCharCode(first + index)
      return [character, kindOf(character) ?? ''] as const
    }),
  ),
)

/** Matches every character of the table. Tag characters and empty braille cells are judged as a whole row. */
const CANDIDATES =
  /\r\n|\u2800+|[\u{e0000}-\u{e0fff}]+|[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Noncharacter_Code_Point}\u2028\u2029]/gu

/**
 * Text for a model (requests, follow-ups, threads, AGENTS.md, output of checks), without what its reader did not see,
 * so that nothing is slipped past the person who approved it. Idempotent. Do not use it for a file's content: a model
 * needs the bytes to edit the file.
 */
export function forModel(text: string): string {
  return replaceHidden(text, (_, kind) => (kind === 'line_break' ? '\n' : ''))
}

/** Prose for GitHub: titles, bodies, comments. The same rules apply to what a model wrote as to what it read. */
export function forMarkdown(text: string): string {
  return forModel(text)
}

/** Code, diffs and commands for people. Each hidden character is shown as `\u{202e}`, so that it cannot deceive. */
export function forCode(text: string): string {
  return replaceHidden(text, escaped)
}

/**
 * Any text on a page, treated as in `forCode`. The template escapes HTML. U+200B stays as it is, since Backspace's own
 * texts use it to keep a mention from notifying.
 */
export function forPage(text: string): string {
  return replaceHidden(text, (character) => (character === '\u200b' ? character : escaped(character)))
}

/** How many candidates are handled between two pauses. */
const PIECE = 512

/**
 * Text at a terminal. Characters that change the direction are shown as `\u{202e}`; characters without width do no harm
 * there and stay.
 */
export function* withShownDirections(text: string): Pieces<string> {
  const whole = text.toWellFormed()
  const shown: string[] = []
  let last = 0
  let count = 0
  for (const { 0: found, index: at } of whole.matchAll(CANDIDATES)) {
    if (++count % PIECE === 0) yield
    shown.push(whole.slice(last, at), shownFor(found, { whole, at, replace: forTerminals }))
    last = at + found.length
  }
  shown.push(whole.slice(last))
  return shown.join('')
}

function forTerminals(character: string, kind: HiddenKind): string {
  if (kind === 'invisible') return character
  return /\p{Cc}/u.test(character) ? '' : escaped(character)
}

/** The first kind of hidden character in a path. A tab and any end of line count as `control`. */
export function forPath(path: string): 'control' | 'hidden' | undefined {
  let found: 'hidden' | undefined
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) return 'control'
  replaceHidden(path, () => {
    found = 'hidden'
    return ''
  })
  return found
}

/** `\u{202e}` for each code point of the text. */
export function escaped(characters: string): string {
  return [...characters].map((one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`).join('')
}

type Replace = (hidden: string, kind: HiddenKind) => string

/**
 * Replaces hidden characters in one pass, looking at a few characters around each candidate: linear in the length of
 * the text.
 */
function replaceHidden(text: string, replace: Replace): string {
  const whole = text.toWellFormed()
  return whole.replace(CANDIDATES, (found, at: number) => shownFor(found, { whole, at, replace }))
}

/** The text that takes the place of a candidate. */
function shownFor(
  found: string,
  { whole, at, replace }: { readonly whole: string; readonly at: number; readonly replace: Replace },
): string {
  if (found === '\r\n' || found === '\r') return '\n'
  const kind = hiddenKind(found.length > 2 ? String.fromCodePoint(found.codePointAt(0) ?? 0) : found)
  if (kind === undefined) return found
  return kind === 'invisible' && isNeeded(found, whole, at) ? found : replace(found, kind)
}

/** The character that ends at an index of well-formed text; a space at the start of the text. */
function characterBefore(text: string, at: number): string {
  const isPair = /[\udc00-\udfff]/.test(text.charAt(at - 1))
  return text.slice(Math.max(0, at - (isPair ? 2 : 1)), at) || ' '
}

/** Letters, marks and digits of scripts whose letters change their shape beside a joiner. */
const JOINING = new RegExp(
  `(?=[\\p{L}\\p{M}\\p{N}])[${[
    ...['Arabic', 'Syriac', 'Mandaic', 'Nko', 'Mongolian', 'Phags_Pa', 'Manichaean', 'Psalter_Pahlavi'],
    ...['Hanifi_Rohingya', 'Sogdian', 'Adlam', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya'],
    ...['Tamil', 'Telugu', 'Kannada', 'Malayalam', 'Sinhala', 'Khmer', 'Myanmar', 'Tibetan', 'Balinese'],
    ...['Javanese', 'Sundanese', 'Tai_Tham', 'Grantha', 'Newa', 'Tirhuta', 'Sharada', 'Brahmi', 'Kaithi'],
    ...['Chakma', 'Meetei_Mayek', 'Limbu', 'Modi', 'Takri', 'Siddham', 'Saurashtra', 'Syloti_Nagri'],
  ]
    .map((script) => `\\p{Script_Extensions=${script}}`)
    .join('')}]`,
  'u',
)
const WORD = /[\p{L}\p{M}\p{N}]/u
/** Signs that remove a vowel and join consonants. A joiner after one has an effect even at the end of a word. */
const VIRAMA =
  /[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d3b\u0d3c\u0d4d\u0dca\u1039\u103a\u17d2\u1a60\u1b44\ua8c4\ua953\ua9c0\uaaf6\u{10a3f}\u{11046}\u{110b9}\u{11133}\u{111c0}\u{1134d}\u{11442}\u{114c2}\u{115bf}\u{1163f}\u{116b6}]/u
/** Scripts without spaces, in which U+200B marks where a word ends. */
const SPACELESS =
  /(?=[\p{L}\p{M}\p{N}])[\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u
const PICTURE = /\p{Extended_Pictographic}/u
/**
 * The flags of England, Scotland and Wales, the only ones that are drawn. Other tags would spell words that no one
 * sees.
 */
const FLAG_TAGS = new Set(['gbeng', 'gbsct', 'gbwls'].map((region) => `${tags(region)}\u{e007f}`))

function tags(text: string): string {
  return [...text].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('')
}

/** Whether an invisible character changes what is seen, given the characters beside it. */
function isNeeded(found: string, text: string, at: number): boolean {
  const code = found.codePointAt(0) ?? 0
  const last = characterBefore(text, at)
  const next = String.fromCodePoint(text.codePointAt(at + found.length) ?? 0x20)
  if (code === 0x200d) {
    return joinsEmoji(last, characterBefore(text, at - last.length), next) || joinsLetters(found, last, next)
  }
  if (code === 0x200c) return joinsLetters(found, last, next)
  if (code === 0x200b) return SPACELESS.test(last) && SPACELESS.test(next)
  if (code === 0xfe0e || code === 0xfe0f) return selectsStyle(last, next)
  if (code >= 0xfe00 && code <= 0xfe0d)
    return /[\p{Script=Han}\p{Sm}\p{Script=Myanmar}\p{Script=Phags_Pa}]/u.test(last)
  if (code === 0x2800) return isBraille(last) || isBraille(next)
  if (code >= 0xe0100 && code <= 0xe01ef) return found.length === 2 && /\p{Script=Han}/u.test(last)
  if (code >= 0xe0000) return last === '\u{1f3f4}' && FLAG_TAGS.has(found)
  if (code === 0x034f) return /\p{M}/u.test(last) && hiddenKind(last) === undefined && /\p{M}/u.test(next)
  if (code >= 0x180b && code <= 0x180f) return /[\u1820-\u18aa]/.test(last)
  if (code === 0x115f) return /[\u1161-\u11a7]/.test(next)
  if (code === 0x1160) return /[\u1100-\u115e]/.test(last)
  return false
}

/** As in می‌خواهم, क्‍ष or ന്‍: a single joiner at a letter of such a script, never several in a row. */
function joinsLetters(joiner: string, last: string, next: string): boolean {
  if (hiddenKind(last) !== undefined || hiddenKind(next) !== undefined) return false
  if (VIRAMA.test(last)) return true
  if (joiner === '\u200d') return JOINING.test(last) || JOINING.test(next)
  // An ending may follow a word in quotation marks or backticks, as in `API`‌ها.
  return JOINING.test(next) ? !/\s/.test(last) : JOINING.test(last) && WORD.test(next)
}

/** As in 👩🏽‍💻 or ❤️‍🔥: a joiner between two pictures, the first of them perhaps with a skin tone or a style. */
function joinsEmoji(last: string, second: string, next: string): boolean {
  if (!PICTURE.test(next)) return false
  return PICTURE.test(last) || (/[\ufe0f\u{1f3fb}-\u{1f3ff}]/u.test(last) && PICTURE.test(second))
}

/** As in ❤️ or 1️⃣: a picture takes a style; a digit takes one only as a keycap. */
function selectsStyle(last: string, next: string): boolean {
  return /[0-9#*]/.test(last) ? next === '\u20e3' : PICTURE.test(last) || /\p{Emoji}/u.test(last)
}

function isBraille(character: string): boolean {
  return /[\u2801-\u28ff]/.test(character)
}
