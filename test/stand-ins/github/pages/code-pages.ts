import { html, raw } from 'hono/html'
import { readCommit } from '../git/commit-object.ts'
import { commitRange, diffFiles } from '../git/diff-files.ts'
import { listTree, readBlob, resolveCommit, type TreeEntry } from '../git/read-objects.ts'
import type { RepositoryRecord } from '../records.ts'
import { fullName, type World } from '../world.ts'
import { diffView } from './diff-view.ts'
import { layout } from './layout.ts'
import { escapeHtml } from './markdown-inline.ts'

/** A place in a repository at a commit; `path` is empty for its root. */
export interface CodePlace {
  readonly repository: RepositoryRecord
  /** As written in the address: a branch, a tag or a SHA. */
  readonly name: string
  readonly commit: string
  readonly path: string
}

/** Finds what `REF/PATH` in an address means: a branch name may itself contain slashes. */
export async function codePlace(
  world: World,
  repository: RepositoryRecord,
  rest: string,
): Promise<CodePlace | undefined> {
  const parts = rest.split('/')
  for (let count = 1; count <= parts.length; count++) {
    const name = parts.slice(0, count).join('/')
    const commit = await resolveCommit(world.git, repository.path, name)
    if (commit !== undefined) return { repository, name, commit, path: parts.slice(count).join('/') }
  }
  return undefined
}

/** A file's entry; undefined when there is none. */
export async function fileEntry(
  world: World,
  { repository, commit, path }: CodePlace,
): Promise<TreeEntry | undefined> {
  if (path === '') return undefined
  const entries = await listTree(world.git, repository.path, { tree: commit, under: path })
  return entries.find((entry) => entry.path === path && entry.type === 'blob')
}

/** The page of a file, each line with its own anchor (`#L12`). */
export async function filePage(world: World, place: CodePlace, entry: TreeEntry) {
  const bytes = await readBlob(world.git, place.repository.path, entry.sha)
  const binary = bytes.subarray(0, 8000).includes(0)
  const lines = bytes.toString().replace(/\n$/, '').split('\n')
  const rows = lines.map(
    (line, index) =>
      `<tr id="L${index + 1}"><td class="n">${index + 1}</td><td>${escapeHtml(line) || ' '}</td></tr>`,
  )
  const content = binary
    ? html`<p class="quiet pad">A binary file of ${bytes.length} bytes.</p>`
    : html`<div class="scroll"><table class="diff"><tbody>${raw(rows.join(''))}</tbody></table></div>`
  const body = html`<h1>${place.path}</h1><p class="meta">at <span class="branch">${place.name}</span></p>
    <section class="card">${content}</section>`
  return frame(place.repository, place.path, body)
}

/** The page of a folder. */
export async function folderPage(world: World, place: CodePlace) {
  const { repository, commit, path, name } = place
  const under = path === '' ? {} : { under: `${path}/` }
  const entries = await listTree(world.git, repository.path, { tree: commit, ...under })
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
export async function commitPage(world: World, repository: RepositoryRecord, sha: string) {
  const commit = await readCommit(world.git, repository.path, sha)
  const files = await diffFiles(
    world.git,
    repository.path,
    await commitRange(world.git, repository.path, sha),
  )
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
