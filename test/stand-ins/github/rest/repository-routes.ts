import { Hono } from 'hono'
import { ApiError, notFound } from '../api-error.ts'
import { isAllowed, isVisible, requireNeed, roleOf } from '../identity/access.ts'
import type { RepositoryRecord, Role } from '../records.ts'
import { renderAccount, renderProfile } from '../render/render-account.ts'
import { renderFullRepository } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { type ApiEnv, NEEDS, numberParam, openRepository, param } from './api-context.ts'

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
