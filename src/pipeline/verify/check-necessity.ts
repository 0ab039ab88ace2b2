import type { LooseHunk, Necessity } from '../../runs/verification.ts'
import { judgeCheck } from '../../verify/judge-check.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { type Hunk, onChange, takeBack } from '../../verify/source-hunks.ts'
import type { TestRun } from './check-regression.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'

interface NecessityRequest {
  /** Of source, the largest first. */
  readonly hunks: readonly Hunk[]
  readonly runs: readonly TestRun[]
  readonly run: RunInRoom
  readonly signal: AbortSignal
  /** Milliseconds that are left for it. */
  readonly leftMs: () => number
}

const MOST_HUNKS = 12
const TOO_MANY = `only the largest ${MOST_HUNKS} are tried`
const NO_TIME = 'it would take too long'
/** A run without a part may take longer than one with all of it. */
const MARGIN = 1.5

/** Takes back each hunk alone, in a room that holds the whole change: does a test notice? */
export async function checkNecessity(
  room: Room,
  { hunks, runs, run, signal, leftMs }: NecessityRequest,
): Promise<Necessity> {
  const stages = stagesOf(runs)
  const loose: LooseHunk[] = []
  let held = 0
  let reason = hunks.length > MOST_HUNKS ? TOO_MANY : undefined
  for (const hunk of hunks.slice(0, MOST_HUNKS)) {
    const without = takeBack([hunk])
    if (without === undefined) continue
    if (leftMs() < MARGIN * durationOf(stages.flat())) {
      reason = NO_TIME
      break
    }
    await putFiles(room.workspace, without, signal)
    if (await isNoticed(stages, run)) held++
    else loose.push({ path: hunk.file.path, from: hunk.from, to: hunk.to, diff: hunk.diff })
    await putFiles(room.workspace, onChange(hunk.file), signal)
  }
  return { hunks: hunks.length, tried: held + loose.length, held, loose, reason }
}

/** The tests of the change, then the whole checks that these are a part of. */
function stagesOf(runs: readonly TestRun[]): readonly (readonly NamedCheck[])[] {
  const first = runs.map((test) => test.onChange)
  const others = runs.filter(({ command, whole }) => command !== whole.result.command)
  return [first, others.map(({ whole }) => whole)].filter((stage) => stage.length > 0)
}

function durationOf(checks: readonly NamedCheck[]): number {
  return checks.reduce((sum, { result }) => sum + result.durationMs, 0)
}

async function isNoticed(stages: readonly (readonly NamedCheck[])[], run: RunInRoom): Promise<boolean> {
  for (const stage of stages) {
    const results = await run(stage.map(({ result }) => result.command))
    const isHeld = results.some((after, index) => {
      const { command } = after.result
      return judgeCheck({ command, folder: '', before: stage[index], after }).verdict === 'newly_failing'
    })
    if (isHeld) return true
  }
  return false
}
