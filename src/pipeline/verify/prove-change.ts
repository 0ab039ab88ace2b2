import type { RecordedCommand } from '../../receipts/recorded-command.ts'
import type { Necessity, Regression, RoomFacts } from '../../runs/verification.ts'
import { isTestRun } from '../../verify/is-test-run.ts'
import { noRegression } from '../../verify/join-regressions.ts'
import { judgeCheck } from '../../verify/judge-check.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { inEachRun } from '../../verify/several-runs.ts'
import type { SplitChange } from '../../verify/split-change.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { checkNecessity } from './check-necessity.ts'
import { checkRegression, isEndless, NONE_ENDS, runAhead, type TestsAhead } from './check-regression.ts'
import { runChecksIn } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { createSpareTime, durationOf } from './spare-time.ts'

/** Whether the tests of a change show what it does, and whether they need all of it. Stored as JSON. */
export interface ProofPart {
  readonly regression: Regression
  readonly necessity?: Necessity | undefined
  readonly room?: RoomFacts | undefined
  /** Absent if an older version of Backspace stored the part. */
  readonly commands?: readonly RecordedCommand[] | undefined
}

/** Results of the checks, before the change and on it. */
export interface CheckRuns {
  readonly before: readonly NamedCheck[]
  readonly first: readonly NamedCheck[]
  /** A second run, on the change, of the doubtful checks. */
  readonly again: readonly NamedCheck[]
  /** True if setup fails on the whole change, so that a setup which fails without a part of it shows nothing. */
  readonly setupFailed?: boolean | undefined
}

interface ProofRequest {
  readonly files: readonly VerifiedFile[]
  readonly split: SplitChange
  readonly limits: ProjectFacts['limits']
  readonly runs: CheckRuns
  /** Results of `tryAhead`. */
  readonly ahead: TestsAhead | undefined
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** The proof for a change that needs no room; undefined if one is needed. */
export async function proofWithoutRoom(
  { source, hasTests }: SplitChange,
  { before, first, again }: CheckRuns,
): Promise<ProofPart | undefined> {
  if (source.length === 0) return { regression: noRegression(hasTests ? 'no_source' : 'no_tests') }
  for (const after of first) {
    const { command } = after.result
    const of = (checks: readonly NamedCheck[]) => checks.find(({ result }) => result.command === command)
    const runs = { before: of(before), after, again: of(again) }
    const { verdict } = await judgeCheck({ command, folder: '', ...runs })
    if (verdict === 'newly_failing')
      return { regression: noRegression('skipped', 'a check newly fails on it') }
  }
  if (!hasTests && testsOf(first).length === 0) return { regression: noRegression('no_tests') }
  if (testsOf(first).length > 0 || (hasTests && endlessOf(first).length > 0)) return undefined
  return { regression: noRegression('skipped', NONE_ENDS) }
}

/** The checks that run tests, at least one of them passing. */
function testsOf(checks: readonly NamedCheck[]): readonly NamedCheck[] {
  return checks.filter((check) => {
    const passes = check.tests?.some(({ status }) => status === 'passed') ?? check.result.exitCode === 0
    return passes && isTestRun(check)
  })
}

/** The checks that run too many tests for their time limit. The tests of the change alone may end in time. */
function endlessOf(checks: readonly NamedCheck[]): readonly NamedCheck[] {
  return checks.filter((check) => isEndless(check) && isTestRun(check))
}

/**
 * Does the first part of `proveChange` in its room, while the checks still run elsewhere.
 *
 * @param request.before results before the change. Checks that ran tests then are likely to run them now.
 */
export async function tryAhead(
  room: Room,
  { before, ...request }: Omit<ProofRequest, 'files' | 'runs' | 'ahead'> & Pick<CheckRuns, 'before'>,
): Promise<TestsAhead | undefined> {
  const { split, limits, readReport, signal, leftMs } = request
  const tests = [...testsOf(before), ...endlessOf(before)]
  if (!split.hasTests || room.project.setupFailed || tests.length === 0) return undefined
  const earlierOf = (command: string) => tests.find(({ result }) => result.command === command)
  const run = runChecksIn(room, { limits, earlierOf, readReport, signal, leftMs })
  return runAhead(room, { tests, split, run })
}

/** Proves a change by its tests. @param room has the change without its source, or all of it if the change has no tests. */
export async function proveChange(room: Room, request: ProofRequest): Promise<ProofPart> {
  const { files, split, limits, runs, ahead, readReport, signal, leftMs } = request
  if (room.project.setupFailed && runs.setupFailed !== true) {
    const regression = noRegression('skipped', 'setup fails without its source')
    return { regression, room: room.facts(), commands: room.commands.all() }
  }
  const ending = steady(testsOf(runs.first), runs.again)
  const tests = [...ending, ...endlessOf(runs.first)]
  if (tests.length === 0) {
    const regression = noRegression('skipped', 'the checks that run tests are flaky')
    return { regression, room: room.facts(), commands: room.commands.all() }
  }
  const known = new Map(tests.map((check) => [check.result.command, check]))
  const earlierOf = (command: string) => known.get(command)
  const run = runChecksIn(room, { limits, earlierOf, readReport, signal, leftMs })
  const whole = ending.map((check) => ({ command: check.result.command, onChange: check, whole: check }))
  const againMs = room.setUpAgain ? room.facts().setupMs : 0
  const spare = createSpareTime({ ms: spareMs(room, tests), leftMs, againMs })
  const found = split.hasTests
    ? await checkRegression(room, { files, split, before: runs.before, tests, ahead, run, spare, signal })
    : { regression: noRegression('no_tests'), runs: whole, notices: [] }
  for (const { command, onChange } of found.runs) known.set(command, onChange)
  const { notices } = found
  const necessity = await checkNecessity(room, {
    hunks: split.source,
    runs: found.runs,
    notices,
    run,
    spare,
    signal,
  })
  return { regression: found.regression, necessity, room: room.facts(), commands: room.commands.all() }
}

/** Merges two runs on the change: a test that does not pass in both counts as failing. */
function steady(tests: readonly NamedCheck[], again: readonly NamedCheck[]): readonly NamedCheck[] {
  return tests.flatMap((first) => {
    const second = again.find(({ result }) => result.command === first.result.command)
    if (second === undefined) return [first]
    const isUnclear = first.tests === undefined && first.result.exitCode !== second.result.exitCode
    return isUnclear ? [] : [inEachRun('passed', [first, second])]
  })
}

const LEAST_SPARE_MS = 10_000

/** Milliseconds to spare: half the time of setup and checks, so that the verification takes little longer than these. */
function spareMs(room: Room, tests: readonly NamedCheck[]): number {
  return Math.max(LEAST_SPARE_MS, (room.facts().setupMs + durationOf(tests)) / 2)
}
