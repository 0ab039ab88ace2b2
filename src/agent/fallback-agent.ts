import { ModelError } from '../models/model-error.ts'
import type { Agent } from './agent.ts'

/**
 * Lets the dummy agent work when no model answers at all. Once a model has answered, the first agent ends the run
 * itself and keeps the files. A refusal counts as an answer: it is passed on, and no other agent tries the request.
 */
export function createFallbackAgent({
  first,
  dummy,
}: {
  readonly first: Agent
  readonly dummy: Agent
}): Agent {
  return {
    name: first.name,
    async work(task, context) {
      try {
        return await first.work(task, context)
      } catch (error) {
        if (!(error instanceof ModelError) || error.class === 'refusal') throw error
        context.signal.throwIfAborted()
        const reasons = error.reasons.length > 0 ? error.reasons : [error.userMessage]
        context.emit({
          type: 'agent.notice',
          level: 'warning',
          agent: dummy.name,
          message: `No model answered, so the dummy agent works on this. ${reasons.join(' ')}`,
        })
        return dummy.work({ ...task, whyNoModel: [...(task.whyNoModel ?? []), ...reasons] }, context)
      }
    },
  }
}
