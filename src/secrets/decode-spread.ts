import { gunzipSync, inflateSync } from 'node:zlib'
import type { DecodedText, Range } from './rule.ts'

/** Every secret is longer than this. */
const LEAST = 16
/** How many matches are handled between two pauses. */
const PIECE = 256
/** Longer texts are not searched in these ways, since each way reads the whole text. */
const MOST = 1024 * 1024
/** A secret that is split at a joint extends at most this far from the joint. */
const NEAR = 200

/**
 * Puts together what a text spells in a spread-out form: as a list of numbers, letter by letter, in string literals
 * that are joined, over the ends of lines, in octal escapes, in full-width letters, in base32, or compressed. Yields
 * undefined after each small piece of work.
 */
export function* decodeSpread(text: string): Generator<DecodedText | undefined> {
  if (text.length > MOST) return
  yield* withoutJoints(text)
  yield* numberLists(text)
  for (const { pattern, decode } of RUNS) {
    let count = 0
    for (const { 0: run, index } of text.matchAll(pattern)) {
      if (++count % PIECE === 0) yield
      const decoded = decode(run)
      const range = { start: index, end: index + run.length }
      if (decoded !== undefined) yield { text: decoded, rangeOf: () => range }
    }
    yield
  }
}

const RUNS: readonly { readonly pattern: RegExp; readonly decode: (run: string) => string | undefined }[] = [
  { pattern: /(?<![\w-])(?:[\w-][ \t]){16,}[\w-](?![\w-])/g, decode: (run) => run.replace(/[ \t]/g, '') },
  { pattern: /(?:\\[0-7]{2,3}){16,}/g, decode: (run) => fromCodes(run.slice(1).split('\\'), 8) },
  { pattern: /(?<![0-9a-f])(?:[0-9a-f]{2}){1,8}(?:[ :](?:[0-9a-f]{2}){1,8}){3,}/gi, decode: fromHex },
  { pattern: /[\uff01-\uff5e][\uff01-\uff5e\w.-]{15,}/g, decode: (run) => run.normalize('NFKC') },
  { pattern: /(?<![A-Z0-9])[A-Z2-7]{26,}/g, decode: fromBase32 },
  { pattern: /(?<![\w+/])(?:H4sI|eAE|eF4|eJ|eN)[\w+/-]{20,}/g, decode: inflated },
]

/** A joint: between two string literals, at a line end that is escaped or soft, or characters without width. */
const JOINT =
  /["'`][ \t]{0,40}(?:\\?\r?\n[ \t]{0,40})?[+.&][ \t]{0,40}(?:\r?\n[ \t]{0,40})?["'`]|["'`][ \t]{0,40}\\?\r?\n[ \t]{0,40}["'`]|\\\r?\n[ \t]{0,40}|(?<!=)=\r?\n(?=[\w-])|[\u00ad\u200b-\u200d\u2060\ufeff]+/g

/** The text around joints, with the joints removed. */
function* withoutJoints(text: string): Generator<DecodedText | undefined> {
  const joints: Range[] = []
  let count = 0
  for (const { 0: joint, index } of text.matchAll(JOINT)) {
    if (++count % PIECE === 0) yield
    joints.push({ start: index, end: index + joint.length })
  }
  yield
  if (joints.length === 0) return
  const parts: Part[] = []
  let at = 0
  for (const { start, end } of joints) {
    // In between, far from both joints, no secret can extend over one of them.
    if (start - at > 2 * NEAR) {
      if (parts.length > 0) parts.push({ start: at, end: at + NEAR, isApart: false })
      parts.push({ start: start - NEAR, end: start, isApart: true })
    } else parts.push({ start: at, end: start, isApart: false })
    at = end
  }
  parts.push({ start: at, end: Math.min(text.length, at + NEAR), isApart: false })
  yield assembled(text, parts)
}

interface Part extends Range {
  /** Whether other text lies between this part and the one before. */
  readonly isApart: boolean
}

function assembled(text: string, parts: readonly Part[]): DecodedText {
  const starts = new Uint32Array(parts.reduce((sum, { start, end }) => sum + end - start + 1, 1))
  const pieces: string[] = []
  let length = 0
  for (const { start, end, isApart } of parts) {
    if (isApart) {
      starts[length++] = start
      pieces.push('\n')
    }
    for (let at = start; at < end; at++) starts[length++] = at
    pieces.push(text.slice(start, end))
  }
  return {
    text: pieces.join(''),
    rangeOf: ({ start, end }) => ({ start: starts[start] ?? 0, end: (starts[end - 1] ?? 0) + 1 }),
  }
}

/** Reads lists such as `[103, 104, 112, …]` and `0x67, 0x68, 0x70, …`. */
function* numberLists(text: string): Generator<DecodedText | undefined> {
  let list: string[] = []
  let range: Range = { start: 0, end: 0 }
  let count = 0
  for (const { 0: number, index } of text.matchAll(/(?<![\w.])(?:0x[0-9a-f]{2}|\d{2,3})(?![\w.])/gi)) {
    if (++count % PIECE === 0) yield
    const goesOn = index - range.end <= 40 && /^\s*[,;]?\s*$/.test(text.slice(range.end, index))
    if (!goesOn) {
      yield listed(list, range)
      list = []
      range = { start: index, end: index }
    }
    list.push(number)
    range = { start: range.start, end: index + number.length }
  }
  yield listed(list, range)
}

function listed(list: readonly string[], range: Range): DecodedText | undefined {
  const text = list.length < LEAST ? undefined : fromCodes(list)
  return text === undefined ? undefined : { text, rangeOf: () => range }
}

/** The text for a list of character codes; undefined if one of them is not printable. */
function fromCodes(numbers: readonly string[], base?: number): string | undefined {
  let text = ''
  for (const number of numbers) {
    const code = base === undefined ? Number(number) : Number.parseInt(number, base)
    if (!(code === 9 || code === 10 || code === 13 || (code >= 32 && code < 127))) return undefined
    text += String.fromCharCode(code)
  }
  return text
}

function fromHex(run: string): string | undefined {
  const hex = run.replace(/[ :]/g, '')
  const text = Buffer.from(hex, 'hex').toString('latin1')
  return text.length >= LEAST && /^[\t\n\r -~]*$/.test(text) ? text : undefined
}

/** The most bytes to decompress, since a small text may expand to an enormous one. */
const MOST_INFLATED = 16 * 1024

/** Decompresses gzip and zlib in base64. */
function inflated(run: string): string | undefined {
  const bytes = Buffer.from(run, 'base64')
  try {
    const options = { maxOutputLength: MOST_INFLATED }
    return (run.startsWith('H4sI') ? gunzipSync : inflateSync)(bytes, options).toString('latin1')
  } catch {
    return undefined
  }
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'

function fromBase32(run: string): string | undefined {
  const bytes: number[] = []
  let bits = 0
  let value = 0
  for (const letter of run) {
    value = ((value << 5) | BASE32.indexOf(letter)) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    bytes.push((value >> bits) & 0xff)
  }
  const text = Buffer.from(bytes).toString('latin1')
  return /^[\t\n\r -~]*$/.test(text.slice(0, 64)) ? text : undefined
}
