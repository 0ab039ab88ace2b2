import { createKeywordFinder } from './keyword-finder.ts'
import type { Range } from './rule.ts'

/** Finds the credentials of this service in a text, in every usual spelling. */
export type FindKnown = (text: string) => readonly Range[]

/** A shorter value could be an ordinary word. */
const LEAST_LENGTH = 6
/** Shorter encodings are too common. Base64 of six characters has eight. */
const LEAST_ENCODED = 8
/** How many characters of a value are searched for. The rest is compared wherever these are found. */
const ANCHOR = 12

/**
 * Prepares the search for exact values.
 *
 * @param values values with fewer than 6 characters are ignored. If a value has several lines, such as a private key,
 * each long line is searched for as well.
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

/** The prepared search for each list of secrets. Preparing one takes longer than searching most texts. */
const KNOWN = new WeakMap<readonly string[], FindKnown>()

/** Returns the prepared search for a list that does not change, and prepares it only once. */
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

/**
 * The usual spellings of a value. Values that are encoded in part or in another way are found in the decoded text; see
 * `decode-text.ts`.
 */
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

/** The base64 of a text depends on what surrounds it. This returns the part that does not. */
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
