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
} from '../git/bare-repository.ts'
import { readCommit } from '../git/commits.ts'
import {
  commitRange,
  commitsBetween,
  diffFiles,
  diffText,
  mergeBase,
  resolveCommit,
} from '../git/read-objects.ts'
import { actorOf } from '../identity/caller.ts'
import type { RepositoryRecord } from '../records.ts'
import { nodeId } from '../render/render-account.ts'
import { renderCommit, renderCommits, renderCommitWithFiles, renderFile } from '../render/render-commit.ts'
import { repositoryPage, repositoryUrl } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import {
  type ApiContext,
  type ApiEnv,
  NEEDS,
  onePage,
  openGitRepository,
  openRepository,
  param,
  readBody,
  wantsMedia,
} from './route.ts'

/** Branches, commits and comparisons. */
export function branchRoutes(world: World): Hono<ApiEnv> {
  const api = new Hono<ApiEnv>()
  const base = '/repos/:owner/:repo'
  api.get(`${base}/branches`, async (c) => {
    const repository = openRepository(world, c, NEEDS.readContents)
    const all = await listReferences(world.git, repository.path, 'refs/heads/')
    return c.json(
      onePage(c, all).map(({ ref, sha }) => {
        const name = ref.slice('refs/heads/'.length)
        const url = `${repositoryUrl(world, repository)}/commits/${sha}`
        return { name, commit: { sha, url }, protected: repository.protectedBranches.has(name) }
      }),
    )
  })
  api.get(`${base}/branches/:branch{.+}`, async (c) => {
    const repository = openRepository(world, c, NEEDS.readContents)
    const name = param(c, 'branch')
    const reference = await readReference(world.git, repository.path, `refs/heads/${name}`)
    if (!reference) throw new ApiError(404, 'Branch not found')
    return c.json(await renderBranch(world, repository, { name, sha: reference.sha }))
  })
  api.get(`${base}/commits`, async (c) => {
    const repository = await openGitRepository(world, c, NEEDS.readContents)
    const name = c.req.query('sha') ?? repository.defaultBranch
    const sha = await resolveCommit(world.git, repository.path, name)
    if (sha === undefined) throw notFound()
    const path = c.req.query('path')
    const args = ['rev-list', '--topo-order', sha, ...(path === undefined ? [] : ['--', path])]
    const env = { GIT_LITERAL_PATHSPECS: '1' }
    const shas = (await world.git(repository.path, args, { env })).text
      .split('\n')
      .filter((line) => line !== '')
    return c.json(await renderCommits(world, repository, onePage(c, shas)))
  })
  api.get(`${base}/commits/:ref{.+}`, async (c) => oneCommit(world, c))
  api.get(`${base}/compare/:basehead{.+}`, async (c) => compare(world, c))
  return api
}

async function oneCommit(world: World, c: ApiContext): Promise<Response> {
  const repository = await openGitRepository(world, c, NEEDS.readContents)
  const name = param(c, 'ref')
  const sha = await resolveCommit(world.git, repository.path, name)
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${name}`)
  if (wantsMedia(c, 'sha')) return c.text(sha)
  if (wantsMedia(c, 'diff')) {
    return c.text(
      await diffText(world.git, repository.path, await commitRange(world.git, repository.path, sha)),
    )
  }
  return c.json(await renderCommitWithFiles(world, repository, sha))
}

async function compare(world: World, c: ApiContext): Promise<Response> {
  const repository = await openGitRepository(world, c, NEEDS.readContents)
  const { git } = world
  const names = param(c, 'basehead').split('...')
  const [from, to] = await Promise.all(
    names.map((name) =>
      resolveCommit(git, repository.path, name.includes(':') ? name.slice(name.indexOf(':') + 1) : name),
    ),
  )
  if (names.length !== 2 || from === undefined || to === undefined) throw notFound()
  const parted = await mergeBase(git, repository.path, { from, to })
  if (parted === undefined) throw new ApiError(404, `No common ancestor between ${names[0]} and ${names[1]}.`)
  if (wantsMedia(c, 'diff')) return c.text(await diffText(git, repository.path, { from: parted, to }))
  const ahead = await commitsBetween(git, repository.path, { from, to })
  const behind = await commitsBetween(git, repository.path, { from: to, to: from })
  const files = await diffFiles(git, repository.path, { from: parted, to })
  const commit = async (sha: string) =>
    renderCommit(world, repository, await readCommit(git, repository.path, sha))
  const page = `${repositoryPage(world, repository)}/compare/${names.join('...')}`
  return c.json({
    url: `${repositoryUrl(world, repository)}/compare/${names.join('...')}`,
    html_url: page,
    permalink_url: page,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    base_commit: await commit(from),
    merge_base_commit: await commit(parted),
    status: statusOf(ahead.length, behind.length),
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await renderCommits(world, repository, onePage(c, ahead)),
    files: files.slice(0, 300).map((file) => renderFile(world, repository, { file, ref: to })),
  })
}

function statusOf(ahead: number, behind: number): string {
  if (ahead === 0 && behind === 0) return 'identical'
  if (ahead === 0) return 'behind'
  return behind === 0 ? 'ahead' : 'diverged'
}

async function renderBranch(
  world: World,
  repository: RepositoryRecord,
  { name, sha }: { readonly name: string; readonly sha: string },
) {
  const isProtected = repository.protectedBranches.has(name)
  const url = `${repositoryUrl(world, repository)}/branches/${name}`
  return {
    name,
    commit: renderCommit(world, repository, await readCommit(world.git, repository.path, sha)),
    _links: { self: url, html: `${repositoryPage(world, repository)}/tree/${name}` },
    protected: isProtected,
    protection: {
      enabled: isProtected,
      required_status_checks: {
        enforcement_level: isProtected ? 'non_admins' : 'off',
        contexts: [],
        checks: [],
      },
    },
    protection_url: `${url}/protection`,
  }
}

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
