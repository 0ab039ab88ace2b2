import type { TestMarks } from '../../test-marks.ts'
import type { ReadFile } from '../change/guarded-change.ts'

const MOST_LINES = 20_000

/**
 * True for a removed test whose every line was in the file twice, one after another, and is still there: it said nothing that the other
 * one does not say.
 */
export function isRepeated(lines: readonly string[], { file }: ReadFile, { test }: TestMarks): boolean {
  const body = tellingLines(lines.filter((line) => !test.test(line)))
  if (!file.bytes || !file.before || body.length < LEAST) return false
  return timesIn(file.before, body) > 1 && timesIn(file.bytes, body) > 0
}

/** Fewer lines say too little to tell a test. */
const LEAST = 3

function timesIn(bytes: Uint8Array, body: readonly string[]): number {
  const all = tellingLines(Buffer.from(bytes).toString('utf8').split('\n', MOST_LINES))
  const [first = ''] = body
  return all.filter((line, at) => line === first && body.every((one, index) => all[at + index] === one))
    .length
}

/** Lines with words, without those that only close a block. */
function tellingLines(lines: readonly string[]): readonly string[] {
  return lines.map((line) => line.trim()).filter((line) => /\w/.test(line) && !/^end$/.test(line))
}
