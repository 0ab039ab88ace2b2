import { cutText, withoutBrokenEnd } from '../text/cut-text.ts'
import type { Pieces } from '../time/pieces.ts'
import type { AgentEvent, AskedOfTool, ToolDetail } from './agent-event.ts'
import { boundText } from './tools/bounded-output.ts'

/** The most characters that each kind of text may have. */
interface EventSizes {
  readonly title: number
  readonly step: number
  readonly pattern: number
  readonly text: number
  /** A message of the model to people, or of a person to the agent. */
  readonly message: number
}

/** The sizes that people read and the log keeps. */
const SHOWN: EventSizes = { title: 120, step: 160, pattern: 200, text: 4096, message: 65_536 }
/** The sizes that are masked: far above what is shown, yet small enough to mask quickly. */
const TO_MASK: EventSizes = { title: 4096, step: 4096, pattern: 4096, text: 32_768, message: 131_072 }
/** When an event has more texts than this, as with many edits, each gets a smaller share. */
const MOST_WHOLE_TEXTS = 4

type AnyEvent = AgentEvent | { readonly type: string }

/**
 * Masks an event and cuts the texts of its tool call, plan or message to the size that people read. A text is cut in two
 * steps, far beyond that size before masking and to that size after it, because half a secret cannot be recognised.
 */
export function* maskBounded<Event extends AnyEvent>(
  event: Event,
  mask: (event: Event) => Pieces<Event>,
): Pieces<Event> {
  const share = 'detail' in event ? shareOf(event.detail) : 1
  const masked = yield* mask(boundEvent(event, shared(TO_MASK, share)))
  return boundEvent(masked, shared(SHOWN, share))
}

function shared(sizes: EventSizes, share: number): EventSizes {
  return { ...sizes, text: Math.floor(sizes.text * share) }
}

function shareOf(detail: ToolDetail): number {
  const edits = detail.kind === 'edit' ? detail.edits : detail.kind === 'other' ? detail.asked?.edits : []
  return Math.min(1, MOST_WHOLE_TEXTS / Math.max(1, (edits?.length ?? 0) * 2))
}

function boundEvent<Event extends AnyEvent>(event: Event, sizes: EventSizes): Event
function boundEvent(event: AgentEvent, sizes: EventSizes): AgentEvent {
  switch (event.type) {
    case 'tool.started':
      return { ...event, title: cutLine(event.title, sizes.title) }
    case 'tool.finished': {
      const title = cutLine(event.title, sizes.title)
      return { ...event, title, detail: boundDetail(event.detail, sizes) }
    }
    case 'agent.plan': {
      const items = event.items.map((item) => ({ ...item, text: cutLine(item.text, sizes.step) }))
      return { ...event, items }
    }
    case 'agent.message':
    case 'agent.note':
      return { ...event, text: boundText(event.text, sizes.message) }
    case 'agent.notice':
    case 'finish.reviewed':
      return { ...event, message: boundText(event.message, sizes.text) }
    default:
      return event
  }
}

function boundDetail(detail: ToolDetail, sizes: EventSizes): ToolDetail {
  const bounded = (text: string) => boundText(text, sizes.text)
  const boundEdit = ({ oldText, newText }: { readonly oldText: string; readonly newText: string }) => ({
    oldText: bounded(oldText),
    newText: bounded(newText),
  })
  const boundAsked = ({ path, command, edits }: AskedOfTool): AskedOfTool => ({
    path,
    command: command && bounded(command),
    edits: edits?.map(boundEdit),
  })
  switch (detail.kind) {
    case 'bash':
      return { ...detail, command: bounded(detail.command), output: bounded(detail.output) }
    case 'edit':
      return { ...detail, edits: detail.edits.map(boundEdit) }
    case 'write':
      return { ...detail, content: bounded(detail.content) }
    case 'search':
      return { ...detail, pattern: cutLine(detail.pattern, sizes.pattern) }
    case 'other': {
      const text = bounded(detail.text)
      return detail.asked === undefined
        ? { ...detail, text }
        : { ...detail, text, asked: boundAsked(detail.asked) }
    }
    case 'read':
      return detail
  }
}

function cutLine(text: string, max: number): string {
  return text.length <= max ? text : cutText(`${withoutBrokenEnd(text.slice(0, max))}…`, max)
}
