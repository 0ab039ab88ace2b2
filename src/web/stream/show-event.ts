import type { RunLog } from '../../runs/log/run-log.ts'
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

interface ShownEventsQuery {
  readonly runId: string
  readonly redact: Redact
  /** Up to this event the details of tool calls and of setup, which are most of a log's text, are left out. */
  readonly detailsAfter?: number | undefined
}

/** Characters of tool calls and messages that a page shows. The first ones beyond it say that they are left out. */
const MOST_DETAILS = 2 * 1024 * 1024
const LEFT_OUT =
  '(not shown here: this run has more output than fits on a page; the address of this page with /events has all of it)'

/** Every event of a run so far, as a page shows it. Reads the log in pages. */
export async function readShownEvents(
  log: Pick<RunLog, 'read'>,
  { runId, redact, detailsAfter = 0 }: ShownEventsQuery,
): Promise<readonly RunEvent[]> {
  const events: RunEvent[] = []
  let details = 0
  let oldest = 0
  for (;;) {
    const page = await log.read(runId, events.at(-1)?.seq ?? 0)
    if (page.length === 0) break
    for (const event of page) {
      const wanted = event.seq > detailsAfter ? event : withoutDetail(event, '')
      details += detailLength(wanted)
      events.push(wanted)
    }
    for (; details > MOST_DETAILS && oldest < events.length; oldest++) {
      const event = events[oldest]
      if (event === undefined || detailLength(event) <= LEFT_OUT.length) continue
      details -= detailLength(event)
      events[oldest] = withoutDetail(event, LEFT_OUT)
    }
  }
  return await forTerminalInTurns(await redactInTurns(events, redact))
}

/** Characters of what an event tells in full; 0 for kinds that a run has few of. */
function detailLength(event: RunEvent): number {
  if (event.type === 'agent.message') return event.text.length
  return event.type === 'tool.finished' ? textLength(event.detail) : 0
}

function textLength(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (value === null || typeof value !== 'object') return 0
  return Object.values(value).reduce<number>((sum, item) => sum + textLength(item), 0)
}

function withoutDetail(event: RunEvent, text: string): RunEvent {
  switch (event.type) {
    case 'setup.finished':
      return { ...event, results: event.results.map((result) => ({ ...result, output: text })) }
    case 'tool.finished':
      return { ...event, detail: { kind: 'other', text } }
    case 'agent.message':
      return text === '' ? event : { ...event, text }
    default:
      return event
  }
}
