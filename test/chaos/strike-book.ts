import type { RunFacts } from './run-facts.ts'
import type { Tally } from './tally.ts'

/** Remembers which runs lost their process or were cancelled when, to tell how long they waited for it to matter. */
export interface StrikeBook {
  /** The process that carries these runs dies or falls asleep now. */
  lost(runIds: Promise<readonly string[]>): void
  /** The service has confirmed that this run is to stop. */
  cancelled(runId: string): void
  /** Measures what happened since, by the runs' own logs, and forgets it. */
  settle(runs: readonly RunFacts[]): void
}

export function createStrikeBook(tally: Tally): StrikeBook {
  const losses: { readonly at: number; readonly runId: string }[] = []
  const cancels: { readonly at: number; readonly runId: string }[] = []
  return {
    lost(runIds) {
      const at = Date.now()
      runIds.then(
        (ids) => losses.push(...ids.map((runId) => ({ at, runId }))),
        // The database is away at this very moment: one measurement less.
        () => undefined,
      )
    },
    cancelled: (runId) => void cancels.push({ at: Date.now(), runId }),
    settle(runs) {
      for (const { at, runId } of cancels.splice(0)) {
        const end = runs.find(({ id, status }) => id === runId && status === 'cancelled')?.finishedAt
        if (end) tally.measure('cancel', Math.max(0, end.getTime() - at))
      }
      for (const { at, runId } of losses.splice(0)) {
        const events = runs.find(({ id }) => id === runId)?.events ?? []
        const next = events.find((event) => event.type === 'run.started' && event.at.getTime() > at)
        if (next) tally.measure('takeover', next.at.getTime() - at)
      }
    },
  }
}
