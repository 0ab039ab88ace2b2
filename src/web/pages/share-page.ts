import { html } from 'hono/html'
import type { Share } from '../access/share-store.ts'
import { moment } from './elements.ts'
import { type Html, layout } from './layout.ts'

interface SharePage {
  readonly runId: string
  /** `owner/name` */
  readonly repository: string
  /** Those that work. */
  readonly links: readonly Share[]
  /** The one that was made just now; its address is never shown again. */
  readonly made?: { readonly id: string; readonly url: string } | undefined
  readonly account: string | undefined
}

/** Makes, lists and revokes the links that show one run. */
export function sharePage({ runId, repository, links, made, account }: SharePage): Html {
  return layout({
    title: 'Share a run',
    account,
    here: '/runs',
    styles: ['share.css'],
    content: html`<div class="share">
    <p class="eyebrow"><a href="/runs/${runId}">Back to the run</a> / ${repository}</p>
    <h1>Share this run</h1>
    <p class="muted">Anyone with the link sees this run, its diff and its receipt, without signing in. They see no other run,
      and they can change nothing. The link ends when it expires, when you revoke it, or when its maker loses access to the repository.</p>
    ${made ? madePart(made.url) : ''}
    <form method="post" action="/runs/${runId}/share" class="card make">
      <fieldset><legend>The link works for</legend>
        ${DAYS.map(({ days, name }) => html`<label><input type="radio" name="days" value="${days}" ${days === 7 ? html`checked` : ''}> ${name}</label>`)}
      </fieldset>
      <button type="submit">Make a link</button>
    </form>
    ${links.length === 0 ? '' : linkList(runId, links)}
    </div>`,
  })
}

const DAYS = [
  { days: 1, name: '1 day' },
  { days: 7, name: '7 days' },
  { days: 30, name: '30 days' },
] as const

function madePart(url: string): Html {
  return html`<section class="card made" aria-labelledby="made-title">
    <h2 id="made-title">Your link</h2>
    <label for="link">Copy it now: it is not shown again.</label>
    <input id="link" readonly value="${url}" autofocus>
  </section>`
}

function linkList(runId: string, links: readonly Share[]): Html {
  return html`<section aria-labelledby="links-title">
    <h2 id="links-title">Links that work</h2>
    <ul class="links">${links.map(
      ({ id, madeBy, createdAt, expiresAt }) => html`<li class="card">
      <p><strong>${madeBy}</strong> made it on ${moment(createdAt.toISOString())}.<br>
        <span class="muted">It works until ${moment(expiresAt.toISOString())}.</span></p>
      <form method="post" action="/runs/${runId}/share/${id}/revoke">
        <button class="quiet" type="submit">Revoke<span class="sr"> the link of ${madeBy}</span></button>
      </form></li>`,
    )}</ul>
  </section>`
}

/** How the reader of a run's page came to see it, if that concerns links. */
export interface ShareView {
  /** The reader sees the run by a link, until then (ISO 8601), and nothing else. */
  readonly until?: string | undefined
  /** The reader may make such links. */
  readonly mayShare: boolean
}

/** The way to the links of a run, for those who may make some. */
export function shareLink(page: string, { mayShare }: ShareView): Html | string {
  return mayShare ? html`<a class="share-link" href="${page}/share">Share</a>` : ''
}

/** What a reader should know who came by a link. */
export function shareNotice({ until }: ShareView): Html | string {
  if (until === undefined) return ''
  return html`<p class="notice" role="status">A link shows you this run until ${moment(until)}.
    <a href="/">Sign in</a> to see more.</p>`
}
