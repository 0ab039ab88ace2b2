/**
 * - `stale_attempt`: another worker carries the run on, or this one has handed it over. Stop at once and write
 *   nothing more: no effect of this attempt counts.
 * - `run_ended`: its terminal event is already written.
 * - `not_found`: no such run.
 */
export type WriteRefusal = 'stale_attempt' | 'run_ended' | 'not_found'

/** A write to a run that does not count, so that a worker which was taken for dead can spoil nothing. */
export class WriteRefused extends Error {
  readonly reason: WriteRefusal
  readonly runId: string

  constructor(reason: WriteRefusal, runId: string) {
    super(`Run ${runId} refused a write: ${reason}`)
    this.name = 'WriteRefused'
    this.reason = reason
    this.runId = runId
  }
}

interface FencedRun {
  readonly attempt: number
  readonly released: boolean
}

/** Why a fenced statement that carried `attempt` touched no row. */
export function refusal(run: FencedRun | undefined, attempt: number): WriteRefusal {
  if (run === undefined) return 'not_found'
  return run.attempt !== attempt || run.released ? 'stale_attempt' : 'run_ended'
}
