/** `/backspace` at the beginning of a line. */
export interface Token {
  /** `unclear`: probably meant as a command, but written in another way. */
  readonly kind: 'command' | 'unclear'
  /** Length of the token in characters, from the beginning of the line. */
  readonly length: number
}

const WORD = 'backspace'
/** How many characters of a line are read, since a token is at its very beginning. */
const HEAD = 64

/** Each letter in lower case, capital or full-width, which keyboards for Chinese and Japanese produce. */
const LETTERS = [...WORD]
  .map((letter) => `[${letter}${letter.toUpperCase()}${fullWidth(letter)}${fullWidth(letter.toUpperCase())}]`)
  .join('')

function fullWidth(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 0xfee0)
}

/**
 * Invisible characters that keyboards and copied text leave behind: without width, or for the direction of Arabic and
 * Hebrew.
 */
const WIDTHLESS = '\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\u061c\\u00ad\\ufeff'
const BLANK = `[ \\u00a0\\u3000${WIDTHLESS}]`
const UNSEEN = `[${WIDTHLESS}]`
/**
 * What may follow the word: a space, the end of the line, punctuation, a flag, or any character that is neither ASCII
 * nor Latin, such as one of a script that is written without spaces. `.yml` would make the word a file name, and `?a=1`
 * an address.
 */
const AFTER = [
  `${UNSEEN}+`,
  '[,:;，：；、。！？…،؛؟]+',
  '[.!?]+(?=\\s|$)',
  '(?=\\s|$)',
  '(?=(?:--|—)[A-Za-z])',
  '(?![\\p{ASCII}\\p{Script=Latin}\\p{M}])(?=\\P{ASCII})',
].join('|')
/** At most three spaces before the slash, as in CommonMark: more would be code. */
const COMMAND = new RegExp(`^${BLANK}{0,3}[/／]${LETTERS}(?:${AFTER})`, 'u')

/**
 * Probably a command, with a list marker, heading, emoji or mention before it, another slash, spaces inside, or more
 * characters after the word.
 */
const UNCLEAR = new RegExp(
  `^${BLANK}{0,3}(?:(?:[-*+•]|\\d{1,3}[.)]|#{1,6}) +|[*_]{1,3}|\\p{Extended_Pictographic}\\ufe0f? ?)?(?:[/／\\\\@!⁄∕] ?|//)back ?space(?![\\w-]*[./\\\\]\\w|\\w*:\\/)`,
  'iu',
)
const SLASH_WORD = /^ {0,3}[/／]([A-Za-z]{8,10})(?=\s|$)/
const SLASH_WORDS = /[/／]([A-Za-z]{8,10})(?=\s|$)/gm

/** The word after any sign that may be meant as a slash, anywhere in the text. */
const MENTION = new RegExp(`[/／\\\\@!⁄∕] ?(?:${LETTERS}|back space)`, 'iu')

/**
 * Whether a comment may contain a command. Almost no comment is meant for Backspace, and anyone may write one, so this
 * looks for the word alone. The text around it is read once the sender is authorized.
 */
export function mayHoldToken(comment: string): boolean {
  if (MENTION.test(comment)) return true
  return [...comment.matchAll(SLASH_WORDS)].some(([, word = '']) => isOneSlipFrom(word.toLowerCase(), WORD))
}

/** Pasted screenshots and line breaks in HTML, after which people go on writing on the same line. */
const BEFORE = /^(?: {0,3}(?:<(?:img|br)\b[^<>]{0,2000}>|!\[[^[\]]{0,300}\]\([^()\s]{0,1000}\)))+/i

/** @returns undefined when the line does not begin with anything like `/backspace`. */
export function readToken(line: string): Token | undefined {
  const before = BEFORE.exec(line)?.[0].length ?? 0
  const head = line.slice(before, before + HEAD)
  const command = COMMAND.exec(head)
  if (command) return { kind: 'command', length: before + command[0].length }
  const misspelt = SLASH_WORD.exec(head)?.[1]?.toLowerCase()
  const isUnclear = UNCLEAR.test(head) || (misspelt !== undefined && isOneSlipFrom(misspelt, WORD))
  return isUnclear ? { kind: 'unclear', length: 0 } : undefined
}

/** Whether one letter is missing, added or changed, or two neighbours are swapped. */
function isOneSlipFrom(word: string, meant: string): boolean {
  let same = 0
  while (same < word.length && word[same] === meant[same]) same++
  const [rest, other] = [word.slice(same), meant.slice(same)]
  const swapped = `${rest[1] ?? ''}${rest[0] ?? ''}${rest.slice(2)}`
  return (
    rest.slice(1) === other ||
    rest === other.slice(1) ||
    rest.slice(1) === other.slice(1) ||
    swapped === other
  )
}
