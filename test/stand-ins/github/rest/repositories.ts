import { Hono } from 'hono'
import { z } from 'zod'
import { createFork, mergeUpstream } from '../actions/repositories.ts'
import { ApiError, notFound } from '../api-error.ts'
import { listTree, readBlob, resolveCommit, type TreeEntry } from '../git/read-objects.ts'
import { isAllowed, isVisible, requireNeed, roleOf } from '../identity/access.ts'
import { actorOf } from '../identity/caller.ts'
import type { RepositoryRecord, Role } from '../records.ts'
import { renderAccount, renderProfile } from '../render/render-account.ts'
import {
  renderFullRepository,
  renderRepository,
  repositoryPage,
  repositoryUrl,
} from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { wrapped } from './git-objects.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  numberParam,
  onePage,
  openGitRepository,
  openRepository,
  param,
  readBody,
  wantsMedia,
} from './route.ts'

/** GitHub's four old permission names; the exact role is told beside them. */
const PERMISSION: Readonly<Record<Role, string>> = {
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

/** Accounts, repositories and who may do what in them. */
export function repositoryRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/user', (c) => {
    const caller = c.get('caller')
    if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
    if (caller.kind !== 'user') throw new ApiError(403, 'Resource not accessible by integration')
    return c.json(renderProfile(world, caller.account))
  })
  api.get('/users/:username', (c) => {
    const account = world.accounts.get(param(c, 'username').toLowerCase())
    if (!account) throw notFound()
    return c.json(renderProfile(world, account))
  })
  api.get('/repos/:owner/:repo', (c) => {
    const repository = openRepository(world, c, NEEDS.metadata)
    return c.json(renderFullRepository(world, repository, c.get('caller')))
  })
  api.get('/repositories/:id', (c) => {
    const repository = world.repositories.get(numberParam(c, 'id'))
    if (!repository || !isVisible(world, c.get('caller'), repository)) throw notFound()
    requireNeed(world, c.get('caller'), { repository, need: NEEDS.metadata })
    return c.json(renderFullRepository(world, repository, c.get('caller')))
  })
  api.get('/repos/:owner/:repo/collaborators/:username/permission', (c) => {
    const repository = openRepository(world, c, NEEDS.metadata)
    const caller = c.get('caller')
    if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
    const mayAsk =
      caller.kind === 'installation' || isAllowed(world, caller, { repository, need: NEEDS.writeContents })
    if (!mayAsk) throw new ApiError(403, 'Must have push access to view collaborator permission.')
    return c.json(permissionOf(world, repository, param(c, 'username')))
  })
  api.get('/repos/:owner/:repo/collaborators/:username', (c) => {
    const repository = openRepository(world, c, NEEDS.metadata)
    if (c.get('caller').kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
    const account = world.accounts.get(param(c, 'username').toLowerCase())
    if (!account || roleOf(repository, account) === undefined) throw notFound()
    return c.body(null, 204)
  })
  return api
}

function permissionOf(world: World, repository: RepositoryRecord, login: string) {
  const account = world.accounts.get(login.toLowerCase())
  if (!account || account.type === 'Bot') throw new ApiError(404, `${login} is not a user`)
  const role = roleOf(repository, account) ?? (repository.private ? undefined : 'read')
  return {
    permission: role === undefined ? 'none' : PERMISSION[role],
    user: {
      ...renderAccount(world, account),
      permissions: {
        admin: role === 'admin',
        maintain: role === 'admin' || role === 'maintain',
        push: role !== undefined && PERMISSION[role] !== 'read',
        triage: role !== undefined && role !== 'read',
        pull: role !== undefined,
      },
      role_name: role ?? 'none',
    },
    role_name: role ?? 'none',
  }
}

const ForkBody = z.object({
  organization: z.string().optional(),
  name: z.string().optional(),
  default_branch_only: z.boolean().optional(),
})

const MergeBody = z.object({ branch: z.string() })

/** Forks. They are answered with 202 at once and can be used only a moment later, as on GitHub. */
export function forkRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/repos/:owner/:repo/forks', (c) => {
    const repository = openRepository(world, c, NEEDS.metadata)
    const forks = [...world.repositories.values()].filter(({ forkOf }) => forkOf === repository)
    return c.json(onePage(c, forks).map((fork) => renderRepository(world, fork, c.get('caller'))))
  })
  api.post('/repos/:owner/:repo/forks', async (c) => {
    const repository = openRepository(world, c, NEEDS.readContents)
    const caller = c.get('caller')
    if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
    if (caller.kind !== 'user') throw new ApiError(403, 'Resource not accessible by integration')
    const scopes = repository.private ? ['repo'] : ['repo', 'public_repo']
    if (!scopes.some((scope) => caller.token.scopes.includes(scope))) {
      throw new ApiError(404, 'Not Found', {}, { 'x-accepted-oauth-scopes': scopes.join(', ') })
    }
    const { name } = await readBody(c, ForkBody)
    const fork = await createFork(world, repository, { owner: caller.account, name })
    return c.json(renderFullRepository(world, fork, caller), 202)
  })
  api.post('/repos/:owner/:repo/merge-upstream', async (c) => {
    const fork = await openGitRepository(world, c, NEEDS.writeContents)
    const { branch } = await readBody(c, MergeBody)
    const result = await mergeUpstream(world, fork, { branch, actor: actorOf(c.get('caller')) })
    return c.json(result)
  })
  return api
}

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
