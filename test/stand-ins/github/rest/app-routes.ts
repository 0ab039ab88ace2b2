import { Hono } from 'hono'
import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { mintInstallationToken } from '../identity/tokens.ts'
import type { InstallationRecord } from '../records.ts'
import { renderApp, renderInstallation, renderInstallationToken } from '../render/render-app.ts'
import { renderRepository } from '../render/render-repository.ts'
import { findRepository, installationFor, repositoriesOf, type World } from '../world.ts'
import { type ApiContext, type ApiEnv, numberParam, onePage, param, readBody } from './api-context.ts'

const TokenRequest = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.string()).optional(),
})

/** What an App asks about itself and its installations. */
export function appRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  api.get('/app', (c) => {
    requireApp(c)
    return c.json({ ...renderApp(world), installations_count: world.installations.size })
  })
  api.get('/app/installations', (c) => {
    requireApp(c)
    const all = [...world.installations.values()]
    return c.json(onePage(c, all).map((installation) => renderInstallation(world, installation)))
  })
  api.get('/app/installations/:id', (c) => {
    requireApp(c)
    return c.json(renderInstallation(world, installationIn(world, c)))
  })
  api.post('/app/installations/:id/access_tokens', async (c) => {
    requireApp(c)
    const installation = installationIn(world, c)
    const token = mintInstallationToken(world, installation, await readBody(c, TokenRequest))
    return c.json(renderInstallationToken(world, token, installation), 201)
  })
  api.get('/repos/:owner/:repo/installation', (c) => {
    requireApp(c)
    const repository = findRepository(world, param(c, 'owner'), param(c, 'repo'))
    const installation = repository && installationFor(world, repository)
    if (!installation) throw notFound()
    return c.json(renderInstallation(world, installation))
  })
  api.get('/users/:username/installation', (c) => ownerInstallation(world, c, 'username'))
  api.get('/orgs/:org/installation', (c) => ownerInstallation(world, c, 'org'))
  api.get('/installation/repositories', (c) => {
    const caller = c.get('caller')
    if (caller.kind !== 'installation' || !caller.token.installation) {
      throw new ApiError(403, 'Resource not accessible by integration')
    }
    const { repositoryIds, installation } = caller.token
    const all = repositoriesOf(world, installation).filter(({ id }) => repositoryIds?.includes(id) ?? true)
    const repositories = onePage(c, all).map((repository) => renderRepository(world, repository, caller))
    return c.json({ total_count: all.length, repository_selection: 'selected', repositories })
  })
  api.delete('/installation/token', (c) => {
    const caller = c.get('caller')
    if (caller.kind !== 'installation') throw new ApiError(403, 'Resource not accessible by integration')
    caller.token.revokedAt = world.now()
    return c.body(null, 204)
  })
  return api
}

/** @throws {ApiError} 401 unless the caller presented the App's own JSON web token. */
export function requireApp(c: ApiContext): void {
  if (c.get('caller').kind !== 'app') throw new ApiError(401, 'A JSON web token could not be decoded')
}

function installationIn(world: World, c: ApiContext): InstallationRecord {
  const installation = world.installations.get(numberParam(c, 'id'))
  if (!installation) throw notFound()
  return installation
}

function ownerInstallation(world: World, c: ApiContext, name: string) {
  requireApp(c)
  const login = param(c, name).toLowerCase()
  const all = [...world.installations.values()]
  const installation = all.find(({ account }) => account.login.toLowerCase() === login)
  if (!installation) throw notFound()
  return c.json(renderInstallation(world, installation))
}
