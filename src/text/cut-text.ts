/** Cuts a text that is longer than `max` UTF-16 units and ends it with `…`. The result has at most `max` units. */
export function cutText(text: string, max: number): string {
  return text.length <= max ? text : `${wholeStart(text, max - 1).trimEnd()}…`
}

/**
 * The longest start of a text within `max` UTF-16 units that does not cut a character as people see it: an emoji of
 * several code points, a letter with its marks, a flag.
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

/**
 * The text without the word at its end, which may have been cut off in part: the rest of a token no longer looks like
 * one, so it would not be masked. A word here is any run of characters that tokens and addresses consist of. One that
 * is longer than any token is kept.
 */
export function withoutBrokenEnd(text: string): string {
  let end = text.length
  while (end > 0 && isOfWord(text.charCodeAt(end - 1))) {
    end--
    if (text.length - end > LONGEST_TOKEN) return text
  }
  return text.slice(0, end)
}

/** The text without the word at its beginning, whose start may have been cut off. */
export function withoutBrokenStart(text: string): string {
  let start = 0
  while (start < text.length && isOfWord(text.charCodeAt(start))) {
    start++
    if (start > LONGEST_TOKEN) return text
  }
  return text.slice(start)
}

function isOfWord(unit: number): boolean {
  return unit > 32 && unit < 127 && !NOT_OF_WORDS.has(unit)
}

/** Characters that end a token in code, JSON, shells and prose. */
const NOT_OF_WORDS = new Set([...'"\'`<>(){}[],;|'].map((character) => character.charCodeAt(0)))
const LONGEST_TOKEN = 8192

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A family of four with skin tones has 19 units. Anything longer than this limit is cut. */
const LONGEST_CHARACTER = 64
