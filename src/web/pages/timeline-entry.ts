import { html } from 'hono/html'
import { costText, durationText } from '../../runs/amount-text.ts'
import type { Html } from './layout.ts'
import { linkedText } from './link.ts'
import { markdown } from './markdown.ts'
import { shownText } from './shown-text.ts'
import { STEP_NAMES } from './step-names.ts'
import type { TimelineItem } from './timeline-items.ts'
import { toolDetail } from './tool-detail.ts'

/** One entry of the activity. Its id stays, so that the page's script can put a newer version in its place. */
export function timelineEntry(item: TimelineItem): Html {
  switch (item.kind) {
    case 'message':
      return html`<li id="${item.id}" class="message">${markdown(item.text)}</li>`
    case 'line':
      return html`<li id="${item.id}" class="line ${item.level}"><p>${linkedText(item.text)}</p></li>`
    case 'turn': {
      const { turn, model, durationMs, costUsd, usage } = item.turn
      const tokens = usage.input + usage.cacheRead + usage.cacheWrite
      return html`<li id="${item.id}" class="line turn"><p>Turn ${turn} · ${model} · ${durationText(durationMs)}
        · ${count(tokens)} tokens in, ${count(usage.output)} out · ${costText(costUsd)}</p></li>`
    }
    case 'step': {
      const { step, status, message, durationMs } = item.step
      return html`<li id="${item.id}" class="step ${status}"><p><span><b>${STEP_NAMES[step]}</b> ${linkedText(message)}</span>
        <span class="duration">${durationText(durationMs)}</span></p></li>`
    }
    case 'tool':
      return toolEntry(item)
    default:
      return unreachable(item)
  }
}

function toolEntry(item: Extract<TimelineItem, { kind: 'tool' }>): Html {
  const { id, title, finished } = item
  const state = toolState(item)
  const head = html`<span class="tool-title"><code>${shownText(title)}</code></span>
    ${state === 'ok' ? '' : html`<span class="state">${state}</span>`}
    ${finished ? html`<span class="duration">${durationText(finished.durationMs)}</span>` : ''}`
  const detail = finished && toolDetail(finished.detail)
  if (!detail) return html`<li id="${id}" class="tool ${state}"><div class="tool-head">${head}</div></li>`
  // Edits are what a reader looks for; output is there for those who ask.
  const open = finished.detail.kind === 'edit' || finished.status === 'error'
  return html`<li id="${id}" class="tool ${state}"><details id="${id}-detail" ${open ? 'open' : ''}>
    <summary class="tool-head">${head}</summary>${detail}</details></li>`
}

function toolState({ finished, interrupted }: Extract<TimelineItem, { kind: 'tool' }>): string {
  if (!finished) return interrupted ? 'interrupted' : 'running'
  if (finished.status !== 'ok') return finished.status
  return finished.detail.kind === 'bash' && finished.detail.exitCode !== 0
    ? `exit ${finished.detail.exitCode}`
    : 'ok'
}

function count(tokens: number): string {
  return tokens < 10_000 ? String(tokens) : `${Math.round(tokens / 1000)}k`
}

function unreachable(item: never): never {
  throw new Error(`unknown entry ${JSON.stringify(item)}`)
}
