import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** A point in time, in UTC; the page's script shows it in the reader's own zone. */
export function moment(iso: string): Html {
  return html`<time datetime="${iso}" data-moment>${iso.slice(0, 16).replace('T', ' ')} UTC</time>`
}

/** Time since then, counted on by the page's script. */
export function elapsedSince(iso: string, now: number = Date.now()): Html {
  const seconds = Math.max(0, Math.round((now - Date.parse(iso)) / 1000))
  return html`<time datetime="${iso}" data-since>${seconds} s</time>`
}
