import { holdsKey } from './find-private-key.ts'
import { matchEnd } from './match-rule.ts'
import type { Range } from './rule.ts'

const END = /-----END[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?-----/iy
/** The start of a line that begins a key. A key that has its first line is left to another rule. */
const BEGIN_END = /-----BEGIN[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?$/i
/**
 * A line of base64, with what surrounds it in a diff, in source code or in a log. A plus may belong to any of the
 * three. Here the base64 never begins with one, and includes those at its end, so there is only one way to read a line.
 */
const LINE =
  /^(?=.*[A-Za-z0-9+/=])[\s"'`,+>#*|;()-]{0,24}(?:(?!\+)[A-Za-z0-9+/=]{1,4000}(?:[\s"'`,>#*|;()\\][\s"'`,+>#*|;()\\]{0,23})?)?$/
const MOST_BODY = 16_384

/**
 * Finds the rest of a private key whose beginning was cut off, as at the start of the tail of a long output: lines of
 * base64, then the last line of a key.
 *
 * @param at where the last line begins.
 */
export function findKeyRest(text: string, at: number): Range | undefined {
  const end = matchEnd(END, text, at)
  if (end === undefined) return undefined
  const before = text.slice(Math.max(0, at - MOST_BODY), at)
  // A line of dashes ends the search, so no part of a text is examined twice.
  const dashes = before.lastIndexOf('-----')
  if (BEGIN_END.test(before.slice(Math.max(0, dashes - 140), Math.max(0, dashes)))) return undefined
  // In source code, a line end may be written as `
  // `. The replacement has the same length.
  const lines = before
    .slice(dashes + 1)
    .replaceAll('\\n', ' \n')
    .split('\n')
  let length = lines.pop()?.length ?? 0
  const body: string[] = []
  for (const line of lines.reverse()) {
    if (!LINE.test(line)) break
    body.push(line)
    length += line.length + 1
  }
  return holdsKey(body.join('\n')) ? { start: at - length, end } : undefined
}
