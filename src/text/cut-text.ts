/** `…` at the end of a text that is longer than `max` UTF-16 units; the result has at most that many. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${wholeStart(text, max - 1).trimEnd()}…`
}

/**
 * The longest start of a text within `max` UTF-16 units that cuts no character as people see it: an emoji of several
 * code points, a letter with its marks, a flag.
 */
export function wholeStart(text: string, max: number): string {
  if (text.length <= max) return text
  let end = 0
  for (const { index, segment } of SEGMENTER.segment(text.slice(0, max + LONGEST_CHARACTER))) {
    if (index + segment.length > max) break
    end = index + segment.length
  }
  return end > 0 ? text.slice(0, end) : text.slice(0, max).toWellFormed()
}

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A family of four with skin tones has 19; what is longer is cut. */
const LONGEST_CHARACTER = 64
