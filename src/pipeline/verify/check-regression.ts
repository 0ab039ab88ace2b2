import { isDeepStrictEqual } from 'node:util'
import type { Regression } from '../../runs/verification.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { breathe } from '../../time/breathe.ts'
import { joinRegressions, noRegression } from '../../verify/join-regressions.ts'
import { judgeRegression } from '../../verify/judge-regression.ts'
import { narrowCheck } from '../../verify/narrow-check.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { inBoth, inEachRun, type Notice, noticeOf } from '../../verify/several-runs.ts'
import { onChange } from '../../verify/source-hunks.ts'
import type { SplitChange } from '../../verify/split-change.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'
import type { SpareTime } from './spare-time.ts'

/** A check that runs tests, or a part of it, as it ran on the change. */
export interface TestRun {
  readonly command: string
  readonly onChange: NamedCheck
  /** The whole check to which it belongs. */
  readonly whole: NamedCheck
}

interface RegressionRequest {
  readonly files: readonly VerifiedFile[]
  readonly split: SplitChange
  /** Results of the checks before the change. */
  readonly before: readonly NamedCheck[]
  /** Results of test runs on the change; a test counts as passed if it always passes. Of a run that did not end, only a part runs. */
  readonly tests: readonly NamedCheck[]
  /** Results of tests that already ran in the same room. */
  readonly ahead: TestsAhead | undefined
  readonly run: RunInRoom
  /** Time for a second run of tests that fail. */
  readonly spare: SpareTime
  readonly signal: AbortSignal
}

/** What one check noticed. */
export interface CheckNotice extends Notice {
  readonly command: string
}

/** Results of tests that ran in the room without the source before it was known which tests count. */
export interface TestsAhead {
  readonly commands: readonly string[]
  readonly checks: readonly NamedCheck[]
}

interface FoundRegression {
  readonly regression: Regression
  /** The tests as they ran on the change, for comparison with runs without a part of it. */
  readonly runs: readonly TestRun[]
  /** What the tests noticed when all source was missing. */
  readonly notices: readonly CheckNotice[]
}

/**
 * Runs the tests of a change in a room that has the change without its source, and then on the whole change, which stays
 * in the room. If a runner takes files, only the tests of the change run. Tests that fail without the source run once
 * more, since a flaky test shows nothing.
 */
export async function checkRegression(
  room: Room,
  { files, split, before, tests, ahead, run, spare, signal }: RegressionRequest,
): Promise<FoundRegression> {
  const { testFiles } = split
  const { chosen, isNarrow } = await chooseTests(room, { tests, split })
  if (chosen.length === 0) return { regression: noRegression('skipped', NONE_ENDS), runs: [], notices: [] }
  const commands = chosen.map(({ command }) => command)
  const isAhead = ahead !== undefined && isDeepStrictEqual(ahead.commands, commands)
  const once = isAhead ? ahead.checks : await run(commands, WITHOUT_SOURCE)
  const doubtful: NamedCheck[] = []
  for (const [index, { whole }] of chosen.entries()) {
    await breathe()
    const found = once[index]
    if (found !== undefined && noticeOf(whole, found)?.isDoubtful) doubtful.push(found)
  }
  const doubted = doubtful.map(({ result }) => result.command)
  const twice = spare.fits(doubtful) ? await run(doubted, { ...WITHOUT_SOURCE, again: true }) : []
  spare.spend(twice)
  await putFiles(room, files.flatMap(onChange), { on: { files: 'change' }, signal })
  const again = isNarrow ? await run(commands, { purpose: 'test', files: 'change' }) : []
  const judged: Regression[] = []
  const runs: TestRun[] = []
  const notices: CheckNotice[] = []
  for (const [index, { whole, command }] of chosen.entries()) {
    const first = once[index]
    if (first === undefined) continue
    const second = twice.find(({ result }) => result.command === command)
    const base = second === undefined ? first : inEachRun('failed', [first, second])
    const now = again[index]
    const head = now === undefined ? whole : isEndless(whole) ? now : inEachRun('passed', [whole, now])
    const earlier = before.find(({ result }) => result.command === whole.result.command)
    judged.push(await judgeRegression({ base, head, before: earlier, testFiles }))
    runs.push({ command, onChange: head, whole })
    const notice = noticeOf(head, first)
    const sure = notice?.isDoubtful && second !== undefined ? inBoth(notice, noticeOf(head, second)) : notice
    if (sure !== undefined) notices.push({ ...sure, command })
  }
  return { regression: joinRegressions(judged), runs, notices }
}

/** Why tests prove nothing about a change, as the rest of a sentence. */
export const NONE_ENDS = 'no check of the repository runs tests and ends'

/** Whether a check ran into its time limit, so that its output says nothing about tests. */
export function isEndless({ result }: NamedCheck): boolean {
  return checkEnding(result) === 'did_not_end'
}

const WITHOUT_SOURCE = { purpose: 'test', files: 'without_source' } as const

/**
 * Runs the tests of a change in a room without its source, while the checks on the whole change still run elsewhere.
 *
 * @param request.tests results from before the change, of the checks that run tests.
 */
export async function runAhead(
  room: Room,
  { tests, split, run }: Pick<RegressionRequest, 'tests' | 'split' | 'run'>,
): Promise<TestsAhead> {
  const { chosen } = await chooseTests(room, { tests, split })
  const commands = chosen.map(({ command }) => command)
  return { commands, checks: await run(commands, WITHOUT_SOURCE) }
}

/** @returns only the narrowed checks if some can be narrowed, since the others have no test of the change. */
async function chooseTests(
  { files: project, commands: { place } }: Room,
  { tests, split: { testFiles } }: Pick<RegressionRequest, 'tests' | 'split'>,
) {
  const planned = await Promise.all(
    tests.map(async (whole) => {
      const narrowed = await narrowCheck(whole.result.command, { project, files: testFiles })
      return (narrowed ?? []).map(({ command, folder }) => {
        place(command, folder)
        return { whole, command }
      })
    }),
  )
  const some = [...new Map(planned.flat().map((one) => [one.command, one])).values()]
  const isNarrow = some.length > 0
  const ending = tests.filter((whole) => !isEndless(whole))
  return {
    chosen: isNarrow ? some : ending.map((whole) => ({ whole, command: whole.result.command })),
    isNarrow,
  }
}
