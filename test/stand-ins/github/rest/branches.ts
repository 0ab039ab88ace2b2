import { z } from 'zod'
import { branchMoved } from '../actions/pulls.ts'
import { ApiError, notFound } from '../api-error.ts'
import { readCommit } from '../git/commits.ts'
import { commitRange, commitsBetween, diffFiles, diffText, mergeBase } from '../git/read-objects.ts'
import {
  createReference,
  deleteReference,
  listReferences,
  moveReference,
  type Reference,
  readReference,
  resolveCommit,
} from '../git/references.ts'
import type { RepositoryRecord } from '../records.ts'
import { nodeId } from '../render/render-account.ts'
import { renderCommit, renderCommits, renderCommitWithFiles, renderFile } from '../render/render-commit.ts'
import { repositoryPage, repositoryUrl } from '../render/render-repository.ts'
import type { World } from '../world.ts'
import { gitRoute, NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

/** Branches, commits and comparisons. */
export function branchRoutes(world: World): readonly Route[] {
  return [
    route(`GET ${REPOSITORY}/branches`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const all = await listReferences(repository, 'refs/heads/')
      return call.page(all).map(({ ref, sha }) => {
        const name = ref.slice('refs/heads/'.length)
        const url = `${repositoryUrl(world, repository)}/commits/${sha}`
        return { name, commit: { sha, url }, protected: repository.protectedBranches.has(name) }
      })
    }),
    route(`GET ${REPOSITORY}/branches/:branch{.+}`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const name = call.param('branch')
      const reference = await readReference(repository, `refs/heads/${name}`)
      if (!reference) throw new ApiError(404, 'Branch not found')
      return await renderBranch(world, repository, { name, sha: reference.sha })
    }),
    gitRoute(`GET ${REPOSITORY}/commits`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const name = call.query('sha') ?? repository.defaultBranch
      const sha = await resolveCommit(repository, name)
      if (sha === undefined) throw notFound()
      const path = call.query('path')
      const args = ['rev-list', '--topo-order', sha, ...(path === undefined ? [] : ['--', path])]
      const env = { GIT_LITERAL_PATHSPECS: '1' }
      const shas = (await repository.git(args, { env })).text.split('\n').filter((line) => line !== '')
      return await renderCommits(world, repository, call.page(shas))
    }),
    gitRoute(`GET ${REPOSITORY}/commits/:ref{.+}`, NEEDS.readContents, oneCommit),
    gitRoute(`GET ${REPOSITORY}/compare/:basehead{.+}`, NEEDS.readContents, compare),
    ...referenceRoutes(world),
  ]
}

async function oneCommit(call: RepositoryCall): Promise<object> {
  const { world, repository } = call
  const name = call.param('ref')
  const sha = await resolveCommit(repository, name)
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${name}`)
  if (call.wants('sha')) return call.text(sha)
  if (call.wants('diff')) {
    return call.text(await diffText(repository, await commitRange(repository, sha)))
  }
  return await renderCommitWithFiles(world, repository, sha)
}

async function compare(call: RepositoryCall): Promise<object> {
  const { world, repository } = call
  const names = call.param('basehead').split('...')
  const [from, to] = await Promise.all(
    names.map((name) =>
      resolveCommit(repository, name.includes(':') ? name.slice(name.indexOf(':') + 1) : name),
    ),
  )
  if (names.length !== 2 || from === undefined || to === undefined) throw notFound()
  const parted = await mergeBase(repository, { from, to })
  if (parted === undefined) throw new ApiError(404, `No common ancestor between ${names[0]} and ${names[1]}.`)
  if (call.wants('diff')) return call.text(await diffText(repository, { from: parted, to }))
  const ahead = await commitsBetween(repository, { from, to })
  const behind = await commitsBetween(repository, { from: to, to: from })
  const files = await diffFiles(repository, { from: parted, to })
  const commit = async (sha: string) => renderCommit(world, repository, await readCommit(repository, sha))
  const page = `${repositoryPage(world, repository)}/compare/${names.join('...')}`
  return {
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
    commits: await renderCommits(world, repository, call.page(ahead)),
    files: files.slice(0, 300).map((file) => renderFile(world, repository, { file, ref: to })),
  }
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
    commit: renderCommit(world, repository, await readCommit(repository, sha)),
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
function referenceRoutes(world: World): readonly Route[] {
  const git = `${REPOSITORY}/git`
  return [
    gitRoute(`GET ${git}/ref/:ref{.+}`, NEEDS.readContents, async (call) => {
      const { repository } = call
      return await oneReference(world, repository, `refs/${call.param('ref')}`)
    }),
    gitRoute(`GET ${git}/matching-refs/:ref{.*}`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const all = await listReferences(repository, `refs/${call.param('ref')}`)
      return all.map((reference) => renderReference(world, repository, reference))
    }),
    gitRoute(`POST ${git}/refs`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const { ref, sha } = await call.body(NewReference)
      if (ref.startsWith('refs/pull/')) throw new ApiError(422, 'Reference cannot be created in refs/pull/')
      await createReference(repository, { ref, sha })
      await follow(call, ref)
      return call.json(await oneReference(world, repository, ref), 201)
    }),
    gitRoute(`PATCH ${git}/refs/:ref{.+}`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const ref = `refs/${call.param('ref')}`
      const { sha, force = false } = await call.body(MovedReference)
      checkProtection(repository, ref)
      await moveReference(repository, { ref, sha, force })
      await follow(call, ref)
      return await oneReference(world, repository, ref)
    }),
    gitRoute(`DELETE ${git}/refs/:ref{.+}`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const ref = `refs/${call.param('ref')}`
      checkProtection(repository, ref)
      if (ref === `refs/heads/${repository.defaultBranch}`)
        throw new ApiError(422, 'Cannot delete the default branch')
      await deleteReference(repository, ref)
      await follow(call, ref)
      return call.noContent()
    }),
  ]
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

async function follow({ world, repository, actor }: RepositoryCall, ref: string): Promise<void> {
  if (!ref.startsWith('refs/heads/')) return
  const branch = ref.slice('refs/heads/'.length)
  await branchMoved(world, repository, { actor, branch })
}

async function oneReference(world: World, repository: RepositoryRecord, ref: string) {
  const reference = await readReference(repository, ref)
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
