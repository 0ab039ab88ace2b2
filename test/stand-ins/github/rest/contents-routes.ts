import { Hono } from 'hono'
import { ApiError, notFound } from '../api-error.ts'
import { listTree, readBlob, resolveCommit, type TreeEntry } from '../git/read-objects.ts'
import type { RepositoryRecord } from '../records.ts'
import { repositoryPage, repositoryUrl } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { type ApiContext, type ApiEnv, NEEDS, openRepository, param, wantsMedia } from './api-context.ts'
import { wrapped } from './git-object-routes.ts'

/** Above this size GitHub sends a file's content only in raw form. */
const MAX_INLINE = 1024 * 1024

/** Files and directories at a commit. */
export function contentsRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/repos/:owner/:repo/contents', (c) => contents(world, c, ''))
  api.get('/repos/:owner/:repo/contents/:path{.*}', (c) =>
    contents(world, c, param(c, 'path').replace(/\/+$/, '')),
  )
  return api
}

async function contents(world: World, c: ApiContext, path: string): Promise<Response> {
  const repository = openRepository(world, c, NEEDS.readContents)
  const ref = c.req.query('ref') ?? repository.defaultBranch
  const commit = await resolveCommit(world.git, repository.path, ref)
  if (commit === undefined) {
    const empty = (await resolveCommit(world.git, repository.path, repository.defaultBranch)) === undefined
    throw new ApiError(404, empty ? 'This repository is empty.' : `No commit found for the ref ${ref}`)
  }
  const place = { commit, ref, repository }
  if (path === '') return c.json(await directory(world, place, ''))
  const entry = (await listTree(world.git, repository.path, { tree: commit, under: path })).find(
    (item) => item.path === path,
  )
  if (!entry) throw notFound()
  if (entry.type === 'tree') return c.json(await directory(world, place, path))
  if (entry.type === 'commit') return c.json({ ...renderEntry(world, place, entry), submodule_git_url: null })
  const bytes = await readBlob(world.git, repository.path, entry.sha)
  if (wantsMedia(c, 'raw')) return c.body(new Uint8Array(bytes))
  if (entry.mode === '120000')
    return c.json({ ...renderEntry(world, place, entry), target: bytes.toString() })
  const large = bytes.length > MAX_INLINE
  return c.json({
    ...renderEntry(world, place, entry),
    content: large ? '' : wrapped(bytes),
    encoding: large ? 'none' : 'base64',
  })
}

interface Place {
  readonly repository: RepositoryRecord
  readonly commit: string
  readonly ref: string
}

async function directory(world: World, place: Place, path: string) {
  const under = path === '' ? {} : { under: `${path}/` }
  const entries = await listTree(world.git, place.repository.path, { tree: place.commit, ...under })
  return entries.map((entry) => renderEntry(world, place, entry))
}

function renderEntry(world: World, { repository, ref }: Place, entry: TreeEntry) {
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const url = `${repositoryUrl(world, repository)}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const git = `${repositoryUrl(world, repository)}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`
  const page = `${repositoryPage(world, repository)}/${entry.type === 'tree' ? 'tree' : 'blob'}/${ref}/${path}`
  const isFile = entry.type === 'blob'
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: page,
    git_url: git,
    download_url: isFile ? `${repositoryPage(world, repository)}/raw/${ref}/${path}` : null,
    type: typeOf(entry),
    _links: { self: url, git, html: page },
  }
}

function typeOf({ type, mode }: TreeEntry): string {
  if (type === 'tree') return 'dir'
  if (type === 'commit') return 'submodule'
  return mode === '120000' ? 'symlink' : 'file'
}
