import { Hono } from 'hono'
import { z } from 'zod'
import { mergeUpstream } from '../actions/merge-upstream.ts'
import { createFork } from '../actions/repositories.ts'
import { ApiError } from '../api-error.ts'
import { actorOf } from '../identity/caller.ts'
import { renderFullRepository, renderRepository } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { type ApiEnv, NEEDS, onePage, openGitRepository, openRepository, readBody } from './api-context.ts'

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
