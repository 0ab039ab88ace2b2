import { promisify } from 'node:util'
import { deflate, inflate } from 'node:zlib'
import { inTurns, type Pieces } from '../../time/pieces.ts'
import type { NamedTest } from './named-test.ts'

/** Bytes; more are not stored, such as 50,000 tests with names of 1,000 characters. */
const MAX_BYTES = 32 * 1024 * 1024

const STATUSES: readonly unknown[] = ['passed', 'failed', 'skipped'] satisfies NamedTest['status'][]

/** @throws for any other JSON. Checked in place, because a schema would create 50,000 objects twice. */
function parseTests(json: string): readonly NamedTest[] {
  const tests: unknown = JSON.parse(json)
  if (Array.isArray(tests) && tests.every(isTest)) return tests
  throw new TypeError('These are no tests')
}

function isTest(value: unknown): value is NamedTest {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('status' in value)) return false
  const file = 'file' in value ? value.file : undefined
  return (
    typeof value.name === 'string' &&
    STATUSES.includes(value.status) &&
    (file === undefined || typeof file === 'string')
  )
}

/** Characters that are written or read between two pauses, which takes a millisecond. */
const PIECE = 64 * 1024

/** Writes tests as JSON with one test per line, so that other work can go on between two lines. */
export function* writeTests(tests: readonly NamedTest[]): Pieces<string> {
  const parts: string[] = []
  let written = 0
  for (const test of tests) {
    const text = JSON.stringify(test)
    parts.push(text)
    written += text.length
    if (written < PIECE) continue
    written = 0
    yield
  }
  return `[\n${parts.join(',\n')}\n]`
}

/** Reads what `writeTests` wrote. @throws for any other text. */
export function* readTests(text: string): Pieces<readonly NamedTest[]> {
  const tests: NamedTest[] = []
  // Earlier versions of Backspace wrote one line.
  if (!text.startsWith('[\n')) return parseTests(text)
  for (let from = 2; from < text.length - 1; ) {
    const lineEnd = text.indexOf('\n', from + PIECE)
    const to = lineEnd === -1 ? text.length - 1 : lineEnd
    const lines = text.slice(from, to).trimEnd()
    tests.push(...parseTests(`[${lines.endsWith(',') ? lines.slice(0, -1) : lines}]`))
    from = to + 1
    yield
  }
  return tests
}

/** Packs the tests of one check into bytes to store; undefined if there are too many. */
export async function packTests(tests: readonly NamedTest[]): Promise<Uint8Array | undefined> {
  const text = Buffer.from(await inTurns(writeTests(tests)))
  return text.byteLength > MAX_BYTES ? undefined : promisify(deflate)(text)
}

/** @returns undefined for bytes that `packTests` did not write. */
export async function unpackTests(bytes: Uint8Array): Promise<readonly NamedTest[] | undefined> {
  try {
    const text = await promisify(inflate)(bytes, { maxOutputLength: MAX_BYTES })
    return await inTurns(readTests(text.toString()))
  } catch {
    return undefined
  }
}
