import { html } from 'hono/html'
import { type Html, layout } from './layout.ts'

/** A request that failed: what went wrong and what to do. */
export function problemPage({
  status,
  message,
  account,
}: {
  readonly status: number
  readonly message: string
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
}): Html {
  return layout({
    title: `Error ${status}`,
    account,
    content: html`<section class="card narrow"><p class="eyebrow">Error ${status}</p><h1>${headline(status)}</h1>
      <p>${message}</p><p><a href="/">Go to the dashboard</a></p></section>`,
  })
}

function headline(status: number): string {
  switch (status) {
    case 403:
      return 'Access denied'
    case 404:
      return 'Page not found'
    case 409:
      return 'This is no longer possible'
    case 429:
      return 'Too many requests'
    case 503:
      return 'Not available right now'
    default:
      return status >= 500 ? 'Something went wrong' : 'This request is not valid'
  }
}
