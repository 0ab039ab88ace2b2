import { cutText } from '../text/cut-text.ts'
import type { AgentEvent, AskedOfTool, ToolDetail } from './agent-event.ts'
import { boundText } from './tools/bounded-output.ts'

const MAX_TITLE = 120
const MAX_STEP = 160
const MAX_PATTERN = 200
const MAX_TEXT = 4096

/**
 * An event with the texts of its tool call or plan cut to the size that people read and the log keeps. It is the last
 * thing that happens to an event: secrets are masked before, because a part of one cannot be recognised.
 */
export function boundEvent<Event extends AgentEvent | { readonly type: string }>(event: Event): Event
export function boundEvent(event: AgentEvent): AgentEvent {
  switch (event.type) {
    case 'tool.started':
      return { ...event, title: cutText(event.title, MAX_TITLE) }
    case 'tool.finished':
      return { ...event, title: cutText(event.title, MAX_TITLE), detail: boundDetail(event.detail) }
    case 'agent.plan':
      return { ...event, items: event.items.map((item) => ({ ...item, text: cutText(item.text, MAX_STEP) })) }
    default:
      return event
  }
}

function boundDetail(detail: ToolDetail): ToolDetail {
  switch (detail.kind) {
    case 'bash':
      return { ...detail, command: bounded(detail.command), output: bounded(detail.output) }
    case 'edit':
      return { ...detail, edits: detail.edits.map(boundEdit) }
    case 'write':
      return { ...detail, content: bounded(detail.content) }
    case 'search':
      return { ...detail, pattern: cutText(detail.pattern, MAX_PATTERN) }
    case 'other':
      return detail.asked === undefined
        ? { ...detail, text: bounded(detail.text) }
        : { ...detail, text: bounded(detail.text), asked: boundAsked(detail.asked) }
    case 'read':
      return detail
  }
}

function boundAsked({ path, command, edits }: AskedOfTool): AskedOfTool {
  return { path, command: command && bounded(command), edits: edits?.map(boundEdit) }
}

function boundEdit({ oldText, newText }: { readonly oldText: string; readonly newText: string }) {
  return { oldText: bounded(oldText), newText: bounded(newText) }
}

function bounded(text: string): string {
  return boundText(text, MAX_TEXT)
}
