import { createHash } from 'node:crypto'
import { z } from 'zod'
import { checkEnding, type EndedCheck } from '../text/check-ending.ts'
import { cutText } from '../text/cut-text.ts'
import type { Pieces } from '../time/pieces.ts'

const count = z.int().nonnegative()
const sha256 = z.string().regex(/^[0-9a-f]{64}$/)

/** The named tests of one command. */
const reportedTests = z.object({
  passed: count,
  failed: count,
  skipped: count,
  /** The first names, failed tests before others, then sorted by name. */
  names: z.array(z.object({ name: z.string(), status: z.enum(['passed', 'failed', 'skipped']) })).readonly(),
  /** SHA-256 of all lines `<status> <name as JSON>`, sorted by UTF-16 code units, each with a line feed. */
  sha256,
})

/** One command that was run for the verification. Fields that older receipts lack are optional. */
export const recordedCommand = z.object({
  room: z.enum(['baseline', 'base', 'head', 'regression']),
  purpose: z.enum(['setup', 'check', 'test', 'necessity']),
  /** The files in the workspace: those of the base commit, the whole change, or the change without a part of it. */
  files: z.enum(['base', 'change', 'without_source', 'without_hunk', 'without_configuration']).optional(),
  /** The hunk that was taken back, by its lines in the changed file; only for `without_hunk`. */
  hunk: z.object({ path: z.string(), from: count, to: count }).optional(),
  /** True for a second run on the same files. */
  again: z.boolean().optional(),
  /** Folder of the command's project, relative to the root of the repository; empty for the root. */
  folder: z.string(),
  command: z.string(),
  exitCode: z.int(),
  ended: z.enum(['passed', 'failed', 'flaky', 'cannot_run', 'did_not_end', 'not_started']).optional(),
  durationMs: z.number().nonnegative(),
  /** Digest and size of the output as the host has it: UTF-8, masked, without colours, bounded. */
  log: z.object({ sha256, bytes: count }),
  /** Absent if the names of the tests cannot be read. */
  tests: reportedTests.optional(),
})
export type RecordedCommand = z.infer<typeof recordedCommand>

/** Where and on what a command ran. */
export type CommandPlace = Pick<RecordedCommand, 'room' | 'purpose' | 'files' | 'hunk' | 'again' | 'folder'>

/** A command that the host ran. */
interface RanCommand {
  readonly result: EndedCheck & { readonly command: string; readonly durationMs: number }
  /** Undefined if it was not started, or its output is not known. */
  readonly log?: RecordedCommand['log'] | undefined
  readonly tests?: readonly ReportedTest[] | undefined
}

interface ReportedTest {
  readonly name: string
  readonly status: 'passed' | 'failed' | 'skipped'
}

const MOST_NAMES = 20
const MOST_CHARACTERS = 300

/** The record of a command for a receipt. It is made in pieces, since a command may have 50,000 tests with long names. */
export function* recordCommand(
  place: CommandPlace,
  { result, log, tests }: RanCommand,
): Pieces<RecordedCommand> {
  const { command, exitCode, durationMs } = result
  const { room, purpose, files, hunk, again, folder } = place
  return {
    room,
    purpose,
    files,
    hunk,
    again,
    folder,
    command,
    exitCode,
    ended: checkEnding(result),
    durationMs,
    log: log ?? NOTHING,
    tests: tests && (yield* recordTests(tests)),
  }
}

const NOTHING = { sha256: digestOf(''), bytes: 0 }

/** Summarises tests. Lines begin with the status, and `failed` sorts before `passed` and `skipped`, as readers want it. */
function* recordTests(tests: readonly ReportedTest[]): Pieces<RecordedCommand['tests']> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const lines: TestLine[] = []
  for (const [index, test] of tests.entries()) {
    if (index % PIECE === 0) yield
    counts[test.status]++
    lines.push({ test, line: `${test.status} ${JSON.stringify(test.name)}\n` })
  }
  const sorted = yield* sortLines(lines)
  const names = sorted
    .slice(0, MOST_NAMES)
    .map(({ test: { name, status } }) => ({ name: cutText(name, MOST_CHARACTERS), status }))
  const hash = createHash('sha256')
  for (const [index, { line }] of sorted.entries()) {
    if (index % PIECE === 0) yield
    hash.update(line)
  }
  return { ...counts, names, sha256: hash.digest('hex') }
}

interface TestLine {
  readonly test: ReportedTest
  readonly line: string
}

/** How many tests are handled between two pauses. */
const PIECE = 1024

/** A merge sort in pieces: sorts short stretches, then merges them two by two. */
function* sortLines(lines: readonly TestLine[]): Pieces<readonly TestLine[]> {
  let stretches: TestLine[][] = []
  for (let from = 0; from < lines.length; from += PIECE) {
    const stretch = lines.slice(from, from + PIECE)
    stretches.push(stretch.sort((one, other) => (one.line < other.line ? -1 : 1)))
    yield
  }
  while (stretches.length > 1) {
    const merged: TestLine[][] = []
    for (let at = 0; at < stretches.length; at += 2) {
      merged.push(yield* mergeLines(stretches[at] ?? [], stretches[at + 1] ?? []))
    }
    stretches = merged
  }
  return stretches[0] ?? []
}

function* mergeLines(ones: readonly TestLine[], others: readonly TestLine[]): Pieces<TestLine[]> {
  const merged: TestLine[] = []
  let [left, right] = [0, 0]
  while (merged.length < ones.length + others.length) {
    const [one, other] = [ones[left], others[right]]
    const isOne = other === undefined || (one !== undefined && one.line < other.line)
    if (isOne) left++
    else right++
    const next = isOne ? one : other
    if (next !== undefined) merged.push(next)
    if (merged.length % PIECE === 0) yield
  }
  return merged
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
