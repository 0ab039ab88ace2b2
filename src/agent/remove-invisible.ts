/**
 * Characters that a reader on GitHub does not see but a model reads: format and tag characters, variation
 * selectors, blank letters, control characters but tab and newline.
 */
const INVISIBLE = [
  /[\p{Cf}\p{Co}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0]/gu,
  /[\u{e0000}-\u{e0fff}]|[\ufe00-\ufe0f]|\u034f|[\u180b-\u180f]/gu,
  /(?![\t\n])\p{Cc}/gu,
] as const

/** Takes them out of text that others wrote. Idempotent. */
export function removeInvisible(text: string): string {
  return INVISIBLE.reduce((rest, hidden) => rest.replaceAll(hidden, ''), text.replaceAll('\r\n', '\n'))
}
