import type { RunLog } from '../../runs/log/run-log.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import { type Redact, redactDeep } from '../../secrets/redact.ts'
import { forTerminalDeep } from '../../text/terminal-text.ts'
import { createBreathe } from '../../time/breathe.ts'

/** An event as it may be shown: without secrets and control characters. */
export type ShowEvent = (event: RunEvent) => RunEvent

/** Clients that follow the same run receive the same event objects, so each event is masked once for all of them. */
export function createShowEvent(redact: Redact): ShowEvent {
  const shown = new WeakMap<RunEvent, RunEvent>()
  return (event) => {
    const known = shown.get(event)
    if (known) return known
    const ready = forTerminalDeep(redactDeep(event, redact))
    shown.set(event, ready)
    return ready
  }
}

const PAGE = 500

interface ShownEventsQuery {
  readonly runId: string
  readonly redact: Redact
  /** Up to this event the details of tool calls and of setup, which are most of a log's text, are left out. */
  readonly detailsAfter?: number | undefined
}

/** Every event of a run so far, as it may be shown. Reads the log in pages. */
export async function readShownEvents(
  log: Pick<RunLog, 'read'>,
  { runId, redact, detailsAfter = 0 }: ShownEventsQuery,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  const breathe = createBreathe()
  for (;;) {
    const page = await log.read(runId, events.at(-1)?.seq ?? 0, PAGE)
    for (const event of page) {
      const wanted = event.seq > detailsAfter ? event : withoutDetail(event)
      events.push(forTerminalDeep(redactDeep(wanted, redact)))
      await breathe()
    }
    if (page.length < PAGE) return events
  }
}

function withoutDetail(event: RunEvent): RunEvent {
  if (event.type === 'setup.finished') {
    return { ...event, results: event.results.map((result) => ({ ...result, output: '' })) }
  }
  return event.type === 'tool.finished' ? { ...event, detail: { kind: 'other', text: '' } } : event
}
