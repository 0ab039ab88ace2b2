import type { Run } from '../../runs/run.ts'
import { createShowEvent } from '../stream/show-event.ts'
import type { WebDeps } from '../web-deps.ts'
import { createRunFold, type RunFold } from './run-fold.ts'

/** The folds of runs that readers looked at lately. Other runs are folded again when a reader asks for them. */
export interface RunFolds {
  /** The run as the log has it now. @param run as the store has it: it says whether its events have been deleted. */
  open(run: Pick<Run, 'id' | 'eventsPruned'>): Promise<RunFold>
}

/** Most events that the folds of all runs keep; each takes about a hundred bytes. */
const MOST_EVENTS = 400_000
const MOST_RUNS = 200

export function createRunFolds(
  { log, redact }: Pick<WebDeps, 'log' | 'redact'>,
  mostEvents: number = MOST_EVENTS,
): RunFolds {
  const show = createShowEvent(redact)
  /** In order of use: the most recently used fold is the last. */
  const folds = new Map<string, RunFold>()

  function forgetOthers(): void {
    let events = 0
    for (const fold of folds.values()) events += fold.state.events
    for (const [runId, { state }] of folds) {
      if (folds.size <= 1 || (events <= mostEvents && folds.size <= MOST_RUNS)) return
      folds.delete(runId)
      events -= state.events
    }
  }

  return {
    async open({ id: runId, eventsPruned = false }) {
      const known = folds.get(runId)
      // Events that are deleted for their age must not be shown from memory either.
      const isOld = eventsPruned && known !== undefined && holdsAll(known)
      const fold = known && !isOld ? known : createRunFold(runId, { log, show })
      folds.delete(runId)
      folds.set(runId, fold)
      await fold.catchUp()
      forgetOthers()
      return fold
    },
  }
}

function holdsAll({ state: { events, seq } }: RunFold): boolean {
  return events === seq && seq > 2
}
