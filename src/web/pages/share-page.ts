import { html } from 'hono/html'
import type { Share } from '../access/share-store.ts'
import { moment } from './elements.ts'
import { type Html, layout } from './layout.ts'

interface SharePage {
  readonly runId: string
  /** `owner/name` */
  readonly repository: string
  /** The links that have not expired or been revoked. */
  readonly links: readonly Share[]
  /** The link that was made just now; its address is never shown again. */
  readonly made?: { readonly id: string; readonly url: string } | undefined
  readonly account: string | undefined
}

/** The page on which a person makes, lists and revokes the links that show one run. */
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
      and they can change nothing. The link ends when it expires, when you revoke it, or when the person who made it loses access to the repository.</p>
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
      <p>Made by <strong>${madeBy}</strong> on ${moment(createdAt.toISOString())}.<br>
        <span class="muted">Works until ${moment(expiresAt.toISOString())}.</span></p>
      <form method="post" action="/runs/${runId}/share/${id}/revoke">
        <button class="quiet" type="submit">Revoke<span class="sr"> the link of ${madeBy}</span></button>
      </form></li>`,
    )}</ul>
  </section>`
}

/** What the page of a run shows about shared links. */
export interface ShareView {
  /** When the reader's link expires (ISO 8601); undefined for a reader who did not come by a link. */
  readonly until?: string | undefined
  /** Whether the reader may make such links. */
  readonly mayShare: boolean
}

/** A link to the share page of a run; '' for readers who may not share it. */
export function shareLink(page: string, { mayShare }: ShareView): Html | string {
  return mayShare ? html`<a class="share-link" href="${page}/share">Share</a>` : ''
}

/** Tells a reader who came by a link until when it works; '' for any other reader. */
export function shareNotice({ until }: ShareView): Html | string {
  if (until === undefined) return ''
  return html`<p class="notice" role="status">You see this run through a shared link, until ${moment(until)}.
    <a href="/">Sign in</a> to see more.</p>`
}
