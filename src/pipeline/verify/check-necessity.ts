import type { LooseHunk, Necessity } from '../../runs/verification.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { inBoth, type Notice, noticeOf } from '../../verify/several-runs.ts'
import { type FileState, type Hunk, onChange, takeBack } from '../../verify/source-hunks.ts'
import type { TestRun } from './check-regression.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'
import type { SpareTime } from './spare-time.ts'

interface NecessityRequest {
  /** Of source, the largest first. */
  readonly hunks: readonly Hunk[]
  readonly runs: readonly TestRun[]
  /** What the tests said of all source that is not there; empty if that is not known. */
  readonly notices: readonly Notice[]
  readonly run: RunInRoom
  readonly spare: SpareTime
  readonly signal: AbortSignal
}

const MOST_HUNKS = 12
const TOO_MANY = `only the largest ${MOST_HUNKS} are tried`
const NO_TIME = 'it would take too long'

/**
 * Takes back each hunk alone, in a room that holds the whole change: does a test notice? Only one that always passes on the
 * change can, and it must fail twice.
 */
export async function checkNecessity(
  room: Room,
  { hunks, runs, notices, run, spare, signal }: NecessityRequest,
): Promise<Necessity> {
  // Without its only hunk the change is what the tests were tried on already.
  if (hunks.length === 1 && notices.length > 0) {
    return { hunks: 1, tried: 1, held: 1, loose: [], reason: undefined }
  }
  const stages = stagesOf(runs)
  const sure = new Set(notices.flatMap(({ tests }) => [...tests]))
  const loose: LooseHunk[] = []
  let held = 0
  let reason = hunks.length > MOST_HUNKS ? TOO_MANY : undefined
  let changed: readonly FileState[] = []
  for (const hunk of hunks.slice(0, MOST_HUNKS)) {
    const without = takeBack([hunk])
    if (without === undefined) continue
    if (!spare.fits(stages.flat())) {
      reason = NO_TIME
      break
    }
    await putFiles(room.workspace, [...changed, ...without], signal)
    changed = onChange(hunk.file)
    const found = await whatIsNoticed(stages, { run, spare, sure })
    if (found === 'no_time') {
      reason = NO_TIME
      break
    }
    if (found === 'nothing')
      loose.push({ path: hunk.file.path, from: hunk.from, to: hunk.to, diff: hunk.diff })
    else held++
  }
  return { hunks: hunks.length, tried: held + loose.length, held, loose, reason }
}

/** The tests of the change, then the whole checks that these are a part of. */
function stagesOf(runs: readonly TestRun[]): readonly (readonly NamedCheck[])[] {
  const first = runs.map((test) => test.onChange)
  const others = runs.filter(({ command, whole }) => command !== whole.result.command)
  return [first, others.map(({ whole }) => whole)].filter((stage) => stage.length > 0)
}

interface NoticeParts extends Pick<NecessityRequest, 'run' | 'spare'> {
  /** Tests that were seen to fail twice without something, and to pass with it; more are added. */
  readonly sure: Set<string>
}

async function whatIsNoticed(
  stages: readonly (readonly NamedCheck[])[],
  { run, spare, sure }: NoticeParts,
): Promise<'something' | 'nothing' | 'no_time'> {
  for (const stage of stages) {
    const results = await run(stage.map(({ result }) => result.command))
    spare.spend(results)
    for (const [index, without] of results.entries()) {
      const whole = stage[index]
      if (whole === undefined) continue
      const notice = noticeOf(whole, without)
      if (notice === undefined) continue
      if (!notice.isDoubtful || [...notice.tests].some((name) => sure.has(name))) return 'something'
      if (!spare.fits([without])) return 'no_time'
      const twice = await run([without.result.command])
      spare.spend(twice)
      const [second] = twice
      const both = second && inBoth(notice, noticeOf(whole, second))
      for (const name of both?.tests ?? []) sure.add(name)
      if (both !== undefined) return 'something'
    }
  }
  return 'nothing'
}
