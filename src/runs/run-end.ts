import type { RunResult } from './run.ts'
import type { RunCancelledEvent, RunEvent, RunFailedEvent, RunSucceededEvent } from './run-event.ts'
import type { EndStatus } from './store/run-store.ts'

export type TerminalEvent = RunSucceededEvent | RunFailedEvent | RunCancelledEvent

/** How a run ends whose terminal event is `event`: the one place that says so, for `RunStore.finish`. */
export function runEnd(event: TerminalEvent): { readonly status: EndStatus; readonly result: RunResult } {
  const { message, totals } = event
  const nothing = { outcome: null, message, pullRequestUrl: null, commentUrl: null, costUsd: totals.costUsd }
  switch (event.type) {
    case 'run.succeeded':
      return {
        status: 'succeeded',
        result: {
          ...nothing,
          outcome: event.outcome,
          code: null,
          pullRequestUrl: event.pullRequestUrl,
          commentUrl: event.commentUrl,
        },
      }
    case 'run.failed':
      return { status: 'failed', result: { ...nothing, code: event.code } }
    case 'run.cancelled':
      return { status: 'cancelled', result: { ...nothing, code: 'cancelled' } }
  }
}

/** The terminal event, but for its totals, of a run that ended with `result`. What a result does not keep is left out. */
export function terminalBody(result: RunResult) {
  const { outcome, message, code, pullRequestUrl, commentUrl } = result
  if (outcome !== null) {
    return { type: 'run.succeeded', outcome, message, pullRequestUrl, commentUrl, draft: false } as const
  }
  if (code === 'cancelled') return { type: 'run.cancelled', message } as const
  return { type: 'run.failed', code: code ?? 'internal', message } as const
}

/** The terminal event of a log, if it has one. */
export function terminalEventOf(events: readonly RunEvent[]): TerminalEvent | undefined {
  for (const event of events) {
    if (event.type === 'run.succeeded' || event.type === 'run.failed' || event.type === 'run.cancelled') {
      return event
    }
  }
  return undefined
}
