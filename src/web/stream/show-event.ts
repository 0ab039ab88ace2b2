import { type Redact, redactDeep } from '../../redaction.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { printableDeep } from './printable.ts'

/** An event as it may be shown: without secrets and control characters. */
export type ShowEvent = (event: RunEvent) => RunEvent

/** All who read a run at the same place are handed the same events: each is made ready once, however many read. */
export function createShowEvent(redact: Redact): ShowEvent {
  const shown = new WeakMap<RunEvent, RunEvent>()
  return (event) => {
    const known = shown.get(event)
    if (known) return known
    const ready = printableDeep(redactDeep(event, redact))
    shown.set(event, ready)
    return ready
  }
}
