import { html, raw } from 'hono/html'
import { micromark } from 'micromark'
import { gfm, gfmHtml } from 'micromark-extension-gfm'
import { commitsBetween, diffFiles, readCommit } from '../git/read-objects.ts'
import type { Actor, IssueRecord, ReactionRecord } from '../records.ts'
import { isPull, type PullIssue, pullRange } from '../rest/render-issue.ts'
import { fullName, type World } from '../world.ts'
import { diffView, layout } from './layout.ts'

const EMOJI: Readonly<Record<string, string>> = {
  '+1': '👍',
  '-1': '👎',
  laugh: '😄',
  hooray: '🎉',
  confused: '😕',
  heart: '❤️',
  rocket: '🚀',
  eyes: '👀',
}

/** The page of an issue or pull request: title, state, text, comments, and for a pull request commits and diff. */
export async function issuePage(world: World, issue: IssueRecord) {
  const state = stateOf(issue)
  const body = html`
    <h1>${issue.title} <span class="number">#${issue.number}</span></h1>
    <p class="meta"><span class="state ${state}">${state}</span>${isPull(issue) ? wants(issue) : html`opened by <b>${issue.author.account.login}</b>`}
      ${issue.labels.map(({ name }) => html`<span class="label">${name}</span>`)}</p>
    ${post(world, { author: issue.author, at: issue.createdAt, text: issue.body ?? '', reactions: issue.reactions, anchor: 'top' })}
    ${timeline(world, issue)}
    ${commentForm(world, issue)}
    ${isPull(issue) ? await changes(issue) : ''}`
  return layout({
    title: `${issue.title} · ${fullName(issue.repository)}#${issue.number}`,
    path: fullName(issue.repository),
    body,
  })
}

/** The word on the coloured badge. */
export function stateOf(issue: IssueRecord): 'open' | 'closed' | 'merged' | 'draft' {
  if (issue.pull?.mergedAt !== undefined) return 'merged'
  if (issue.state === 'open' && issue.pull?.draft) return 'draft'
  return issue.state
}

function wants(issue: PullIssue) {
  const { head, base } = issue.pull
  const source =
    head.repository === issue.repository ? head.branch : `${head.repository.owner.login}:${head.branch}`
  return html`<b>${issue.author.account.login}</b> wants to merge <span class="branch">${source}</span> into <span class="branch">${base.branch}</span>`
}

interface Post {
  readonly author: Actor
  readonly at: number
  readonly text: string
  readonly reactions: readonly ReactionRecord[]
  readonly anchor: string
  readonly note?: string
}

function timeline(world: World, issue: IssueRecord) {
  const posts: Post[] = issue.comments.map((comment) => ({
    author: comment.author,
    at: comment.createdAt,
    text: comment.body,
    reactions: comment.reactions,
    anchor: `issuecomment-${comment.id}`,
  }))
  for (const review of issue.pull?.reviews ?? []) {
    if (review.body === '' && review.state === 'COMMENTED') continue
    const note = `reviewed: ${review.state.toLowerCase().replace('_', ' ')}`
    posts.push({
      author: review.author,
      at: review.submittedAt,
      text: review.body,
      reactions: [],
      note,
      anchor: `pullrequestreview-${review.id}`,
    })
  }
  for (const comment of issue.pull?.reviewComments ?? []) {
    const note = `on ${comment.path}:${comment.line}`
    posts.push({
      author: comment.author,
      at: comment.createdAt,
      text: comment.body,
      reactions: comment.reactions,
      note,
      anchor: `discussion_r${comment.id}`,
    })
  }
  return html`${posts.sort((a, b) => a.at - b.at).map((entry) => post(world, entry))}`
}

function post(world: World, { author, at, text, reactions, anchor, note }: Post) {
  const { account } = author
  const counts = Object.entries(EMOJI)
    .map(([content, emoji]) => ({
      emoji,
      count: reactions.filter((reaction) => reaction.content === content).length,
    }))
    .filter(({ count }) => count > 0)
  return html`<section class="card" id="${anchor}">
    <header><img src="${world.url}/avatars/u/${account.id}" alt=""><b>${account.login}</b>${
      account.type === 'Bot' ? html`<span class="tag">bot</span>` : ''
    }<span>${note ?? ''}</span><time datetime="${new Date(at).toISOString()}">${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC</time></header>
    <div class="prose">${text === '' ? html`<p class="quiet">No description.</p>` : raw(renderMarkdown(text))}</div>
    ${counts.length === 0 ? '' : html`<div class="reactions">${counts.map(({ emoji, count }) => html`<span>${emoji} ${count}</span>`)}</div>`}
  </section>`
}

function commentForm({ oauth: { signedIn } }: World, issue: IssueRecord) {
  if (signedIn === undefined) return ''
  const address = `/${fullName(issue.repository)}/${isPull(issue) ? 'pull' : 'issues'}/${issue.number}`
  return html`<form class="card pad" method="post" action="${address}/comments">
    <p><label for="comment">Comment as ${signedIn}</label></p><p><textarea id="comment" name="body" rows="4" required></textarea></p>
    <p><button type="submit">Comment</button></p></form>`
}

async function changes(issue: PullIssue) {
  const { repository } = issue
  const range = await pullRange(issue)
  const [files, shas] = await Promise.all([diffFiles(repository, range), commitsBetween(repository, range)])
  const commits = await Promise.all(shas.map((sha) => readCommit(repository, sha)))
  const sum = (key: 'additions' | 'deletions') => files.reduce((total, file) => total + file[key], 0)
  return html`
    <h2 class="part">Commits</h2>
    <section class="card"><ul class="rows">${commits.map(
      (
        commit,
      ) => html`<li>${commit.text.split('\n')[0]} <a class="branch" href="/${fullName(repository)}/commit/${commit.sha}">${commit.sha.slice(0, 7)}</a>
        ${commit.verified ? html`<span class="tag plus">Verified</span>` : ''} <span class="quiet">${commit.author.name}</span></li>`,
    )}</ul></section>
    <h2 class="part">Files changed: ${files.length} <span class="counts"><b class="plus">+${sum('additions')}</b> <b class="minus">−${sum('deletions')}</b></span></h2>
    ${diffView(files)}`
}

/** Tags that comments and pull requests may use themselves; they pass without attributes. */
const PLAIN_TAGS =
  /&lt;(\/?(?:sub|sup|kbd|b|i|strong|em|code|br|details|summary|p|ul|ol|li|pre|blockquote|hr) ?\/?)&gt;/gi

/** What is a link or code, any tag, and a number or a login that is in neither. */
const MENTIONS = /<(code|a)\b[\s\S]*?<\/\1>|<[^>]*>|(?<=^|[\s(>])(?:#(\d{1,9})|@([a-z\d][\w-]*))\b/gi

/** Renders the Markdown that people and Apps write in issues and pull requests, and nothing that could run. */
export function renderMarkdown(source: string): string {
  const html = micromark(source.replace(/<!--[\s\S]*?(-->|$)/g, ''), {
    // Images are links: nothing is loaded from elsewhere.
    extensions: [gfm(), { disable: { null: ['labelStartImage'] } }],
    htmlExtensions: [
      gfmHtml(),
      {
        exit: {
          htmlFlowData(token) {
            this.raw(withPlainTags(this.encode(this.sliceSerialize(token))))
          },
          htmlTextData(token) {
            this.raw(withPlainTags(this.encode(this.sliceSerialize(token))))
          },
          // The page breaks every line of a comment, as GitHub does, so that these would break it twice.
          hardBreakEscape: () => undefined,
          hardBreakTrailing: () => undefined,
        },
      },
    ],
  })
  return withNames(html).replace(MENTIONS, (whole, _, number?: string, login?: string) => {
    if (number) return `<a href="../issues/${number}">#${number}</a>`
    return login ? `<span class="mention">@${login}</span>` : whole
  })
}

/** For people who do not see the page: what a box means, and what can be scrolled with the keyboard. */
function withNames(html: string): string {
  return html
    .replaceAll('<pre>', '<pre tabindex="0">')
    .replaceAll(
      '<input type="checkbox" disabled="" checked="" />',
      '<input type="checkbox" disabled="" checked="" aria-label="done" />',
    )
    .replaceAll(
      '<input type="checkbox" disabled="" />',
      '<input type="checkbox" disabled="" aria-label="not done" />',
    )
}

function withPlainTags(escaped: string): string {
  return escaped.replace(/&lt;details open&gt;/gi, '<details>').replace(PLAIN_TAGS, '<$1>')
}
