import { html } from 'hono/html'
import type { Html } from './layout.ts'
import { shownText } from './shown-text.ts'

/** A link to another site; plain text when the address is not one of the web. */
export function link(url: string, text: string, style = 'plain'): Html {
  const safe = URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
  return safe
    ? html`<a class="${style}" href="${url}" rel="noopener noreferrer">${shownText(text)}</a>`
    : html`<span>${shownText(text)}</span>`
}

/** Plain text whose web addresses lead there. */
export function linkedText(text: string): Html {
  const parts = text.split(/(https?:\/\/[^\s<>"'`]*[^\s<>"'`.,:;!?)\]])/)
  return html`${parts.map((part, at) => (at % 2 === 1 ? link(part, part) : shownText(part)))}`
}
