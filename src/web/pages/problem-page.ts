import { html } from 'hono/html'
import { type Html, layout } from './layout.ts'

/** Something could not be answered: what, and what to do. */
export function problemPage({
  status,
  message,
}: {
  readonly status: number
  readonly message: string
}): Html {
  return layout({
    title: `Error ${status}`,
    content: html`<section class="card narrow"><p class="eyebrow">Error ${status}</p><h1>That did not work</h1>
      <p>${message}</p><p><a href="/">All runs</a></p></section>`,
  })
}
