import { type RunLog, readEvents } from '../runs/log/run-log.ts'
import type { RunEvent, RunEventBody, Step } from '../runs/run-event.ts'
import type { AgentName } from '../text/agent-name.ts'
import type { Attempt } from './attempt.ts'
import { describeFailure } from './run-report.ts'

/** Writes the events of one attempt to the log of its run. */
export interface Journal {
  /** Masks an event and appends it. Events keep the order of the calls. */
  readonly emit: (body: RunEventBody) => void
  readonly notice: (level: 'info' | 'warning', message: string) => void
  readonly step: RunStep
  /** Resolves when every emitted event is stored. */
  readonly flush: () => Promise<void>
  /** Every stored event of the run, earlier attempts included. */
  readonly events: () => Promise<readonly RunEvent[]>
}

/** What the work of a step returns. */
export interface StepResult<T> {
  readonly value: T
  /** One line for people on what happened. */
  readonly message: string
  /** `skipped` when there was nothing to do, `failed` when the step failed but the run goes on. Default: `ok`. */
  readonly status?: 'ok' | 'skipped' | 'failed' | undefined
}

/** Does the work of a step and emits an event before and after it. An error ends the step as `failed` and is rethrown. */
export type RunStep = <T>(
  name: Step,
  starting: string,
  work: () => Promise<StepResult<T>>,
  /** Only for the step `agent`: the agent that begins to work. */
  agent?: AgentName,
) => Promise<T>

interface JournalParts {
  readonly log: RunLog
  readonly attempt: Pick<Attempt, 'run' | 'number' | 'signal' | 'stop'>
  readonly mask: (body: RunEventBody) => Promise<RunEventBody>
  readonly now: () => Date
}

export function openJournal({ log, attempt, mask, now }: JournalParts): Journal {
  const { run, number, signal, stop } = attempt
  let masked: Promise<unknown> = Promise.resolve()
  let stored: Promise<unknown> = Promise.resolve()

  function emit(body: RunEventBody): void {
    const next = masked.then(() => mask(body))
    masked = next.catch(() => undefined)
    const appended = next.then((event) => log.append(run.id, number, event))
    stored = appended
    // An attempt that can no longer write events must stop.
    appended.catch(stop)
  }

  async function flush(): Promise<void> {
    await stored
  }

  return {
    emit,
    notice: (level, message) => emit({ type: 'notice', level, message }),
    async step(name, starting, work, agent) {
      const startedAt = now().getTime()
      const durationMs = () => Math.max(0, now().getTime() - startedAt)
      emit({ type: 'step.started', step: name, message: starting, agent })
      try {
        const { value, message, status = 'ok' } = await work()
        emit({ type: 'step.finished', step: name, status, message, durationMs: durationMs() })
        return value
      } catch (error) {
        // People want to read why the run was stopped, not which call failed because of that.
        const { message } = describeFailure(signal.aborted ? signal.reason : error, run.id)
        emit({ type: 'step.finished', step: name, status: 'failed', message, durationMs: durationMs() })
        throw error
      }
    },
    flush,
    async events() {
      await flush()
      return readEvents(log, run.id)
    },
  }
}
