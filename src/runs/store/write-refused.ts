/**
 * - `stale_attempt`: another attempt continues the run, or this one released it. Stop at once and write nothing more.
 * - `run_ended`: the run has its terminal event.
 * - `not_found`: no such run.
 */
export type WriteRefusal = 'stale_attempt' | 'run_ended' | 'not_found'

/** The run's row refused a write, so a worker that was taken for dead can do no damage. */
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

/** Why a fenced statement of `attempt` changed no row. */
export function refusal(run: FencedRun | undefined, attempt: number): WriteRefusal {
  if (run === undefined) return 'not_found'
  return run.attempt !== attempt || run.released ? 'stale_attempt' : 'run_ended'
}
