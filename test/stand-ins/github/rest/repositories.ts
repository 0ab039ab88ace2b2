import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { isAllowed, isVisible, requireNeed, roleOf } from '../caller.ts'
import { listTree, readBlob, type TreeEntry } from '../git/read-objects.ts'
import { resolveCommit } from '../git/references.ts'
import type { RepositoryRecord, Role } from '../records.ts'
import type { World } from '../world.ts'
import { wrapped } from './git-data.ts'
import { createFork, mergeUpstream } from './make-repository.ts'
import {
  renderAccount,
  renderFullRepository,
  renderProfile,
  renderRepository,
  repositoryPage,
  repositoryUrl,
} from './render-repository.ts'
import { gitRoute, NEEDS, openRoute, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

/** GitHub's four old permission names; the exact role is in `role_name`. */
const PERMISSION: Readonly<Record<Role, string>> = {
  read: 'read',
  triage: 'read',
  write: 'write',
  maintain: 'write',
  admin: 'admin',
}

/** Accounts, repositories and who may do what in them. */
export function repositoryRoutes(world: World): readonly Route[] {
  return [
    ...contentsRoutes(),
    ...forkRoutes(world),
    openRoute('GET /user', (call) => {
      const { caller } = call
      if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
      if (caller.kind !== 'user') throw new ApiError(403, 'Resource not accessible by integration')
      return renderProfile(world, caller.account)
    }),
    openRoute('GET /user/:account_id', (call) => {
      const account = [...world.accounts.values()].find(({ id }) => id === call.number('account_id'))
      if (!account) throw notFound()
      return renderProfile(world, account)
    }),
    openRoute('GET /users/:username', (call) => {
      const account = world.accounts.get(call.param('username').toLowerCase())
      if (!account) throw notFound()
      return renderProfile(world, account)
    }),
    route(`GET ${REPOSITORY}`, NEEDS.metadata, (call) => {
      return renderFullRepository(world, call.repository, call.caller)
    }),
    openRoute('GET /repositories/:id', (call) => {
      const repository = world.repositories.get(call.number('id'))
      if (!repository || !isVisible(world, call.caller, repository)) throw notFound()
      requireNeed(world, call.caller, { repository, need: NEEDS.metadata })
      return renderFullRepository(world, repository, call.caller)
    }),
    route(`GET ${REPOSITORY}/collaborators`, NEEDS.metadata, (call) => {
      const { repository, caller } = call
      if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
      const mayAsk =
        caller.kind === 'installation' || isAllowed(world, caller, { repository, need: NEEDS.writeContents })
      if (!mayAsk) throw new ApiError(403, 'Must have push access to view repository collaborators.')
      const logins = [
        repository.owner,
        ...[...repository.collaborators.keys()].map((key) => world.accounts.get(key)),
      ]
      const people = logins.filter((account) => account?.type === 'User')
      return call.page(people).map((account) => permissionOf(world, repository, account?.login ?? '').user)
    }),
    route(`GET ${REPOSITORY}/collaborators/:username/permission`, NEEDS.metadata, (call) => {
      const { repository, caller } = call
      if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
      const mayAsk =
        caller.kind === 'installation' || isAllowed(world, caller, { repository, need: NEEDS.writeContents })
      if (!mayAsk) throw new ApiError(403, 'Must have push access to view collaborator permission.')
      return permissionOf(world, repository, call.param('username'))
    }),
    route(`GET ${REPOSITORY}/collaborators/:username`, NEEDS.metadata, (call) => {
      const { repository } = call
      if (call.caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
      const account = world.accounts.get(call.param('username').toLowerCase())
      if (!account || roleOf(repository, account) === undefined) throw notFound()
      return call.noContent()
    }),
  ]
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
function forkRoutes(world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/forks`, NEEDS.metadata, (call) => {
      const { repository } = call
      const forks = [...world.repositories.values()].filter(({ forkOf }) => forkOf === repository)
      return call.page(forks).map((fork) => renderRepository(world, fork, call.caller))
    }),
    route(`POST ${REPOSITORY}/forks`, NEEDS.readContents, async (call) => {
      const { repository, caller } = call
      if (caller.kind === 'anonymous') throw new ApiError(401, 'Requires authentication')
      if (caller.kind !== 'user') throw new ApiError(403, 'Resource not accessible by integration')
      const scopes = repository.private ? ['repo'] : ['repo', 'public_repo']
      if (!scopes.some((scope) => caller.token.scopes.includes(scope))) {
        throw new ApiError(404, 'Not Found', {}, { 'x-accepted-oauth-scopes': scopes.join(', ') })
      }
      const { name } = await call.body(ForkBody)
      const fork = await createFork(world, repository, { owner: caller.account, name })
      return call.json(renderFullRepository(world, fork, caller), 202)
    }),
    gitRoute(`POST ${REPOSITORY}/merge-upstream`, NEEDS.writeContents, async (call) => {
      const { branch } = await call.body(MergeBody)
      return await mergeUpstream(world, call.repository, { branch, actor: call.actor })
    }),
  ]
}

/** Above this size GitHub sends a file's content only in raw form. */
const MAX_INLINE = 1024 * 1024

/** Files and directories at a commit. */
function contentsRoutes(): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/contents`, NEEDS.readContents, (call) => contents(call, '')),
    route(`GET ${REPOSITORY}/contents/:path{.*}`, NEEDS.readContents, (call) =>
      contents(call, call.param('path').replace(/\/+$/, '')),
    ),
  ]
}

async function contents(call: RepositoryCall, path: string): Promise<object> {
  const { world, repository } = call
  const ref = call.query('ref') ?? repository.defaultBranch
  const commit = await resolveCommit(repository, ref)
  if (commit === undefined) {
    const empty = (await resolveCommit(repository, repository.defaultBranch)) === undefined
    throw new ApiError(404, empty ? 'This repository is empty.' : `No commit found for the ref ${ref}`)
  }
  const place = { commit, ref, repository }
  if (path === '') return await directory(world, place, '')
  const entry = (await listTree(repository, { tree: commit, under: path })).find((item) => item.path === path)
  if (!entry) throw notFound()
  if (entry.type === 'tree') return await directory(world, place, path)
  if (entry.type === 'commit') return { ...renderEntry(world, place, entry), submodule_git_url: null }
  const bytes = await readBlob(repository, entry.sha)
  if (call.wants('raw')) return call.bytes(bytes)
  if (entry.mode === '120000') return { ...renderEntry(world, place, entry), target: bytes.toString() }
  const large = bytes.length > MAX_INLINE
  return {
    ...renderEntry(world, place, entry),
    content: large ? '' : wrapped(bytes),
    encoding: large ? 'none' : 'base64',
  }
}

interface Place {
  readonly repository: RepositoryRecord
  readonly commit: string
  readonly ref: string
}

async function directory(world: World, place: Place, path: string) {
  const under = path === '' ? {} : { under: `${path}/` }
  const entries = await listTree(place.repository, { tree: place.commit, ...under })
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
