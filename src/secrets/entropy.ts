/** Shannon's entropy of the characters of a text, in bits per character: 0 for `aaaa`, 6 at most for base64. */
export function entropyOf(text: string): number {
  const counts = new Uint32Array(128)
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at) & 127
    counts[code] = (counts[code] ?? 0) + 1
  }
  let bits = 0
  for (const count of counts) if (count > 0) bits -= (count / text.length) * Math.log2(count / text.length)
  return bits
}

/** Whether neighbours in the alphabet, repeats and short periods make up most of it: `abcdef…`, `0123…`, `a1a1a1…`. */
export function isSequence(text: string): boolean {
  if (text.length < 8) return false
  const steps = (period: number) => {
    let near = 0
    for (let at = period; at < text.length; at++) {
      const step = text.charCodeAt(at) - text.charCodeAt(at - period)
      if (step === 0 || (period === 1 && Math.abs(step) === 1)) near++
    }
    return near / (text.length - period)
  }
  return [1, 2, 3, 4, 6, 8, 10].some((period) => period * 2 <= text.length && steps(period) > 0.75)
}
