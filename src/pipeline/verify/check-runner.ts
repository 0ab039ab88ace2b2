import { limitAfter } from '../../checks/command-limits.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import { type NamedCheck, runNamedChecks } from '../../verify/run-named-checks.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Room } from './open-room.ts'

/** Runs commands of the project in one room, with the names of their tests. */
export type RunInRoom = (commands: readonly string[]) => Promise<readonly NamedCheck[]>

interface CheckRunnerParts {
  readonly limits: ProjectFacts['limits']
  /** An earlier run of a command, which bounds the time that it gets. */
  readonly earlierOf: (command: string) => NamedCheck | undefined
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

export function runChecksIn(
  { workspace: { sandbox, path: workspace }, files: project }: Pick<Room, 'workspace' | 'files'>,
  { limits, earlierOf, readReport, signal, leftMs }: CheckRunnerParts,
): RunInRoom {
  return async (commands) => {
    if (commands.length === 0) return []
    const request = {
      workspace,
      commands,
      signal,
      limitOf: (command: string) => limitAfter(earlierOf(command)?.result, limits.checkMs),
      togetherMs: Math.min(limits.checksMs, leftMs()),
    }
    return await runNamedChecks(sandbox, request, { project, readReport })
  }
}
