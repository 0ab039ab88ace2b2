import type { Regression } from '../../runs/verification.ts'
import { joinRegressions } from '../../verify/join-regressions.ts'
import { judgeRegression } from '../../verify/judge-regression.ts'
import { narrowCheck } from '../../verify/narrow-check.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { onChange } from '../../verify/source-hunks.ts'
import type { SplitChange } from '../../verify/split-change.ts'
import type { VerifiedFile } from '../../verify/verified-file.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'

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
  /** Those that run tests, on the change. */
  readonly tests: readonly NamedCheck[]
  readonly run: RunInRoom
  readonly signal: AbortSignal
}

/**
 * Runs the tests of a change in a room that has all of it but its source, then on the whole of it, which the room holds
 * afterwards. Where a runner takes files, only those of the change run.
 *
 * @returns also the tests as they ran on the change: what a part of it that is taken back is compared with.
 */
export async function checkRegression(
  room: Room,
  { files, split: { testFiles }, before, tests, run, signal }: RegressionRequest,
): Promise<{ readonly regression: Regression; readonly runs: readonly TestRun[] }> {
  const planned = await Promise.all(
    tests.map(async (whole) => {
      const { command } = whole.result
      const narrowed = await narrowCheck(command, { project: room.files, files: testFiles })
      return { whole, narrowed, command: narrowed ?? command }
    }),
  )
  // Where some can be narrowed, the others have no test of the change.
  const some = planned.filter(({ narrowed }) => narrowed !== undefined)
  const chosen = some.length > 0 ? some : planned
  const commands = chosen.map(({ command }) => command)
  const onBase = await run(commands)
  await putFiles(room.workspace, files.flatMap(onChange), signal)
  const again = some.length > 0 ? await run(commands) : []
  const judged: Regression[] = []
  const runs: TestRun[] = []
  for (const [index, { whole, command }] of chosen.entries()) {
    const base = onBase[index]
    const head = again[index] ?? whole
    if (base === undefined) continue
    const earlier = before.find(({ result }) => result.command === whole.result.command)
    judged.push(judgeRegression({ base, head, before: earlier }))
    runs.push({ command, onChange: head, whole })
  }
  return { regression: joinRegressions(judged), runs }
}
