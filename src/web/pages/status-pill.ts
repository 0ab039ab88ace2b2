import { html } from 'hono/html'
import type { RunView } from '../run-view.ts'
import type { Html } from './layout.ts'

/** The status in one word, told by text, shape and colour. */
export function statusPill({ status, outcome }: Pick<RunView, 'status' | 'outcome'>): Html {
  return html`<span class="pill ${status}">${label(status, outcome)}</span>`
}

function label(status: RunView['status'], outcome: RunView['outcome']): string {
  if (status !== 'succeeded' || outcome === null) return status
  return outcome.replace('_', ' ')
}
