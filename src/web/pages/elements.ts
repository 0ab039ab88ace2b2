import { html } from 'hono/html'
import { forPage } from '../../text/hidden-characters.ts'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'

/** A link to another site; plain text when the address is not one of the web. */
export function link(url: string, text: string, style = 'plain'): Html {
  const safe = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  return safe
    ? html`<a class="${style}" href="${url}" rel="noopener noreferrer">${forPage(text)}</a>`
    : html`<span>${forPage(text)}</span>`
}

/** Plain text whose web addresses lead there. */
export function linkedText(text: string): Html {
  const parts = text.split(/(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,:;!?)\]])/)
  return html`${parts.map((part, at) => (at % 2 === 1 ? link(part, part) : forPage(part)))}`
}

/** A point in time, in UTC; the page's script shows it in the reader's own zone. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}" data-moment>${iso.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** Time since then, counted on by the page's script. */
export function elapsedSince(iso: string, now: number = Date.now()): Html {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  return html`<time datetime="${iso}" data-since>${seconds} s</time>`
}

/** The status in one word, told by text, shape and colour. */
export function statusPill({ status, outcome }: Pick<RunView, 'status' | 'outcome'>): Html {
  return html`<span class="pill ${status}">${label(status, outcome)}</span>`
}

function label(status: RunView['status'], outcome: RunView['outcome']): string {
  if (status !== 'succeeded' || outcome === null) return status
  return outcome.replace('_', ' ')
}
