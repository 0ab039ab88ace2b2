import { Hono } from 'hono'
import { html } from 'hono/html'
import { diffText } from '../git/diff-files.ts'
import { readBlob, resolveCommit } from '../git/read-objects.ts'
import type { IssueRecord, RepositoryRecord } from '../records.ts'
import { isPull, pullRange } from '../render/render-pull.ts'
import { findRepository, fullName, type World } from '../world.ts'
import { codePlace, commitPage, fileEntry, filePage, folderPage } from './code-pages.ts'
import { issuePage, stateOf } from './issue-page.ts'
import { layout } from './layout.ts'

/**
 * Pages for people. Unlike GitHub they ask nobody to log in, not even for a private repository: whoever can open
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
      return c.text(await diffText(world.git, issue.repository.path, await pullRange(world, issue)))
    }
    return c.html(await issuePage(world, issue))
  })
  addCodeRoutes(world, app)
  return app
}

function addCodeRoutes(world: World, app: Hono): void {
  app.get('/:owner/:repo/commit/:sha', async (c) => {
    const { owner, repo, sha } = c.req.param()
    const repository = findRepository(world, owner, repo)
    const commit = repository && (await resolveCommit(world.git, repository.path, sha))
    return repository && commit ? c.html(await commitPage(world, repository, commit)) : c.html(missing(), 404)
  })
  app.get('/:owner/:repo/:kind{blob|tree|raw}/:rest{.+}', async (c) => {
    const { owner, repo, kind, rest } = c.req.param()
    const repository = findRepository(world, owner, repo)
    const place = repository && (await codePlace(world, repository, rest))
    if (!place) return c.html(missing(), 404)
    if (kind === 'tree') return c.html(await folderPage(world, place))
    const entry = await fileEntry(world, place)
    if (!entry) return c.html(missing(), 404)
    if (kind === 'blob') return c.html(await filePage(world, place, entry))
    const bytes = await readBlob(world.git, place.repository.path, entry.sha)
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
