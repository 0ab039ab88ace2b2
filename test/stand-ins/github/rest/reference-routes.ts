import { Hono } from 'hono'
import { z } from 'zod'
import { branchMoved } from '../actions/pulls.ts'
import { ApiError, notFound } from '../api-error.ts'
import {
  createReference,
  deleteReference,
  listReferences,
  moveReference,
  type Reference,
  readReference,
} from '../git/references.ts'
import { actorOf } from '../identity/caller.ts'
import type { RepositoryRecord } from '../records.ts'
import { nodeId } from '../render/render-account.ts'
import { repositoryUrl } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { type ApiContext, type ApiEnv, NEEDS, openGitRepository, param, readBody } from './api-context.ts'

const NewReference = z.object({ ref: z.string(), sha: z.string() })
const MovedReference = z.object({ sha: z.string(), force: z.boolean().optional() })

/** The Git Data API's references. */
export function referenceRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const git = '/repos/:owner/:repo/git'
  api.get(`${git}/ref/:ref{.+}`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.readContents)
    return c.json(await oneReference(world, repository, `refs/${param(c, 'ref')}`))
  })
  api.get(`${git}/matching-refs/:ref{.*}`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.readContents)
    const all = await listReferences(world.git, repository.path, `refs/${param(c, 'ref')}`)
    return c.json(all.map((reference) => renderReference(world, repository, reference)))
  })
  api.post(`${git}/refs`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.writeContents)
    const { ref, sha } = await readBody(c, NewReference)
    if (ref.startsWith('refs/pull/')) throw new ApiError(422, 'Reference cannot be created in refs/pull/')
    await createReference(world.git, repository.path, { ref, sha })
    await follow(world, c, repository, ref)
    return c.json(await oneReference(world, repository, ref), 201)
  })
  api.patch(`${git}/refs/:ref{.+}`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.writeContents)
    const ref = `refs/${param(c, 'ref')}`
    const { sha, force = false } = await readBody(c, MovedReference)
    checkProtection(repository, ref)
    await moveReference(world.git, repository.path, { ref, sha, force })
    await follow(world, c, repository, ref)
    return c.json(await oneReference(world, repository, ref))
  })
  api.delete(`${git}/refs/:ref{.+}`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.writeContents)
    const ref = `refs/${param(c, 'ref')}`
    checkProtection(repository, ref)
    if (ref === `refs/heads/${repository.defaultBranch}`)
      throw new ApiError(422, 'Cannot delete the default branch')
    await deleteReference(world.git, repository.path, ref)
    await follow(world, c, repository, ref)
    return c.body(null, 204)
  })
  return api
}

/** @throws {ApiError} 422 when the reference is a protected branch. */
function checkProtection(repository: RepositoryRecord, ref: string): void {
  if (repository.protectedBranches.has(ref.replace(/^refs\/heads\//, ''))) {
    throw new ApiError(
      422,
      'Repository rule violations found\n\nChanges must be made through a pull request.\n\n',
    )
  }
}

async function follow(world: World, c: ApiContext, repository: RepositoryRecord, ref: string): Promise<void> {
  if (!ref.startsWith('refs/heads/')) return
  const branch = ref.slice('refs/heads/'.length)
  await branchMoved(world, repository, { actor: actorOf(c.get('caller')), branch })
}

async function oneReference(world: World, repository: RepositoryRecord, ref: string) {
  const reference = await readReference(world.git, repository.path, ref)
  if (!reference) throw notFound()
  return renderReference(world, repository, reference)
}

function renderReference(world: World, repository: RepositoryRecord, { ref, sha, type }: Reference) {
  const url = `${repositoryUrl(world, repository)}/git`
  return {
    ref,
    node_id: nodeId('REF', `${repository.id}:${ref}`),
    url: `${url}/${ref}`,
    object: { sha, type, url: `${url}/${type}s/${sha}` },
  }
}
