import type { LooseHunk, Necessity, NeededHunk } from '../../runs/verification.ts'
import { nameList } from '../../verify/compare-tests.ts'
import type { NamedCheck } from '../../verify/run-named-checks.ts'
import { inBoth, noticeOf } from '../../verify/several-runs.ts'
import { type FileState, type Hunk, onChange, takeBack } from '../../verify/source-hunks.ts'
import { type CheckNotice, isEndless, type TestRun } from './check-regression.ts'
import type { RunInRoom } from './check-runner.ts'
import type { Room } from './open-room.ts'
import { putFiles } from './put-files.ts'
import type { SpareTime } from './spare-time.ts'

interface NecessityRequest {
  /** Hunks of source, the largest first. */
  readonly hunks: readonly Hunk[]
  readonly runs: readonly TestRun[]
  /** What the tests noticed when all source was taken back; empty if that is not known. */
  readonly notices: readonly CheckNotice[]
  readonly run: RunInRoom
  readonly spare: SpareTime
  readonly signal: AbortSignal
}

const MOST_HUNKS = 12
const TOO_MANY = `only the largest ${MOST_HUNKS} are tried`
const NO_TIME = 'it would take too long'

/**
 * Takes back each hunk alone, in a room with the whole change, and looks whether a test notices. Only tests that always
 * pass on the change count, and they must fail twice.
 */
export async function checkNecessity(
  room: Room,
  { hunks, runs, notices, run, spare, signal }: NecessityRequest,
): Promise<Necessity> {
  // For a change with a single hunk, the tests have already run without it.
  const [only, ...others] = hunks
  const [notice] = notices
  if (only !== undefined && others.length === 0 && notice !== undefined) {
    const { file, from, to } = only
    const needed = [{ path: file.path, from, to, ...heldBy(notice) }]
    return { hunks: 1, tried: 1, held: 1, needed, loose: [], reason: undefined }
  }
  const stages = stagesOf(runs)
  const sure = new Set(notices.flatMap(({ tests }) => [...tests]))
  const loose: LooseHunk[] = []
  const needed: NeededHunk[] = []
  let reason = hunks.length > MOST_HUNKS ? TOO_MANY : undefined
  let changed: readonly FileState[] = []
  for (const hunk of hunks.slice(0, MOST_HUNKS)) {
    const without = takeBack([hunk])
    if (without === undefined) continue
    if (!spare.fits(stages[0] ?? [])) {
      reason = NO_TIME
      break
    }
    const { file, from, to, diff } = hunk
    const lines = { path: file.path, from, to }
    const on = { files: 'without_hunk', hunk: lines } as const
    // A failing setup is no failing test: some setups cannot run twice, whatever the source.
    await putFiles(room, [...changed, ...without], { on, signal })
    changed = onChange(file)
    const found = await whatIsNoticed(stages, { run, spare, sure, lines })
    // The tests of the change may still notice another hunk.
    if (found === 'no_time') reason = NO_TIME
    else if (found === 'nothing') loose.push({ ...lines, diff })
    else needed.push({ ...lines, ...heldBy(found) })
  }
  const held = needed.length
  return { hunks: hunks.length, tried: held + loose.length, held, needed, loose, reason }
}

/** First the tests of the change, then the whole checks to which they belong, without those that do not end. */
function stagesOf(runs: readonly TestRun[]): readonly (readonly NamedCheck[])[] {
  const first = runs.map((test) => test.onChange)
  const others = runs.filter(({ command, whole }) => command !== whole.result.command && !isEndless(whole))
  return [first, [...new Set(others.map(({ whole }) => whole))]].filter((stage) => stage.length > 0)
}

interface NoticeParts extends Pick<NecessityRequest, 'run' | 'spare'> {
  /** Tests that have already failed twice without some part and passed with it; more are added. */
  readonly sure: Set<string>
  /** Path and lines of the hunk. */
  readonly lines: Pick<NeededHunk, 'path' | 'from' | 'to'>
}

async function whatIsNoticed(
  stages: readonly (readonly NamedCheck[])[],
  { run, spare, sure, lines }: NoticeParts,
): Promise<CheckNotice | 'nothing' | 'no_time'> {
  const on = { purpose: 'necessity', files: 'without_hunk', hunk: lines } as const
  for (const [at, stage] of stages.entries()) {
    if (at > 0 && !spare.fits(stage)) return 'no_time'
    const results = await run(
      stage.map(({ result }) => result.command),
      on,
    )
    spare.spend(results)
    for (const [index, without] of results.entries()) {
      const whole = stage[index]
      if (whole === undefined) continue
      const { command } = without.result
      const notice = noticeOf(whole, without)
      if (notice === undefined) continue
      if (!notice.isDoubtful || [...notice.tests].some((name) => sure.has(name)))
        return { ...notice, command }
      if (!spare.fits([without])) return 'no_time'
      const twice = await run([command], { ...on, again: true })
      spare.spend(twice)
      const [second] = twice
      const both = second && inBoth(notice, noticeOf(whole, second))
      for (const name of both?.tests ?? []) sure.add(name)
      if (both !== undefined) return { ...both, command }
    }
  }
  return 'nothing'
}

const MOST_NAMES = 5

function heldBy({
  command,
  tests,
}: Pick<CheckNotice, 'command' | 'tests'>): Pick<NeededHunk, 'command' | 'tests'> {
  const { count, names } = nameList(tests)
  return { command, tests: count === 0 ? undefined : { count, names: names.slice(0, MOST_NAMES) } }
}
