import { html } from 'hono/html'
import type { Login } from '../access/login-store.ts'
import { moment } from './elements.ts'
import { type Html, layout } from './layout.ts'

interface AccountPage {
  readonly name: string
  /** Whether a person signed in, not a token. */
  readonly isPerson: boolean
  readonly isOperator: boolean
  /** GitHub login of the person whose access limits what this reader sees; undefined for a token without an owner. */
  readonly owner: string | undefined
  /** The login of this browser; undefined where no login is needed. */
  readonly here: Login | undefined
  /** Other browsers of the same person or token. */
  readonly elsewhere: readonly Login[]
  /** For operators: other people who are logged in. */
  readonly people: readonly Login[]
}

/** Shows who is logged in with this browser and what they may do, and lets them log out. */
export function accountPage(page: AccountPage): Html {
  const { name, here, elsewhere, people } = page
  return layout({
    title: 'Account',
    account: here && name,
    styles: ['account.css'],
    content: html`<div class="account-page">
    <h1>${name}</h1>
    <p class="muted">${rightsText(page)}</p>
    ${
      here === undefined
        ? ''
        : html`<section class="card" aria-labelledby="here-title">
      <h2 id="here-title">This browser</h2>
      <p>${sinceText(here)} This login expires on ${moment(here.expiresAt.toISOString())} at the latest.</p>
      <form method="post" action="/logout"><button type="submit">Log out</button></form>
    </section>
    <section class="card" aria-labelledby="elsewhere-title">
      <h2 id="elsewhere-title">Other browsers</h2>
      ${
        elsewhere.length === 0
          ? html`<p class="muted">No other browser is logged in.</p>`
          : html`<ul>${elsewhere.map((login) => html`<li>${sinceText(login)} <span class="muted">Last used ${moment(login.seenAt.toISOString())}.</span></li>`)}</ul>
      <form method="post" action="/logout/everywhere"><button class="quiet" type="submit">Log out everywhere</button></form>`
      }
    </section>`
    }
    ${people.length === 0 ? '' : peoplePart(people)}
    </div>`,
  })
}

function rightsText({ isOperator, isPerson, owner, here }: AccountPage): string {
  if (isPerson && isOperator) {
    return 'You are an operator: you see the runs of every repository, and may act where you have write access on GitHub.'
  }
  if (isPerson) {
    return 'You see the runs of repositories that you can read on GitHub, and may act where you have write access.'
  }
  if (here === undefined) return 'Only this machine can reach the service, so no login is needed.'
  return owner === undefined
    ? 'You are logged in with an API token.'
    : `You are logged in with an API token of ${owner}, which allows no more than GitHub allows ${owner}.`
}

function peoplePart(people: readonly Login[]): Html {
  return html`<section class="card" aria-labelledby="people-title">
    <h2 id="people-title">People who are logged in</h2>
    <ul class="people">${people.map(
      ({ credential, login, seenAt }) => html`<li><span><strong>${login}</strong>
        <span class="muted">last used ${moment(seenAt.toISOString())}</span></span>
      <form method="post" action="/account/people/${credential.replace('person:', '')}/logout">
        <button class="quiet" type="submit">Log out<span class="sr"> ${login} everywhere</span></button>
      </form></li>`,
    )}</ul>
  </section>`
}

function sinceText({ createdAt }: Login): Html {
  return html`Logged in since ${moment(createdAt.toISOString())}.`
}
