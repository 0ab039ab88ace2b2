import { Hono } from 'hono'
import { html } from 'hono/html'
import {
  commitRange,
  diffFiles,
  diffText,
  listTree,
  readBlob,
  readCommit,
  type TreeEntry,
} from '../git/read-objects.ts'
import { resolveCommit } from '../git/references.ts'
import type { IssueRecord, RepositoryRecord } from '../records.ts'
import { createComment } from '../rest/issue-changes.ts'
import { isPull, pullRange } from '../rest/render-issue.ts'
import { accountOf, findRepository, fullName, type World } from '../world.ts'
import { issuePage, stateOf } from './issue-page.ts'
import { diffView, layout } from './layout.ts'

/**
 * Pages for people. Unlike GitHub's they need no login, not even for a private repository: a person who can open
 * a loopback address can read the repositories on disk as well.
 */
export function pageRoutes(world: World): Hono {
  const app = new Hono()
  app.get('/', (c) => c.html(repositoriesPage(world)))
  app.get('/avatars/u/:id', (c) =>
    c.body(avatar(Number(c.req.param('id'))), 200, { 'content-type': 'image/svg+xml' }),
  )
  app.get('/:owner/:repo', (c) => {
    const repository = findRepository(world, c.req.param('owner'), c.req.param('repo'))
    return repository ? c.html(repositoryPage(repository)) : c.html(missing(), 404)
  })
  app.get('/:owner/:repo/:kind{pull|issues}/:name', async (c) => {
    const { owner, repo, name } = c.req.param()
    const issue = findRepository(world, owner, repo)?.issues.get(Number.parseInt(name, 10))
    if (!issue) return c.html(missing(), 404)
    if (name.endsWith('.diff') && isPull(issue)) {
      return c.text(await diffText(issue.repository, await pullRange(issue)))
    }
    return c.html(await issuePage(world, issue))
  })
  app.post('/:owner/:repo/:kind{pull|issues}/:number/comments', async (c) => {
    const { owner, repo, number } = c.req.param()
    const issue = findRepository(world, owner, repo)?.issues.get(Number(number))
    const { signedIn } = world.oauth
    // A page of another site must not be able to start a run, which may cost money.
    const isOwn = (c.req.header('sec-fetch-site') ?? 'same-origin') === 'same-origin'
    if (!issue || signedIn === undefined || !isOwn) return c.html(missing(), 404)
    const { body } = await c.req.parseBody()
    const actor = { account: accountOf(world, signedIn), viaApp: false }
    const comment = createComment(world, issue, { actor, body: String(body ?? '') })
    return c.redirect(`${c.req.path.replace(/\/comments$/, '')}#issuecomment-${comment.id}`, 303)
  })
  addCodeRoutes(world, app)
  return app
}

function addCodeRoutes(world: World, app: Hono): void {
  app.get('/:owner/:repo/commit/:sha', async (c) => {
    const { owner, repo, sha } = c.req.param()
    const repository = findRepository(world, owner, repo)
    const commit = repository && (await resolveCommit(repository, sha))
    return repository && commit ? c.html(await commitPage(repository, commit)) : c.html(missing(), 404)
  })
  app.get('/:owner/:repo/:kind{blob|tree|raw}/:rest{.+}', async (c) => {
    const { owner, repo, kind, rest } = c.req.param()
    const repository = findRepository(world, owner, repo)
    const place = repository && (await codePlace(repository, rest))
    if (!place) return c.html(missing(), 404)
    if (kind === 'tree') return c.html(await folderPage(place))
    const entry = await fileEntry(place)
    if (!entry) return c.html(missing(), 404)
    if (kind === 'blob') return c.html(await filePage(place, entry))
    const bytes = await readBlob(place.repository, entry.sha)
    return c.body(new Uint8Array(bytes), 200, { 'content-type': 'text/plain; charset=utf-8' })
  })
}

function repositoriesPage(world: World) {
  const all = [...world.repositories.values()]
  const rows = all.map(
    (repository) => html`<li><a href="/${fullName(repository)}">${fullName(repository)}</a></li>`,
  )
  return layout({
    title: 'Repositories',
    path: '',
    body: html`<h1>Repositories</h1><section class="card"><ul class="rows">${rows}</ul></section>`,
  })
}

function repositoryPage(repository: RepositoryRecord) {
  const issues = [...repository.issues.values()].reverse()
  const list = (title: string, wanted: readonly IssueRecord[]) => html`<h2 class="part">${title}</h2>
    <section class="card">${
      wanted.length === 0
        ? html`<p class="quiet pad">None yet.</p>`
        : html`<ul class="rows">${wanted.map((issue) => entry(repository, issue))}</ul>`
    }</section>`
  const body = html`<h1>${fullName(repository)}</h1>
    <p class="meta">${repository.description ?? ''} <a class="branch" href="/${fullName(repository)}/tree/${repository.defaultBranch}">${repository.defaultBranch}</a></p>
    ${list('Pull requests', issues.filter(isPull))}
    ${list(
      'Issues',
      issues.filter((issue) => !isPull(issue)),
    )}`
  return layout({ title: fullName(repository), path: fullName(repository), body })
}

function entry(repository: RepositoryRecord, issue: IssueRecord) {
  const kind = issue.pull ? 'pull' : 'issues'
  const state = stateOf(issue)
  return html`<li><span class="state ${state}">${state}</span>
    <a href="/${fullName(repository)}/${kind}/${issue.number}">${issue.title}</a> <span class="quiet">#${issue.number} by ${issue.author.account.login}</span></li>`
}

function missing() {
  return layout({
    title: 'Not found',
    path: '',
    body: html`<h1>Not found</h1><p>This page does not exist on the stand-in.</p>`,
  })
}

/** A quiet coloured pattern, the same for the same account every time. */
function avatar(id: number): string {
  const hue = (id * 137) % 360
  const cells = Array.from({ length: 15 }, (_, index) => (((id * 2654435761) >>> index) & 1) === 1)
  const squares = cells.flatMap((on, index) => {
    const [x, y] = [Math.floor(index / 5), index % 5]
    return on
      ? [...new Set([x, 4 - x])].map((column) => `<rect x="${column}" y="${y}" width="1" height="1"/>`)
      : []
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="-.5 -.5 6 6"><rect x="-.5" y="-.5" width="6" height="6" fill="hsl(${hue} 45% 90%)"/><g fill="hsl(${hue} 55% 45%)">${squares.join('')}</g></svg>`
}

/** A place in a repository at a commit; `path` is empty for its root. */
interface CodePlace {
  readonly repository: RepositoryRecord
  /** As written in the address: a branch, a tag or a SHA. */
  readonly name: string
  readonly commit: string
  readonly path: string
}

/** Finds what `REF/PATH` in an address means: a branch name may itself contain slashes. */
async function codePlace(repository: RepositoryRecord, rest: string): Promise<CodePlace | undefined> {
  const parts = rest.split('/')
  for (let count = 1; count <= parts.length; count++) {
    const name = parts.slice(0, count).join('/')
    const commit = await resolveCommit(repository, name)
    if (commit !== undefined) return { repository, name, commit, path: parts.slice(count).join('/') }
  }
  return undefined
}

/** A file's entry; undefined when there is none. */
async function fileEntry({ repository, commit, path }: CodePlace): Promise<TreeEntry | undefined> {
  if (path === '') return undefined
  const entries = await listTree(repository, { tree: commit, under: path })
  return entries.find((entry) => entry.path === path && entry.type === 'blob')
}

/** The page of a file, each line with its own anchor (`#L12`). */
async function filePage(place: CodePlace, entry: TreeEntry) {
  const bytes = await readBlob(place.repository, entry.sha)
  const binary = bytes.subarray(0, 8000).includes(0)
  const lines = bytes.toString().replace(/\n$/, '').split('\n')
  const rows = lines.map(
    (line, index) => html`<tr id="L${index + 1}"><td class="n">${index + 1}</td><td>${line || ' '}</td></tr>`,
  )
  const content = binary
    ? html`<p class="quiet pad">A binary file of ${bytes.length} bytes.</p>`
    : html`<div class="scroll" tabindex="0"><table class="diff"><tbody>${rows}</tbody></table></div>`
  const body = html`<h1>${place.path}</h1><p class="meta">at <span class="branch">${place.name}</span></p>
    <section class="card">${content}</section>`
  return frame(place.repository, place.path, body)
}

/** The page of a folder. */
async function folderPage(place: CodePlace) {
  const { repository, commit, path, name } = place
  const under = path === '' ? {} : { under: `${path}/` }
  const entries = await listTree(repository, { tree: commit, ...under })
  const rows = entries.map((entry) => {
    const kind = entry.type === 'tree' ? 'tree' : 'blob'
    const address = `/${fullName(repository)}/${kind}/${[name, entry.path].join('/').split('/').map(encodeURIComponent).join('/')}`
    return html`<li><a href="${address}">${entry.path.split('/').at(-1)}${kind === 'tree' ? '/' : ''}</a></li>`
  })
  const title = path === '' ? fullName(repository) : path
  const body = html`<h1>${title}</h1><p class="meta">at <span class="branch">${name}</span></p>
    <section class="card"><ul class="rows">${rows}</ul></section>`
  return frame(repository, title, body)
}

/** The page of a commit: what it says and what it changed. */
async function commitPage(repository: RepositoryRecord, sha: string) {
  const commit = await readCommit(repository, sha)
  const files = await diffFiles(repository, await commitRange(repository, sha))
  const [title = '', ...rest] = commit.text.trim().split('\n')
  const body = html`<h1>${title}</h1>
    <p class="meta"><span class="branch">${sha.slice(0, 7)}</span> by <b>${commit.author.name}</b>
      ${commit.verified ? html`<span class="tag plus">Verified</span>` : ''} ${commit.author.date}</p>
    ${rest.length === 0 ? '' : html`<section class="card"><pre class="pad">${rest.join('\n').trim()}</pre></section>`}
    ${diffView(files)}`
  return frame(repository, title, body)
}

function frame(repository: RepositoryRecord, title: string, body: unknown) {
  return layout({ title: `${title} · ${fullName(repository)}`, path: fullName(repository), body })
}
