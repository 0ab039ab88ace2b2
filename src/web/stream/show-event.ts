import type { RunEvent } from '../../runs/run-event.ts'
import { type Redact, redactBy, redactInTurns } from '../../secrets/redact.ts'
import { forTerminalInTurns } from '../../text/terminal-text.ts'

/** Makes an event safe to show: removes secrets and control characters. */
export type ShowEvent = (event: RunEvent) => Promise<RunEvent>

/** Clients that follow the same run receive the same event objects, so each event is masked once for all of them. */
export function createShowEvent(redact: Redact): ShowEvent {
  const shown = new WeakMap<RunEvent, Promise<RunEvent>>()
  const quick = rememberClean(redact)
  return (event) => {
    const ready = shown.get(event) ?? showOne(event, quick)
    shown.set(event, ready)
    return ready
  }
}

const MOST_REMEMBERED = 5_000
const LONGEST_REMEMBERED = 64

/** Names of fields, tools and models are in every event, so short texts without a secret are checked only once. */
function rememberClean(redact: Redact): Redact {
  const clean = new Set<string>()
  return redactBy(function* mask(text) {
    if (clean.has(text)) return text
    const masked = yield* redact.inPieces(text)
    if (masked !== text || text.length > LONGEST_REMEMBERED) return masked
    if (clean.size >= MOST_REMEMBERED) clean.clear()
    clean.add(text)
    return text
  })
}

async function showOne(event: RunEvent, redact: Redact): Promise<RunEvent> {
  return await forTerminalInTurns(await redactInTurns(event, redact))
}
