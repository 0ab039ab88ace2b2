import type { RunEvent } from '../../runs/run-event.ts'
import { type Redact, redactInTurns } from '../../secrets/redact.ts'
import { forTerminalInTurns } from '../../text/terminal-text.ts'

/** An event as it may be shown: without secrets and control characters. */
export type ShowEvent = (event: RunEvent) => Promise<RunEvent>

/** Clients that follow the same run receive the same event objects, so each event is masked once for all of them. */
export function createShowEvent(redact: Redact): ShowEvent {
  const shown = new WeakMap<RunEvent, Promise<RunEvent>>()
  return (event) => {
    const ready = shown.get(event) ?? showOne(event, redact)
    shown.set(event, ready)
    return ready
  }
}

async function showOne(event: RunEvent, redact: Redact): Promise<RunEvent> {
  return await forTerminalInTurns(await redactInTurns(event, redact))
}
