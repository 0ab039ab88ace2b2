import { matchEnd } from './match-rule.ts'
import type { Range } from './rule.ts'

const BEGIN = /-----BEGIN[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?-----/iy
const END = /-----END[ A-Z0-9_-]{0,100}-----/iy
/** A line of a key, with what surrounds it in source code or in a log. */
const LINES =
  /(?:(?:\s|\\[nrt\\]|["'`,+>#*|;()]){0,24}(?:[A-Z][A-Za-z-]{2,20}: [^\n\\]{1,120}|[A-Za-z0-9+/=]{16,4000}))+/y
const MOST_BODY = 65_536

/**
 * A private key: what begins like one and holds what could be one, so that a sentence about the first line is none.
 * Without an end it reaches as far as its lines do, and never swallows the text behind them.
 */
export function findPrivateKey(text: string, at: number): Range | undefined {
  const body = matchEnd(BEGIN, text, at)
  if (body === undefined) return undefined
  // The next line of dashes ends it, so that no part of a text is looked at twice.
  const dashes = text.indexOf('-----', body)
  const last = dashes === -1 ? text.length : dashes
  const closed = dashes === -1 || last - body > MOST_BODY ? undefined : matchEnd(END, text, dashes)
  if (closed !== undefined && isKeyLike(text.slice(body, last))) return { start: at, end: closed }
  const lines = matchEnd(LINES, text.slice(0, Math.min(last, body + MOST_BODY)), body)
  return lines !== undefined && holdsKey(text.slice(body, lines)) ? { start: at, end: lines } : undefined
}

/** Between two marks a part of a key is enough, but a word such as `and` is not. */
function isKeyLike(body: string): boolean {
  const plain = body.replaceAll(/\\[nrt]/g, '\n').replaceAll(/[\s"'`+,\\]/g, '')
  return (
    holdsKey(body) || (/^[A-Za-z0-9+/=]+$/.test(plain) && /^[\s\\"'`]/.test(body) && /[A-Z\d]/.test(plain))
  )
}

/** The shortest key, of Ed25519, has 64 characters; in source code it may be in pieces. */
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
