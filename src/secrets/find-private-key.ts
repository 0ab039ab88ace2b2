import { matchEnd } from './match-rule.ts'
import type { Range } from './rule.ts'

const BEGIN = /-----BEGIN[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?-----/iy
const END = /-----END[ A-Z0-9_-]{0,100}-----/iy
/** Lines of a key, with what surrounds them in source code or in a log. */
const LINES =
  /(?:(?:\s|\\[nrt\\]|["'`,+>#*|;()]){0,24}(?:[A-Z][A-Za-z-]{2,20}: [^\n\\]{1,120}|[A-Za-z0-9+/=]{16,4000}))+/y
const MOST_BODY = 65_536

/**
 * Finds a private key: the first line of one, followed by what could be a key. A sentence that only mentions the first
 * line does not count. Without a last line, the key ends with its lines, and the text after them is not included.
 */
export function findPrivateKey(text: string, at: number): Range | undefined {
  const body = matchEnd(BEGIN, text, at)
  if (body === undefined) return undefined
  // The next line of dashes ends the key, so no part of a text is examined twice.
  const dashes = text.indexOf('-----', body)
  const last = dashes === -1 ? text.length : dashes
  const closed = dashes === -1 || last - body > MOST_BODY ? undefined : matchEnd(END, text, dashes)
  if (closed !== undefined && isKeyLike(text.slice(body, last))) return { start: at, end: closed }
  const lines = matchEnd(LINES, text.slice(0, Math.min(last, body + MOST_BODY)), body)
  return lines !== undefined && holdsKey(text.slice(body, lines)) ? { start: at, end: lines } : undefined
}

/**
 * Whether the text between a first and a last line can be a key. A part of a key is enough, but a word such as `and` is
 * not.
 */
function isKeyLike(body: string): boolean {
  const plain = body.replaceAll(/\\[nrt]/g, '\n').replaceAll(/[\s"'`+,\\]/g, '')
  return (
    holdsKey(body) || (/^[A-Za-z0-9+/=]+$/.test(plain) && /^[\s\\"'`]/.test(body) && /[A-Z\d]/.test(plain))
  )
}

/**
 * Whether a text has enough base64 for a key. The shortest key, of Ed25519, has 64 characters, which source code may
 * split.
 */
export function holdsKey(body: string): boolean {
  const pieces =
    body
      .replaceAll(/\\[nrt]/g, '\n')
      .match(/[A-Za-z0-9+/=]{12,}/g)
      ?.join('') ?? ''
  const short = pieces.length >= 32 ? pieces : body.replaceAll(/[\s"'`+,\\]/g, '')
  return (
    short.length >= 32 &&
    /^[A-Za-z0-9+/=]+$/.test(short) &&
    /[A-Z]/.test(short) &&
    /[a-z]/.test(short) &&
    /\d/.test(short)
  )
}
