import { html } from 'hono/html'
import type { RunEvent } from '../../runs/run-event.ts'
import { sentenceOf } from '../../runs/summary/sentences.ts'
import {
  type StoryEntry,
  type TurnBody,
  type TurnPart,
  toolState,
} from '../../runs/summary/story/story-entry.ts'
import { counted, durationText } from '../../text/amounts.ts'
import { cutText } from '../../text/cut-text.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { comparedLines, unifiedLines } from './diff-lines.ts'
import { inlineText, shortTime, stepSign } from './elements.ts'
import type { Html } from './layout.ts'
import type { Prose } from './markdown.ts'

export interface EntryView {
  /** Address of the run's page. */
  readonly page: string
  readonly prose: Prose
  /** Whether edits are shown as a deletion and an addition, without comparing their lines. */
  readonly plain: boolean
  /** Whether the output of tools is left out; it is loaded when the reader asks for it. */
  readonly brief: boolean
  /** Number of the event that the reader asked for. */
  readonly target?: number | undefined
}

/** One entry of the story. Its id is the number of its first event and never changes, so a newer version can replace it. */
export function storyEntry(entry: StoryEntry, view: EntryView): Html {
  const { id, last, body } = entry
  const isTarget = view.target !== undefined && view.target >= id && view.target <= last
  const style = `${body.kind} ${styleOf(entry)}${isTarget ? ' target' : ''}`.trim()
  return html`<li id="${id}" data-last="${last}" class="${style}"${view.brief ? html` data-brief="yes"` : ''}>
    ${contentOf(entry, view)}${permalink(id, view)}</li>`
}

function permalink(seq: number, { page }: EntryView): Html {
  return html`<a class="perma" href="${page}?at=${seq}#${seq}" aria-label="Link to event ${seq}">#${seq}</a>`
}

function styleOf({ body }: StoryEntry): string {
  if (body.kind === 'line') return body.level
  return body.kind === 'step' ? body.state : ''
}

function contentOf(entry: StoryEntry, view: EntryView): Html {
  const { body } = entry
  switch (body.kind) {
    case 'step': {
      const { state, text, durationMs } = body
      return html`<p>${stepSign(state)}<span>${inlineText(text)}</span>
        <span class="duration">${durationMs === null ? '' : shortTime(durationMs)}</span></p>`
    }
    case 'line':
      return body.prose
        ? wordsOf(body.text, { ...view, id: entry.id })
        : html`<p>${inlineText(body.text)}</p>`
    case 'turn':
      return turnContent(entry, body, view)
  }
}

/** Most characters of a message in a brief entry. */
const MOST_BRIEF_WORDS = 1_200

function wordsOf(text: string, { prose, brief, page, id }: EntryView & { readonly id: number }): Html {
  if (!brief || text.length <= MOST_BRIEF_WORDS) return html`<div class="words">${prose(text)}</div>`
  return html`<div class="words">${prose(cutText(text, MOST_BRIEF_WORDS))}<p><a class="whole" href="${page}?at=${id}#${id}">Whole message</a></p></div>`
}

function turnContent({ id, last }: StoryEntry, { turn, parts }: TurnBody, view: EntryView): Html {
  const words = parts.filter((part) => part.kind === 'words')
  const plans = parts.filter((part) => part.kind === 'plan')
  const tools = parts.filter((part) => part.kind === 'tool')
  const wanted = view.target !== undefined && view.target >= id && view.target <= last
  const open = !view.brief && (wanted || tools.some(isOpen))
  const facts = turn && html`<span class="muted">${inlineText(sentenceOf(turn))}</span>`
  return html`${words.map(({ text, seq }) => wordsOf(text, { ...view, id: seq }))}
    ${plans.map(({ text }) => html`<p class="muted plan-line">${text}</p>`)}
    ${
      tools.length === 0
        ? html`<p class="turn-line">${facts ?? ''}</p>`
        : html`<details class="tools" id="tools-${id}"${open ? html` open` : ''}${view.brief ? html` data-load="${view.page}/story?entry=${id}"` : ''}>
      <summary><span class="calls">${callsText(tools)}</span>${badState(tools)} ${facts ?? ''}</summary>
      ${view.brief ? html`<p class="loads"><a href="${view.page}?at=${id}#${id}">Show ${counted(tools.length, 'call')}</a></p>` : html`<ol>${tools.map((tool) => toolEntry(tool, view))}</ol>`}
    </details>`
    }`
}

type Tool = Extract<TurnPart, { kind: 'tool' }>

/** Readers look for running calls, failures and edits, so these start unfolded. */
function isOpen(tool: Tool): boolean {
  return tool.finished === null || tool.finished.status === 'error' || tool.finished.detail.kind === 'edit'
}

const MOST_TITLES = 3

function callsText(tools: readonly Tool[]): Html {
  const titles = tools.slice(0, MOST_TITLES).map(({ title }) => title)
  const more = tools.length - titles.length
  return html`<code>${forPage(cutText(titles.join(' · '), 140))}</code>${more > 0 ? ` and ${more} more` : ''}`
}

function badState(tools: readonly Tool[]): Html | '' {
  const bad = tools.map(toolState).filter((state) => state !== 'ok')
  const running = bad.includes('running')
  const [worst] = running ? ['running'] : bad
  return worst === undefined ? '' : html` <span class="state${running ? ' busy' : ''}">${worst}</span>`
}

function toolEntry(tool: Tool, view: EntryView): Html {
  const { seq, title, finished } = tool
  const state = toolState(tool)
  const head = html`<span class="tool-title"><code>${forPage(title)}</code></span>
    ${state === 'ok' ? '' : html`<span class="state${state === 'running' ? ' busy' : ''}">${state}</span>`}
    ${finished ? html`<span class="duration">${durationText(finished.durationMs)}</span>` : ''}`
  const detail = finished && toolDetail(finished.detail, view.plain)
  if (!detail) return html`<li class="tool"><div class="tool-head">${head}</div></li>`
  return html`<li class="tool"><details id="tool-${seq}"${isOpen(tool) || view.target === seq || view.target === finished.seq ? html` open` : ''}>
    <summary class="tool-head">${head}</summary>${detail}</details></li>`
}

type Detail = Extract<RunEvent, { type: 'tool.finished' }>['detail']

/** What a tool call did, shown below its title; undefined when the title says it all. */
function toolDetail(detail: Detail, plain: boolean): Html | undefined {
  switch (detail.kind) {
    case 'bash':
      return html`<pre class="block" tabindex="0"><code><b>$ ${forPage(detail.command)}</b>
${forPage(detail.output)}</code></pre>
        <p class="muted">exit code ${detail.exitCode}</p>`
    case 'read':
      return undefined
    case 'edit':
      return html`${detail.edits.map(({ oldText, newText }) => unifiedLines(comparedLines(oldText, newText, plain)))}`
    case 'write':
      return unifiedLines(comparedLines('', detail.content, plain))
    case 'search':
      return html`<p class="muted"><code>${forPage(detail.pattern)}</code>: ${detail.matches}
        ${detail.matches === 1 ? 'match' : 'matches'}</p>`
    case 'other':
      return detail.text.trim() === ''
        ? undefined
        : html`<pre class="block" tabindex="0"><code>${forPage(detail.text)}</code></pre>`
  }
}
