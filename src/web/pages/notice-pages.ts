import { html } from 'hono/html'
import { type Html, layout } from './layout.ts'

/** The form by which a browser logs in with an API token. `next` is the path that follows. */
export function loginPage({
  next,
  problem,
}: {
  readonly next: string
  readonly problem: string | undefined
}): Html {
  return layout({
    title: 'Log in',
    content: html`<section class="card narrow">
      <h1>Log in</h1>
      <p class="muted">Enter an API token. The operator makes one where Backspace runs, with <code>npm run token</code>.</p>
      <form method="post" action="/login" class="stack">
        <input type="hidden" name="next" value="${next}">
        <label for="token">API token</label>
        <input id="token" name="token" type="password" autocomplete="current-password" required autofocus
          ${problem ? html`aria-invalid="true" aria-describedby="problem"` : ''}>
        ${problem ? html`<p id="problem" class="problem" role="alert">${problem}</p>` : ''}
        <button type="submit">Log in</button>
      </form>
    </section>`,
  })
}

/** A request that failed: what went wrong and what to do. */
export function problemPage({
  status,
  message,
}: {
  readonly status: number
  readonly message: string
}): Html {
  return layout({
    title: `Error ${status}`,
    content: html`<section class="card narrow"><p class="eyebrow">Error ${status}</p><h1>${headline(status)}</h1>
      <p>${message}</p><p><a href="/">All runs</a></p></section>`,
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
