import type { RunEvent } from '../runs/run-event.ts'
import { isTerminalEvent } from '../runs/run-event.ts'
import type { Logger } from './logger.ts'

/**
 * Logs the life of each run: queued, started, ended (`info`), and its steps (`debug`). It logs only facts. What people
 * and models wrote is on the run's page, which checks who may read it.
 */
export function logRuns(logger: Pick<Logger, 'info' | 'debug'>): (event: RunEvent) => void {
  return (event) => {
    const { runId } = event
    if (isTerminalEvent(event)) return logEnd(logger, event)
    switch (event.type) {
      case 'run.queued':
        return logger.info({ runId, repository: event.repository, position: event.position }, 'run queued')
      case 'run.started':
        return logger.info({ runId, attempt: event.attempt }, 'run started')
      case 'step.finished': {
        const { step, status, durationMs } = event
        return logger.debug({ runId, step, status, durationMs }, 'step ended')
      }
      default:
    }
  }
}

function logEnd(logger: Pick<Logger, 'info'>, event: Extract<RunEvent, { totals: unknown }>): void {
  const { runId, totals } = event
  const status = event.type.slice('run.'.length)
  const reason = event.type === 'run.succeeded' ? event.outcome : undefined
  const code = event.type === 'run.failed' ? event.code : undefined
  const { durationMs, turns, costUsd, attempts } = totals
  logger.info({ runId, outcome: reason, code, durationMs, turns, costUsd, attempts }, `run ${status}`)
}
