import { decodeSpread } from './decode-spread.ts'
import type { DecodedText, Range } from './rule.ts'

const ESCAPE_AHEAD = /%[0-9A-Fa-f]{2}|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|&(?:#|amp;|quot;|lt;|gt;)/g
const ESCAPE =
  /%([0-9A-Fa-f]{2})|\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([nrt"'/\\]))|&(?:#(\d{1,6})|#[xX]([0-9A-Fa-f]{1,5})|(amp|quot|lt|gt|apos));/g
/** A secret with an escape in it extends at most this far from the escape. */
const NEAR = 300
/** Shortest run to decode: 18 bytes. A shorter text is not a secret. */
const LEAST_RUN = 24
const WRAPPED_LINE = 60

/** How many escapes or runs are handled between two pauses. */
const PIECE = 256

/**
 * Decodes a text in several ways: without the zero bytes of UTF-16, without escapes, and each run of base64 or hex.
 * Yields undefined after each small piece of work.
 */
export function* decodeText(text: string): Generator<DecodedText | undefined> {
  yield* withoutZeros(text)
  yield* withoutEscapes(text)
  yield* decodedRuns(text)
  yield* decodeSpread(text)
}

/** Decodes UTF-16: ordinary text that was read as single bytes has a zero byte at every other place. */
function* withoutZeros(text: string): Generator<DecodedText> {
  if (!text.includes('\0')) return
  const starts = new Uint32Array(text.length + 1)
  let length = 0
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) !== 0) starts[length++] = at
  yield mapped(text.replaceAll('\0', ''), starts)
}

/**
 * Decodes `%67`, `\u0067`, `\x67` and `&#103;`, with the text around them, even if only some characters are escaped.
 */
function* withoutEscapes(text: string): Generator<DecodedText | undefined> {
  const parts = yield* around(text)
  if (parts.length === 0) return
  const starts = new Uint32Array(parts.reduce((sum, { start, end }) => sum + end - start + 1, 1))
  const pieces: string[] = []
  let length = 0
  const add = (piece: string, at: number, step: 0 | 1) => {
    for (let index = 0; index < piece.length; index++) starts[length++] = at + index * step
    pieces.push(piece)
  }
  for (const { start, end } of parts) {
    const part = text.slice(start, end)
    let last = 0
    let count = 0
    for (const match of part.matchAll(ESCAPE)) {
      if (++count % PIECE === 0) yield
      add(part.slice(last, match.index), start + last, 1)
      add(unescaped(match), start + match.index, 0)
      last = match.index + match[0].length
    }
    add(part.slice(last), start + last, 1)
    add('\n', end, 0)
    yield
  }
  yield mapped(pieces.join(''), starts)
}

/** The parts of a text that are near an escape. */
function* around(text: string): Generator<undefined, readonly Range[]> {
  const parts: Range[] = []
  let count = 0
  for (const { index } of text.matchAll(ESCAPE_AHEAD)) {
    if (++count % PIECE === 0) yield
    const last = parts.at(-1)
    const end = Math.min(text.length, index + NEAR)
    if (last && index - NEAR <= last.end) parts[parts.length - 1] = { start: last.start, end }
    else parts.push({ start: Math.max(0, index - NEAR), end })
  }
  return parts
}

const CONTROLS: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', quot: '"', lt: '<', gt: '>', apos: "'" }

function unescaped([
  whole,
  percent,
  unicode,
  byte,
  single,
  decimal,
  entityHex,
  entity,
]: RegExpExecArray): string {
  const hex = percent ?? unicode ?? byte ?? entityHex
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
  if (hex !== undefined || decimal !== undefined) return code > 0xffff ? whole : String.fromCharCode(code)
  return single === undefined ? (ENTITIES[entity ?? ''] ?? whole) : (CONTROLS[single] ?? single)
}

function mapped(text: string, starts: Uint32Array): DecodedText {
  return {
    text,
    rangeOf: ({ start, end }) => {
      const first = starts[start] ?? 0
      const last = starts[end - 1] ?? first
      const next = starts[end] ?? 0
      return { start: first, end: next > last ? next : last + 1 }
    },
  }
}

function* decodedRuns(text: string): Generator<DecodedText | undefined> {
  const runs: Range[] = []
  for (let run = nextRun(text, 0); run !== undefined; run = nextRun(text, run.end)) {
    const last = runs.at(-1)
    // Base64 is often wrapped after 64 or 76 characters.
    const wrapped = last && run.start - last.end <= 2 && last.end - last.start >= WRAPPED_LINE
    if (wrapped && /^\r?\n$/.test(text.slice(last.end, run.start)))
      runs[runs.length - 1] = { start: last.start, end: run.end }
    else runs.push(run)
  }
  for (const range of runs) {
    const plain = decodeRun(text.slice(range.start, range.end).replaceAll(/\s/g, ''))
    yield plain === undefined ? undefined : { text: plain, rangeOf: () => range }
  }
}

/**
 * Whether a character may be in a run: letters, digits, and the other characters of base64 and of its variant for URLs.
 */
const IN_RUN = Uint8Array.from({ length: 128 }, (_, code) =>
  Number(/[A-Za-z0-9+/_-]/.test(String.fromCharCode(code))),
)

/** Finds the next run. It looks at the end of a possible run first, so ordinary words are skipped quickly. */
function nextRun(text: string, from: number): Range | undefined {
  const isIn = (at: number) => IN_RUN[text.charCodeAt(at)] === 1
  let start = from
  while (start + LEAST_RUN <= text.length) {
    let at = start + LEAST_RUN - 1
    while (at >= start && isIn(at)) at--
    if (at >= start) start = at + 1
    else {
      let end = start + LEAST_RUN
      while (end < text.length && isIn(end)) end++
      return { start, end }
    }
  }
  return undefined
}

/** The decoded run of base64 or hex, if that is text. Its first characters may belong to what comes before it. */
function decodeRun(run: string): string | undefined {
  if (/^[0-9a-f]+$/i.test(run)) {
    const text = Buffer.from(run, 'hex').toString('latin1')
    return isReadable(text) ? text : undefined
  }
  for (let shift = 0; shift < 4; shift++) {
    const head = Buffer.from(run.slice(shift, shift + 64), 'base64').toString('latin1')
    if (isReadable(head)) return Buffer.from(run.slice(shift), 'base64').toString('latin1')
  }
  return undefined
}

/** Whether a text is printable ASCII, or UTF-16 of that. */
function isReadable(text: string): boolean {
  const head = text.slice(0, 48)
  let readable = 0
  for (let at = 0; at < head.length; at++) {
    const code = head.charCodeAt(at)
    if ((code >= 32 && code < 127) || code === 9 || code === 10 || code === 13 || code === 0) readable++
  }
  return head.length >= 16 && readable >= head.length * 0.95
}
