import { diffLines as compareLines } from 'diff'
import { html } from 'hono/html'
import type { RunEvent } from '../../runs/run-event.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import type { TimelineItem } from '../../runs/summary/timeline.ts'
import { durationText } from '../../text/amounts.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { type DiffLine, diffLines } from './diff.ts'
import { inlineText, shortTime, stepSign } from './elements.ts'
import type { Html } from './layout.ts'
import type { Prose } from './markdown.ts'

interface EntryOptions {
  readonly prose: Prose
  /** Edits are shown as a deletion and an addition, without comparing their lines. */
  readonly plain: boolean
}

/** One entry of the activity. Its id stays, so that the page's script can put a newer version in its place. */
export function timelineEntry(item: TimelineItem, { prose, plain }: EntryOptions): Html {
  switch (item.kind) {
    case 'message':
      return html`<li id="${item.id}" class="message">${prose(item.text)}</li>`
    case 'line':
      return html`<li id="${item.id}" class="line ${item.level}"><p>${inlineText(item.text)}</p></li>`
    case 'turn':
      return html`<li id="${item.id}" class="line turn"><p>${inlineText(item.text)}</p></li>`
    case 'step': {
      const { status } = item.step
      return html`<li id="${item.id}" class="step ${status}"><p>${stepSign(status)}<span>${inlineText(sentenceOf(item.step))}</span>
        <span class="duration">${shortTime(item.step.durationMs)}</span></p></li>`
    }
    case 'tool':
      return toolEntry(item, plain)
    default:
      return unknownEntry(item)
  }
}

function toolEntry(item: Extract<TimelineItem, { kind: 'tool' }>, plain: boolean): Html {
  const { id, title, finished } = item
  const state = toolState(item)
  const head = html`<span class="tool-title"><code>${forPage(title)}</code></span>
    ${state === 'ok' ? '' : html`<span class="state">${state}</span>`}
    ${finished ? html`<span class="duration">${durationText(finished.durationMs)}</span>` : ''}`
  const detail = finished && toolDetail(finished.detail, plain)
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

function unknownEntry(item: never): never {
  throw new Error(`unknown entry ${JSON.stringify(item)}`)
}

type Detail = Extract<RunEvent, { type: 'tool.finished' }>['detail']

/** What a tool call did, below its title; undefined when the title says it all. */
function toolDetail(detail: Detail, plain: boolean): Html | undefined {
  switch (detail.kind) {
    case 'bash':
      return html`<pre class="block" tabindex="0"><code><b>$ ${forPage(detail.command)}</b>
${forPage(detail.output)}</code></pre>
        <p class="muted">exit code ${detail.exitCode}</p>`
    case 'read':
      return undefined
    case 'edit':
      return html`${detail.edits.map(({ oldText, newText }) => diffLines(compared(oldText, newText, plain)))}`
    case 'write':
      return diffLines(compared('', detail.content, plain))
    case 'search':
      return html`<p class="muted"><code>${forPage(detail.pattern)}</code>: ${detail.matches}
        ${detail.matches === 1 ? 'match' : 'matches'}</p>`
    case 'other':
      return detail.text.trim() === ''
        ? undefined
        : html`<pre class="block" tabindex="0"><code>${forPage(detail.text)}</code></pre>`
    default:
      return unknownDetail(detail)
  }
}

/** Changed lines of one edit up to which the search for the shortest diff goes on; its time grows with the square. */
const MAX_EDIT_LENGTH = 100

function compared(oldText: string, newText: string, plain: boolean): readonly DiffLine[] {
  const found = plain ? undefined : compareLines(oldText, newText, { maxEditLength: MAX_EDIT_LENGTH })
  const replaced = [
    { value: oldText, removed: true, added: false },
    { value: newText, removed: false, added: true },
  ]
  const parts = found ?? replaced.filter(({ value }) => value !== '')
  return parts.flatMap(({ value, added, removed }) => {
    const kind = added ? 'add' : removed ? 'delete' : 'context'
    const sign = added ? '+' : removed ? '-' : ' '
    const lines = value.replace(/\n$/, '').split('\n')
    return lines.map((line) => ({ kind, text: `${sign}${line}`, number: undefined }) satisfies DiffLine)
  })
}

function unknownDetail(detail: never): never {
  throw new Error(`unknown tool detail ${JSON.stringify(detail)}`)
}
