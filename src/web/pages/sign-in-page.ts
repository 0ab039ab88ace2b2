import { html } from 'hono/html'
import type { WebDeps } from '../web-deps.ts'
import { type Html, layout } from './layout.ts'

type Service = Pick<WebDeps, 'gitHubSignIn' | 'publicUrl' | 'webUrl'>

interface SignInPage extends Service {
  /** The path to which the person returns after signing in. */
  readonly next: string
  /** Why signing in failed; undefined if the person has not tried yet. */
  readonly problem?: string | undefined
  /** What is wrong with the submitted API token. */
  readonly tokenProblem?: string | undefined
}

/** The page that a browser gets instead of one that needs a login: a button for GitHub, and a form for an API token. */
export function signInPage(page: SignInPage): Html {
  const { gitHubSignIn, next, problem } = page
  const isRun = next.startsWith('/runs/')
  return layout({
    title: 'Sign in',
    styles: ['sign-in.css'],
    scripts: ['sign-in.js'],
    content: html`<section class="card narrow sign-in">
      <div class="lead">
        <h1>${problem === undefined ? (isRun ? 'Sign in to see this run' : 'Sign in') : 'You are not signed in'}</h1>
        ${gitHubSignIn && problem === undefined ? html`<p class="muted">You see the runs of repositories that you can read on ${hostOf(page)}.</p>` : ''}
      </div>
      ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
      ${gitHubSignIn ? gitHubButton(next) : tokenForm(page)}
      ${gitHubSignIn ? foldedToken(page) : howToSetUp(page)}
    </section>`,
  })
}

function gitHubButton(next: string): Html {
  return html`<a class="button" href="/auth/github?next=${encodeURIComponent(next)}" data-back>
    <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1a11 11 0 0 0-3.5 21.4c.6.1.8-.2.8-.5v-2c-3.1.7-3.7-1.3-3.7-1.3-.5-1.3-1.2-1.6-1.2-1.6-1-.7.1-.7.1-.7 1.1.1 1.7 1.1 1.7 1.1 1 1.7 2.6 1.2 3.2.9.1-.7.4-1.2.7-1.5-2.4-.3-5-1.2-5-5.4 0-1.2.4-2.2 1.1-2.9-.1-.3-.5-1.4.1-2.9 0 0 .9-.3 3 1.1a10.4 10.4 0 0 1 5.5 0c2.1-1.4 3-1.1 3-1.1.6 1.5.2 2.6.1 2.9.7.7 1.1 1.7 1.1 2.9 0 4.2-2.6 5.1-5 5.4.4.3.8 1 .8 2v3c0 .3.2.6.8.5A11 11 0 0 0 12 1Z"/></svg>
    Sign in with GitHub</a>
    <p class="small">GitHub tells Backspace who you are, and nothing else. Backspace asks GitHub what you may see.</p>`
}

function foldedToken(page: SignInPage): Html {
  return html`<details ${page.tokenProblem === undefined ? '' : html`open`}>
    <summary>Use an API token</summary>
    ${tokenForm(page)}
  </details>`
}

function tokenForm({ next, tokenProblem }: SignInPage): Html {
  return html`<form method="post" action="/login" class="stack">
    <input type="hidden" name="next" value="${next}" data-back>
    <label for="token">API token</label>
    <input id="token" name="token" type="password" autocomplete="current-password" required
      ${tokenProblem ? html`aria-invalid="true" aria-describedby="token-problem"` : ''}>
    ${tokenProblem ? html`<p id="token-problem" class="problem" role="alert">${tokenProblem}</p>` : ''}
    <p class="small">The operator creates tokens on the machine that runs Backspace, with <code>npm run token</code>.</p>
    <button type="submit">Log in</button>
  </form>`
}

function howToSetUp({ publicUrl }: Service): Html {
  return html`<details>
    <summary>Sign in with GitHub is not set up</summary>
    <p class="small">To set it up, the operator sets these and restarts Backspace:</p>
    <dl>
      <dt><code>GITHUB_CLIENT_ID</code>, <code>GITHUB_CLIENT_SECRET</code></dt><dd>from the App’s settings page on GitHub</dd>
      <dt>Callback URL of the App</dt><dd><code>${publicUrl()}/auth/github/callback</code></dd>
    </dl>
  </details>`
}

function hostOf({ webUrl }: Service): string {
  const { host } = new URL(webUrl)
  return host === 'github.com' ? 'GitHub' : host
}
