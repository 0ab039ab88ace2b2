import type { RoomFacts } from '../../runs/verification.ts'
import { type PackedCheck, packChecks } from '../../verify/pack-checks.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { runChecksIn } from './check-runner.ts'
import type { Room } from './open-room.ts'

/** What checks said about the base commit that had not run before the agent. Stored as JSON. */
export interface BasePart {
  readonly checks: readonly PackedCheck[]
  readonly room: RoomFacts
}

interface RestRequest {
  readonly limits: ProjectFacts['limits']
  /** Those that ran on the change. */
  readonly commands: readonly string[]
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** In a room with the base commit: checks that it has as well. The others are new, and have no result before. */
export async function checkRestAtBase(
  room: Room,
  { limits, commands, readReport, signal, leftMs }: RestRequest,
): Promise<BasePart> {
  const known = new Set(room.project.checks)
  const run = runChecksIn(room, { limits, earlierOf: () => undefined, readReport, signal, leftMs })
  const checks = await run(commands.filter((command) => known.has(command)))
  return { checks: await packChecks(checks), room: room.facts() }
}
