import type { RunTracing } from '../pipeline/attempt.ts'
import { isInScope, type RepositoryScope } from '../runs/repository-scope.ts'
import type { Run } from '../runs/run.ts'
import type { RunEvent } from '../runs/run-event.ts'
import { type Redact, redactInTurns } from '../secrets/redact.ts'

/** Follows runs from their claim to their terminal event. */
export interface RunFollower extends RunTracing {
  /** Follows a run from now to its terminal event. Events before `admit` are held back. */
  begin(run: Run): void
  observe(event: RunEvent): void
  /** Call it when another process continues the run, whose events no longer arrive here. */
  leave(runId: string): void
}

export interface FollowerOptions<Trace> {
  /** Private repositories whose runs are traced. Runs of public ones always are. */
  readonly privateRepositories: RepositoryScope
  readonly redact: Redact
  readonly onProblem: (problem: string) => void
  /** Begins the trace of an admitted run. `run` is not masked yet. */
  readonly open: (run: Run) => Promise<Trace> | Trace
  /** Called when another process continues the run. */
  readonly onLeave?: ((trace: Trace) => void) | undefined
  /** Takes each later event, masked, in order. */
  readonly record: (trace: Trace, event: RunEvent) => Promise<void> | void
}

/**
 * Decides which runs are traced, and passes their events on. Each event is masked once more as a whole, so a trace can
 * say nothing that the run's page does not. Events are held back until it is known whether the repository is private.
 *
 * @returns the follower; `settled`, which resolves when everything so far is recorded; and the traces of working runs.
 */
export function followAdmitted<Trace>({
  privateRepositories,
  redact,
  onProblem,
  open,
  record,
  onLeave,
}: FollowerOptions<Trace>): RunFollower & {
  settled(): Promise<unknown>
  readonly traces: ReadonlyMap<string, Trace>
} {
  /** Runs whose repository is not known yet, and may be private. */
  const undecided = new Map<string, { readonly run: Run; readonly events: RunEvent[] }>()
  const traced = new Set<string>()
  const traces = new Map<string, Trace>()
  const report = (error: unknown) => onProblem(String(error))
  /** Long texts are masked in pieces. Whatever comes after one waits, so that everything is recorded in order. */
  let queue: Promise<unknown> = Promise.resolve()
  const inOrder = (work: () => Promise<void>) => {
    queue = queue.then(work).catch(report)
  }

  function observe(event: RunEvent): void {
    const isLast = 'totals' in event
    const waits = undecided.get(event.runId)
    if (isLast) undecided.delete(event.runId)
    else if (waits) waits.events.push(event)
    if (!traced.has(event.runId)) return
    if (isLast) traced.delete(event.runId)
    inOrder(async () => {
      const trace = traces.get(event.runId)
      if (!trace) return
      if (isLast) traces.delete(event.runId)
      const shown = await redactInTurns(event, redact)
      // Not awaited, since traces are sent in the background.
      void Promise.resolve(record(trace, shown)).catch(report)
    })
  }

  return {
    begin(run) {
      traced.delete(run.id)
      undecided.set(run.id, { run, events: [] })
    },
    admit(runId, repository) {
      const waits = undecided.get(runId)
      undecided.delete(runId)
      if (!waits || (repository.private && !isInScope(privateRepositories, repository))) return
      traced.add(runId)
      inOrder(async () => {
        traces.set(runId, await open(waits.run))
      })
      for (const event of waits.events) observe(event)
    },
    isTraced: (runId) => traced.has(runId),
    observe,
    leave(runId) {
      undecided.delete(runId)
      traced.delete(runId)
      inOrder(async () => {
        const trace = traces.get(runId)
        traces.delete(runId)
        if (trace) onLeave?.(trace)
      })
    },
    settled: () => queue,
    traces,
  }
}
