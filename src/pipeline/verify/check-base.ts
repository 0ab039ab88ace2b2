import type { RecordedCommand } from '../../receipts/recorded-command.ts'
import type { RoomFacts } from '../../runs/verification.ts'
import { type PackedCheck, packChecks } from '../../verify/pack-checks.ts'
import type { ReadReport } from '../../verify/reports/read-report.ts'
import { runChecksIn } from './check-runner.ts'
import type { Room } from './open-room.ts'

/** Results of checks on the base commit, in its own room. Stored as JSON. */
export interface BasePart {
  readonly checks: readonly PackedCheck[]
  readonly room: RoomFacts
  /** Absent if an older version of Backspace stored the part. */
  readonly commands?: readonly RecordedCommand[] | undefined
}

interface BaseRequest {
  /** Default: all checks of the base commit. Checks that it lacks are new and have no earlier result. */
  readonly commands?: readonly string[] | undefined
  readonly readReport: ReadReport
  readonly signal: AbortSignal
  readonly leftMs: () => number
}

/** Runs the checks of the base commit, in a room with its files. */
export async function checkBase(
  room: Room,
  { commands, readReport, signal, leftMs }: BaseRequest,
): Promise<BasePart> {
  const { checks: known, limits } = room.project
  const wanted = commands?.filter((command) => known.includes(command)) ?? known
  const run = runChecksIn(room, { limits, earlierOf: () => undefined, readReport, signal, leftMs })
  const checks = await run(wanted, { purpose: 'check', files: 'base' })
  return { checks: await packChecks(checks), room: room.facts(), commands: room.commands.all() }
}
