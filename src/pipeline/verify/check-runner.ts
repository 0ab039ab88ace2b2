import { limitAfter } from '../../checks/command-limits.ts'
import type { WantedCoverage } from '../../verify/line-coverage/wanted-coverage.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import { type NamedCheck, runNamedChecks } from '../../verify/run-named-checks.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Room } from './open-room.ts'
import { restoreFiles } from './restore-files.ts'
import type { RanOn } from './room-commands.ts'

/** Runs commands of the project in one room, reads the names of their tests, and records them for the receipt. */
export type RunInRoom = (
  commands: readonly string[],
  on: RanOn,
  coverage?: WantedCoverage,
) => Promise<readonly NamedCheck[]>

interface CheckRunnerParts {
  readonly limits: ProjectFacts['limits']
  /** Finds an earlier run of a command, from which its time limit is derived. */
  readonly earlierOf: (command: string) => NamedCheck | undefined
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** Ask for coverage only while the room has exactly its own tree. */
export function runChecksIn(
  { workspace: place, files: project, commands: { record } }: Pick<Room, 'workspace' | 'files' | 'commands'>,
  { limits, earlierOf, readReport, signal, leftMs }: CheckRunnerParts,
): RunInRoom {
  const { sandbox, path: workspace } = place
  const restore = () => restoreFiles({ workspace: place }, signal)
  return async (commands, on, coverage) => {
    if (commands.length === 0) return []
    const request = {
      workspace,
      commands,
      signal,
      limitOf: (command: string) => limitAfter(earlierOf(command)?.result, limits.checkMs),
      togetherMs: Math.min(limits.checksMs, leftMs()),
    }
    const checks = await runNamedChecks(sandbox, request, {
      project,
      readReport,
      coverage,
      restore,
    })
    await record(on, checks)
    return checks
  }
}
