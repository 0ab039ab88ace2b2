import type { RunEventBody, Step } from '../runs/run-event.ts'

/** What a step's work hands back: its value, and what happened in one line with facts. */
interface StepResult<T> {
  readonly value: T
  readonly message: string
  /** `skipped` when there was nothing to do, `failed` when it went wrong but the run goes on. */
  readonly status?: 'ok' | 'skipped' | 'failed'
}

/** Does a step's work between its two events; what it throws ends the step as failed and is thrown on. */
export type RunStep = <T>(name: Step, starting: string, work: () => Promise<StepResult<T>>) => Promise<T>

export function createRunStep({
  emit,
  now,
  describeFailure,
}: {
  readonly emit: (body: RunEventBody) => void
  readonly now: () => Date
  /** One line for people about what was thrown. */
  readonly describeFailure: (error: unknown) => string
}): RunStep {
  return async (name, starting, work) => {
    const startedAt = now().getTime()
    const durationMs = () => Math.max(0, now().getTime() - startedAt)
    emit({ type: 'step.started', step: name, message: starting })
    try {
      const { value, message, status = 'ok' } = await work()
      emit({ type: 'step.finished', step: name, status, message, durationMs: durationMs() })
      return value
    } catch (error) {
      const message = describeFailure(error)
      emit({ type: 'step.finished', step: name, status: 'failed', message, durationMs: durationMs() })
      throw error
    }
  }
}
