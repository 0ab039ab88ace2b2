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

/**
 * The text without the word that it ends with, because more of that word may have been cut off: what is left of a token
 * no longer looks like one, and would be shown. Words are what tokens and addresses are made of; a longer one than any
 * token is kept.
 */
export function withoutBrokenEnd(text: string): string {
  let end = text.length
  while (end > 0 && isOfWord(text.charCodeAt(end - 1))) {
    end--
    if (text.length - end > LONGEST_TOKEN) return text
  }
  return text.slice(0, end)
}

/** The text without the word that it begins with, because the start of that word may have been cut off. */
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
/** A family of four with skin tones has 19; what is longer is cut. */
const LONGEST_CHARACTER = 64
