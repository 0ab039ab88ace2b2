import { holdsKey } from './find-private-key.ts'
import { matchEnd } from './match-rule.ts'
import type { Range } from './rule.ts'

const END = /-----END[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?-----/iy
/** A key with its first line has a rule of its own. */
const BEGIN_END = /-----BEGIN[ A-Z0-9_-]{0,100}?PRIVATE KEY(?: BLOCK)?$/i
/**
 * A line of base64, with what surrounds it in a diff, in source code or in a log. A plus may be part of all three: the
 * base64 does not begin with one and takes those at its end, so there is one way to read a line.
 */
const LINE =
  /^(?=.*[A-Za-z0-9+/=])[\s"'`,+>#*|;()-]{0,24}(?:(?!\+)[A-Za-z0-9+/=]{1,4000}(?:[\s"'`,>#*|;()\\][\s"'`,+>#*|;()\\]{0,23})?)?$/
const MOST_BODY = 16_384

/**
 * The rest of a private key whose beginning was cut off, as at the start of the tail of a long output: lines of base64
 * and the last line of a key.
 *
 * @param at where the last line begins.
 */
export function findKeyRest(text: string, at: number): Range | undefined {
  const end = matchEnd(END, text, at)
  if (end === undefined) return undefined
  const before = text.slice(Math.max(0, at - MOST_BODY), at)
  // Lines of dashes end the search, so that no part of a text is looked at twice.
  const dashes = before.lastIndexOf('-----')
  if (BEGIN_END.test(before.slice(Math.max(0, dashes - 140), Math.max(0, dashes)))) return undefined
  // In source code a line end may be spelled out. The length stays the same.
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
