import { html, raw } from 'hono/html'
import type { StoryEntry } from '../../runs/summary/story/story-entry.ts'
import { forPage } from '../../text/hidden-characters.ts'
import { codeText } from './elements.ts'
import type { Html } from './layout.ts'
import type { Prose } from './markdown.ts'
import { countNodes } from './node-budget.ts'
import { storyEntry } from './story-entry.ts'

/** The entries of the story that a page shows, and their place in the whole story. */
export interface StoryWindow {
  readonly entries: readonly StoryEntry[]
  /** How many entries come before these, and after. */
  readonly before: number
  readonly after: number
  /** Number of the event that the reader asked for. */
  readonly target?: number | undefined
  /** Number of the last event that failed. */
  readonly failure?: number | undefined
  /** Whether entries may be missing between those on the reader's page and these. */
  readonly gap?: boolean | undefined
}

/** What a search found. */
export interface StoryHits {
  readonly query: string
  readonly hits: readonly { readonly seq: number; readonly text: string }[]
  /** Whether there are more hits than these. */
  readonly more: boolean
}

interface StoryView {
  readonly page: string
  readonly prose: Prose
  readonly plain: boolean
}

/** Most elements and characters of the entries of a new page. */
const MOST_NODES = 400
const MOST_CHARACTERS = 90_000

/** Approximate size of a brief entry. */
const BRIEF_NODES = 9
const BRIEF_CHARACTERS = 900

/** Draws the entries, as many in full as fit: first the one that the reader asked for, then from the last one back. */
export function storyEntries({ entries, target }: StoryWindow, view: StoryView): Html {
  const drawn = entries.map(() => '')
  let nodes = MOST_NODES - entries.length * BRIEF_NODES
  let characters = MOST_CHARACTERS - entries.length * BRIEF_CHARACTERS
  for (const index of inOrderOfInterest(entries, target)) {
    const entry = entries[index]
    if (entry === undefined) continue
    const isTarget = target !== undefined && target >= entry.id && target <= entry.last
    const whole = isTarget || nodes > 0 ? String(storyEntry(entry, { ...view, brief: false, target })) : ''
    const cost = countNodes(whole) - BRIEF_NODES
    const size = whole.length - BRIEF_CHARACTERS
    const fits = isTarget || (nodes > 0 && cost <= nodes && size <= characters)
    drawn[index] = fits ? whole : String(storyEntry(entry, { ...view, brief: true, target }))
    nodes -= fits ? cost : countNodes(drawn[index] ?? '') - BRIEF_NODES
    characters -= fits ? size : 0
  }
  return html`${raw(drawn.join(''))}`
}

function inOrderOfInterest(entries: readonly StoryEntry[], target: number | undefined): readonly number[] {
  const wanted = entries.findIndex(({ id, last }) => target !== undefined && target >= id && target <= last)
  const lastFirst = entries.map((_, index) => entries.length - 1 - index)
  return wanted === -1 ? lastFirst : [wanted, ...lastFirst.filter((index) => index !== wanted)]
}

/** The list of entries, with links to earlier and later ones. */
export function storyList(window: StoryWindow, view: StoryView): Html {
  const { entries, before, after } = window
  const [first, last] = [entries[0]?.id ?? 1, entries.at(-1)?.id ?? 1]
  return html`<div id="story" data-story="${view.page}/story" data-newest="${String(after === 0)}"${window.target === undefined ? '' : html` data-target="${window.target}"`}>
    ${before > 0 ? html`<p class="more"><a data-more="before" href="${view.page}?at=${Math.max(1, first - 1)}#${Math.max(1, first - 1)}">${entriesText(before, 'earlier')}</a></p>` : ''}
    <ol id="timeline" class="timeline">${storyEntries(window, view)}</ol>
    ${after > 0 ? html`<p class="more"><a data-more="after" href="${view.page}?at=${last + 1}#${last + 1}">${entriesText(after, 'later')}</a></p>` : ''}
  </div>`
}

function entriesText(count: number, which: 'earlier' | 'later'): string {
  return `${count.toLocaleString('en-US')} ${which} ${count === 1 ? 'entry' : 'entries'}`
}

interface StorySection extends StoryView {
  readonly isLive: boolean
  readonly pruned: boolean
  readonly found: StoryHits | undefined
  /** Number of the run's last event, and of the event up to which the page shows the run. */
  readonly events: number
  readonly upto: number | undefined
}

/** The story of the run: everything that happened, in order, with search and replay. */
export function storyPart(window: StoryWindow, section: StorySection): Html {
  const { page, isLive, pruned, found, events, upto } = section
  const { failure } = window
  return html`<section class="card story" aria-labelledby="activity-title">
    <div class="card-head"><h2 id="activity-title">Story</h2>
      <div class="story-tools">
        ${failure === undefined ? '' : html`<a class="jump" data-jump="failure" href="${page}?at=${failure}#${failure}">Jump to failure</a>`}
        <a class="jump" data-follow href="${page}#now"${isLive ? '' : html` hidden`}>Follow now</a>
        <form class="search" role="search" method="get" action="${page}" data-search="${page}/story">
          <label class="sr" for="q">Search the story</label>
          <input id="q" type="search" name="q" maxlength="200" placeholder="Search"${found ? html` value="${found.query}"` : ''}>
          <button class="quiet" type="submit">Search</button>
        </form>
      </div></div>
    ${isLive || pruned ? '' : replayForm({ page, events, upto })}
    ${pruned ? html`<p class="muted">The events in between were deleted because of their age.</p>` : ''}
    <div id="hits" aria-live="polite">${found ? storyHits(found, page) : ''}</div>
    ${storyList(window, section)}
    <p id="now" class="sr">The end of the story</p>
  </section>`
}

function replayForm({
  page,
  events,
  upto,
}: {
  readonly page: string
  readonly events: number
  readonly upto: number | undefined
}): Html {
  const at = upto ?? events
  return html`<form class="replay" method="get" action="${page}" data-replay="${page}/live">
    <label for="upto">Replay</label>
    <input id="upto" type="range" name="upto" min="1" max="${events}" value="${at}" aria-describedby="upto-text">
    <output id="upto-text" for="upto">event ${at} of ${events}</output>
    <button class="quiet plain-only" type="submit">Go</button>
  </form>`
}

/** What a search found, each hit with a link to its entry. */
export function storyHits({ query, hits, more }: StoryHits, page: string): Html {
  const noun = hits.length === 1 ? 'entry has' : 'entries have'
  return html`<p class="muted">${more ? 'The last ' : ''}${hits.length} ${noun} “${forPage(query)}”</p>
    <ul class="hits">${hits.map(({ seq, text }) => html`<li><a href="${page}?at=${seq}#${seq}">#${seq}</a> ${codeText(text)}</li>`)}</ul>`
}
