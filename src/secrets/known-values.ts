import { createKeywordFinder } from './keyword-finder.ts'
import type { Range } from './rule.ts'

/** Finds the credentials of this service in text, in every usual spelling. */
export type FindKnown = (text: string) => readonly Range[]

/** Shorter values are ordinary words. */
const LEAST_LENGTH = 6
/** Shorter encodings than this are too common; base64 of six characters has eight. */
const LEAST_ENCODED = 8
/** So much of a value is looked for at once; the rest is compared where that lies. */
const ANCHOR = 12

/**
 * @param values exact secrets; those under 6 characters are ignored. Of a value with several lines, such as a private
 * key, each long line counts, too.
 */
export function createFindKnown(values: Iterable<string>): FindKnown {
  const spelled = new Set([...values].flatMap(withLines).filter(isLongEnough).flatMap(spellings))
  const anchors = Map.groupBy(spelled, (spelling) => spelling.slice(0, ANCHOR))
  const keywords = [...anchors.keys()]
  const find = createKeywordFinder(keywords, { ignoreCase: false })
  if (keywords.length === 0) return () => []

  return (text) => {
    const ranges: Range[] = []
    find(text, (keyword, start) => {
      for (const spelling of anchors.get(keywords[keyword] ?? '') ?? [])
        if (text.startsWith(spelling, start)) ranges.push({ start, end: start + spelling.length })
    })
    return ranges
  }
}

/** For each list of secrets, how to find them: to prepare the search takes longer than to search most texts. */
const KNOWN = new WeakMap<readonly string[], FindKnown>()

/** The same for a list that does not change; one list is prepared once. */
export function findKnownOf(secrets: readonly string[]): FindKnown {
  const findKnown = KNOWN.get(secrets) ?? createFindKnown(secrets)
  KNOWN.set(secrets, findKnown)
  return findKnown
}

function withLines(value: string): readonly string[] {
  const lines = value.split(/\r?\n/).filter((line) => line.length >= 20 && !line.startsWith('-----'))
  return [value, ...lines]
}

function isLongEnough(value: string): boolean {
  return value.trim().length >= LEAST_LENGTH && !'[redacted]'.includes(value)
}

/** Values that are encoded in part or in another way are found in the decoded text: `decode-text.ts`. */
function spellings(value: string): readonly string[] {
  const bytes = Buffer.from(value)
  const hex = bytes.toString('hex')
  const base64 = [0, 1, 2].flatMap((shift) => shiftedBase64(bytes, shift))
  const encoded = [
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    hex,
    hex.toUpperCase(),
    encodeURIComponent(value),
    encodeURI(value),
    JSON.stringify(value).slice(1, -1),
    JSON.stringify(JSON.stringify(value).slice(1, -1)).slice(1, -1),
    escapeHtml(value),
    [...value].reverse().join(''),
  ]
  return [value, ...encoded.filter((text) => text.length >= LEAST_ENCODED)]
}

/** Base64 of a text depends on what surrounds it: this is the part that does not. */
function shiftedBase64(bytes: Buffer, shift: number): readonly string[] {
  const whole = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '')
  const first = shift === 0 ? 0 : shift + 1
  const isComplete = (bytes.length + shift) % 3 === 0
  return [whole.slice(first, isComplete ? undefined : -1)]
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}
