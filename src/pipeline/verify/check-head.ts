import { limitAfter } from '../../checks/command-limits.ts'
import { type CheckResult, runChecks } from '../../checks/run-checks.ts'
import type { RoomFacts } from '../../runs/verification.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { checkDifferences } from '../../verify/differences.ts'
import type { ProjectFacts, SetupFacts } from '../setup/set-up-project.ts'
import { ignoredPaths } from './ignored-paths.ts'
import type { Room } from './open-room.ts'

/** What the room with the change said. Stored as JSON, so that no attempt finds it out twice. */
export interface HeadPart {
  readonly tree: string
  readonly setup: SetupFacts
  readonly results: readonly CheckResult[]
  /** A second run on the same files, of those that were doubtful. */
  readonly again: readonly CheckResult[]
  readonly room: RoomFacts
  /** Paths that git ignores here, if a check ends otherwise than in the agent's workspace. */
  readonly ignored: readonly string[]
}

interface CheckHeadRequest {
  readonly project: Pick<ProjectFacts, 'checks' | 'limits' | 'baseline'>
  /** What the agent's workspace said about the same files. */
  readonly elsewhere: readonly CheckResult[]
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** A check that takes longer is not run a second time. */
const MOST_AGAIN_MS = 2 * 60_000

/**
 * Runs the checks of the base commit on the change, so that no change can switch one off, and those that only the change
 * knows. One that fails though it passed before, or ends otherwise than in the agent's workspace, runs once more.
 */
export async function checkHead(
  room: Room,
  { project, elsewhere, signal, leftMs }: CheckHeadRequest,
): Promise<HeadPart> {
  const { checks, limits, baseline } = project
  const { sandbox, path: workspace } = room.workspace
  const commands = [...new Set([...checks, ...room.project.checks])]
  const beforeOf = (command: string) => baseline.find((result) => result.command === command)
  const run = (some: readonly string[]) =>
    runChecks(sandbox, {
      workspace,
      commands: some,
      signal,
      limitOf: (command) => limitAfter(beforeOf(command), limits.checkMs),
      togetherMs: Math.min(limits.checksMs, leftMs()),
    })
  const results = await run(commands)
  const doubtful = results.filter((result) => {
    if (result.durationMs > Math.min(MOST_AGAIN_MS, leftMs())) return false
    const now = checkEnding(result)
    const before = beforeOf(result.command)
    const there = elsewhere.find(({ command }) => command === result.command)
    const isWorse = now === 'failed' && (before === undefined || checkEnding(before) !== 'failed')
    const differs = there !== undefined && (now === 'passed') !== (there.exitCode === 0)
    return isWorse || (differs && (now === 'passed' || now === 'failed'))
  })
  const again = await run(doubtful.map(({ command }) => command))
  const { setup, setupFailed } = room.project
  const part = { tree: room.tree, setup: { setup, setupFailed }, results, again, room: room.facts() }
  const differs = checkDifferences(elsewhere, settledResults(part)).length > 0
  return { ...part, ignored: differs ? await ignoredPaths(room.workspace, signal) : [] }
}

/** One result per check: a check that failed and passed on the same files is flaky, whichever came first. */
export function settledResults({
  results,
  again,
}: Pick<HeadPart, 'results' | 'again'>): readonly CheckResult[] {
  return results.map((first) => {
    const second = again.find(({ command }) => command === first.command)
    if (second === undefined || (first.exitCode === 0) === (second.exitCode === 0)) return first
    const [failed, passed] = first.exitCode === 0 ? [second, first] : [first, second]
    return { ...passed, failedFirst: failed.exitCode }
  })
}
