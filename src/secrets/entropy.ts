/** How often each character occurs in the text that is measured; all 0 between two calls. */
const COUNTS = new Uint32Array(128)
/**
 * What a character adds that occurs this often. Entropy is computed for every possible secret, so logarithms are looked
 * up.
 */
const WEIGHTS = Float64Array.from({ length: 512 }, (_, count) => (count === 0 ? 0 : count * Math.log2(count)))

/**
 * Shannon's entropy of the characters of a text, in bits per character: 0 for `aaaa`, at most 6 for base64. Only the
 * lower seven bits of each character count.
 */
export function entropyOf(text: string): number {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) & 127
    COUNTS[code] = (COUNTS[code] ?? 0) + 1
  }
  let weight = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) & 127
    const count = COUNTS[code] ?? 0
    weight += WEIGHTS[count] ?? count * Math.log2(count)
    COUNTS[code] = 0
  }
  return text.length === 0 ? 0 : Math.log2(text.length) - weight / text.length
}

/**
 * Whether a text is mostly one character, or two in turn, or follows the alphabet: `aaaa…`, `a1a1…`, `abcdef…`,
 * `0123…`.
 */
export function isSequence(text: string): boolean {
  if (text.length < 8) return false
  let near = 0
  for (let at = 2; at < text.length; at++) {
    const step = text.charCodeAt(at) - text.charCodeAt(at - 1)
    if (Math.abs(step) <= 1 || text.charCodeAt(at) === text.charCodeAt(at - 2)) near++
  }
  return near / (text.length - 2) > 0.75
}
