import { judgeLimits } from './judge-limits.ts'
import type { LoopParts, LoopState } from './loop-state.ts'

/** Tells the model once per level how near the end is; the notes are new entries, nothing earlier changes. */
export function watchLimits({ task, context }: LoopParts, state: LoopState): void {
  const { meter, deadline, limit: before } = state
  const used = meter.used()
  const minutes = deadline.aborted ? Math.max(used.minutes, task.limits.minutes) : used.minutes
  const limit = judgeLimits(task.limits, { ...used, minutes })
  state.limit = limit
  if (limit.level === 'wrap_up' && before.level === 'free') {
    state.writer.note(
      `${limit.nearest} are used. Wrap up: bring what you have into a state that can be merged, and call finish.`,
    )
  }
  if (limit.level === 'finish_only' && before.level !== 'finish_only') {
    state.writer.note(
      `${limit.nearest} are used. Call finish now; no other call is carried out. Say in notes what is missing.`,
    )
  }
  if (meter.totals().costIncomplete && !state.priceNoticed) {
    state.priceNoticed = true
    context.emit({
      type: 'agent.notice',
      level: 'warning',
      message:
        'The price of a model in use is not known: the cost shown and the dollar limit count the rest only.',
    })
  }
}
