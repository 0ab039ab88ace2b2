import { matchEnd } from './match-rule.ts'
import type { Range } from './rule.ts'

/** The beginning of both parts of a token, since `{"` in base64 begins with `ey`. */
const HEADER = /ey[A-Za-z0-9_-]{10,}$/
const PAYLOAD = /\.ey[A-Za-z0-9/_-]{10,8000}(?:\.[A-Za-z0-9_-]*){1,3}/y
/** Headers that contain a certificate can be this long. */
const MOST_HEADER = 4000

/**
 * Finds a JSON web token, signed or not, by the `.ey` at the start of its second part. The first part has no dot, so
 * the text before each dot is examined only once.
 */
export function findJsonWebToken(text: string, dot: number): Range | undefined {
  let start = dot
  while (start > 0 && dot - start < MOST_HEADER && isTokenCharacter(text.charCodeAt(start - 1))) start--
  const header = HEADER.exec(text.slice(start, dot))
  const end = header && matchEnd(PAYLOAD, text, dot)
  return header && end ? { start: start + header.index, end } : undefined
}

function isTokenCharacter(code: number): boolean {
  const isLetter = (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
  return isLetter || (code >= 48 && code <= 57) || code === 45 || code === 95
}
