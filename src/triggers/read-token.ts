/** `/backspace` at the beginning of a line. */
export interface Token {
  /** `unclear`: probably meant as a command, and not written as one. */
  readonly kind: 'command' | 'unclear'
  /** Characters of the line that belong to it. */
  readonly length: number
}

const WORD = 'backspace'
/** Characters that are read: a token is at the very beginning of a line. */
const HEAD = 64

/** Letters as they are, capital, or full-width: keyboards for Chinese and Japanese write those. */
const LETTERS = [...WORD]
  .map((letter) => `[${letter}${letter.toUpperCase()}${fullWidth(letter)}${fullWidth(letter.toUpperCase())}]`)
  .join('')

function fullWidth(letter: string): string {
  return String.fromCharCode(letter.charCodeAt(0) + 0xfee0)
}

/** Keyboards and copied text leave them: without width, or for the direction of Arabic and Hebrew. */
const WIDTHLESS = '\\u200b-\\u200f\\u202a-\\u202e\\u2060\\u2066-\\u2069\\u061c\\u00ad\\ufeff'
const BLANK = `[ \\u00a0\\u3000${WIDTHLESS}]`
const UNSEEN = `[${WIDTHLESS}]`
/**
 * What may follow: a space, the end of the line, punctuation, a flag, or any character that is neither ASCII nor Latin,
 * such as a word of a script that is written without spaces. `.yml` makes a file name of it, `?a=1` an address.
 */
const AFTER = [
  `${UNSEEN}+`,
  '[,:;，：；、。！？…،؛؟]+',
  '[.!?]+(?=\\s|$)',
  '(?=\\s|$)',
  '(?=(?:--|—)[A-Za-z])',
  '(?![\\p{ASCII}\\p{Script=Latin}\\p{M}])(?=\\P{ASCII})',
].join('|')
/** Up to three spaces, as in CommonMark: more would be code. */
const COMMAND = new RegExp(`^${BLANK}{0,3}[/／]${LETTERS}(?:${AFTER})`, 'u')

/** A list marker, heading, emoji or mention before it, another slash, spaces within, or characters after the word. */
const UNCLEAR = new RegExp(
  `^${BLANK}{0,3}(?:(?:[-*+•]|\\d{1,3}[.)]|#{1,6}) +|[*_]{1,3}|\\p{Extended_Pictographic}\\ufe0f? ?)?(?:[/／\\\\@!⁄∕] ?|//)back ?space(?![\\w-]*[./\\\\]\\w|\\w*:\\/)`,
  'iu',
)
const SLASH_WORD = /^ {0,3}[/／]([A-Za-z]{8,10})(?=\s|$)/
const SLASH_WORDS = /[/／]([A-Za-z]{8,10})(?=\s|$)/gm

/** The word behind one of the signs that may stand for the slash, wherever it is. */
const MENTION = new RegExp(`[/／\\\\@!⁄∕] ?(?:${LETTERS}|back space)`, 'iu')

/**
 * Whether a comment may hold a command. Almost all comments are not for us, and anyone may write one, so this looks for
 * the word and nothing else: what is around it is read after the sender is authorised.
 */
export function mayHoldToken(comment: string): boolean {
  if (MENTION.test(comment)) return true
  return [...comment.matchAll(SLASH_WORDS)].some(([, word = '']) => isOneSlipFrom(word.toLowerCase(), WORD))
}

/** Pasted screenshots and line breaks in HTML, which people write on behind. */
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

/** One letter missing, added or changed, or two letters swapped. */
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
