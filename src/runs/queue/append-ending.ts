import type { Ending } from '../ending.ts'
import { type RunLog, readEvents } from '../log/run-log.ts'
import type { Run } from '../run.ts'
import { runTotals } from '../summary/run-totals.ts'

export interface AppendEndingDeps {
  readonly log: Pick<RunLog, 'append' | 'read'>
  readonly now: () => Date
  /** Whether the run is traced, as far as this process knows. */
  readonly isTraced: (runId: string) => boolean
}

/** Why the queue itself ends a run: `code` is `cancelled`, or the error code of a failure. */
export type Unfinished = Pick<Ending, 'message'> & { readonly code: string }

/**
 * Ends a run that its pipeline did not end: appends the terminal event, with the totals of all attempts so far.
 *
 * @throws {WriteRefused} when the run has ended, or when an attempt other than `run.attempt` holds it.
 */
export async function appendEnding(
  { log, now, isTraced }: AppendEndingDeps,
  run: Pick<Run, 'id' | 'attempt'>,
  { code, message }: Unfinished,
): Promise<void> {
  const totals = runTotals(await readEvents(log, run.id), {
    endedAt: now(),
    langsmithEnabled: isTraced(run.id),
  })
  await log.append(
    run.id,
    run.attempt,
    code === 'cancelled'
      ? { type: 'run.cancelled', message, totals }
      : { type: 'run.failed', code, message, totals },
  )
}
