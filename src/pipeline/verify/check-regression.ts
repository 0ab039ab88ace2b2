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

/** A check of the repository that runs tests, as it was run on the change. */
export interface TestRun {
  readonly command: string
  readonly onChange: NamedCheck
  /** The check that it is a part of. */
  readonly whole: NamedCheck
}

interface RegressionRequest {
  readonly files: readonly VerifiedFile[]
  readonly split: SplitChange
  /** What the checks said before the change. */
  readonly before: readonly NamedCheck[]
  /** Those that run tests, on the change; a test passes there if it always does. Of one that did not end, only a part may run. */
  readonly tests: readonly NamedCheck[]
  /** What some tests said already, in the same room. */
  readonly ahead: TestsAhead | undefined
  readonly run: RunInRoom
  /** For a second look at what fails. */
  readonly spare: SpareTime
  readonly signal: AbortSignal
}

/** What one check shows. */
export interface CheckNotice extends Notice {
  readonly command: string
}

/** Tests that ran in the room without the source before it was known which ones count. */
export interface TestsAhead {
  readonly commands: readonly string[]
  readonly checks: readonly NamedCheck[]
}

interface FoundRegression {
  readonly regression: Regression
  /** The tests as they ran on the change: what a part of it that is taken back is compared with. */
  readonly runs: readonly TestRun[]
  /** What the tests said of all source that is not there. */
  readonly notices: readonly CheckNotice[]
}

/**
 * Runs the tests of a change in a room that has all of it but its source, then on the whole of it, which the room holds
 * afterwards. Where a runner takes files, only those of the change run. What fails without the source runs once more: a test
 * that fails now and then shows nothing.
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

/** Why tests show nothing of a change, the rest of a sentence. */
export const NONE_ENDS = 'no check of the repository runs tests and ends'

/** What it came to by its time limit says nothing of a test. */
export function isEndless({ result }: NamedCheck): boolean {
  return checkEnding(result) === 'did_not_end'
}

const WITHOUT_SOURCE = { purpose: 'test', files: 'without_source' } as const

/**
 * Runs the tests of a change in a room that has all of it but its source, while the checks still run on the whole of it.
 *
 * @param request.tests the checks that run tests, as they were before the change.
 */
export async function runAhead(
  room: Room,
  { tests, split, run }: Pick<RegressionRequest, 'tests' | 'split' | 'run'>,
): Promise<TestsAhead> {
  const { chosen } = await chooseTests(room, { tests, split })
  const commands = chosen.map(({ command }) => command)
  return { commands, checks: await run(commands, WITHOUT_SOURCE) }
}

/** @returns where some can be narrowed, only these: the others have no test of the change. */
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
