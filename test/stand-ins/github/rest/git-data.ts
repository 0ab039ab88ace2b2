import { z } from 'zod'
import { ApiError, notFound } from '../api-error.ts'
import { type Caller, covers } from '../caller.ts'
import { type CommitObject, listTree, objectType, readBlob, readCommit, treeOf } from '../git/read-objects.ts'
import {
  createReference,
  deleteReference,
  listReferences,
  moveReference,
  type Reference,
  readReference,
  resolveCommit,
} from '../git/references.ts'
import { createCommit, type TreeChange, writeTree } from '../git/write-objects.ts'
import type { RepositoryRecord } from '../records.ts'
import { isoSeconds, type World } from '../world.ts'
import { renderGitCommit } from './commits.ts'
import { branchMoved } from './pulls.ts'
import { nodeId, noreplyEmail, repositoryUrl } from './render-repository.ts'
import { gitRoute, NEEDS, REPOSITORY, type RepositoryCall, type Route } from './route.ts'
import { checkRules } from './rulesets.ts'

const GIT = `${REPOSITORY}/git`

/** GitHub stops listing a tree here and says `truncated`. */
const MAX_ENTRIES = 100_000

const BlobBody = z.object({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).optional() })

const TreeBody = z.object({
  base_tree: z.string().optional(),
  tree: z.array(
    z.object({
      path: z.string(),
      mode: z.string().optional(),
      type: z.string().optional(),
      sha: z.string().nullish(),
      content: z.string().optional(),
    }),
  ),
})

const PersonBody = z.object({ name: z.string(), email: z.string(), date: z.string().optional() })

const CommitBody = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).optional(),
  author: PersonBody.partial({ name: true, email: true }).optional(),
  committer: PersonBody.partial({ name: true, email: true }).optional(),
})

/** The Git Data API: references, blobs, trees and commits, all real in the bare repository. */
export function gitDataRoutes(world: World): readonly Route[] {
  return [
    ...blobRoutes(world),
    ...treeRoutes(world),
    ...referenceRoutes(world),
    gitRoute(`POST ${GIT}/commits`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const { message: text, parents = [], ...commit } = await call.body(CommitBody)
      const { account, viaApp } = call.actor
      const self = { name: account.name, email: noreplyEmail(account), date: isoSeconds(world.now()) }
      const sha = await createCommit(repository, { ...commit, text, parents }, { self, viaApp })
      return call.json(renderGitCommit(world, repository, await readCommit(repository, sha)), 201)
    }),
    gitRoute(`GET ${GIT}/commits/:sha`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const sha = call.param('sha')
      if ((await objectType(repository, sha)) !== 'commit') throw notFound()
      const found: CommitObject = await readCommit(repository, sha)
      return renderGitCommit(world, repository, found)
    }),
  ]
}

function blobRoutes(world: World): readonly Route[] {
  return [
    gitRoute(`POST ${GIT}/blobs`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const { content, encoding } = await call.body(BlobBody)
      const input = Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8')
      const result = await repository.git(['hash-object', '-w', '--stdin'], { input })
      const sha = result.text.trim()
      return call.json({ sha, url: `${repositoryUrl(world, repository)}/git/blobs/${sha}` }, 201)
    }),
    gitRoute(`GET ${GIT}/blobs/:sha`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const sha = call.param('sha')
      if ((await objectType(repository, sha)) !== 'blob') throw notFound()
      const bytes = await readBlob(repository, sha)
      if (call.wants('raw')) return call.bytes(bytes)
      return {
        sha,
        node_id: nodeId('B', sha),
        size: bytes.length,
        url: `${repositoryUrl(world, repository)}/git/blobs/${sha}`,
        content: wrapped(bytes),
        encoding: 'base64',
      }
    }),
  ]
}

function treeRoutes(world: World): readonly Route[] {
  return [
    gitRoute(`POST ${GIT}/trees`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const { tree: changes, base_tree: base } = await call.body(TreeBody)
      if (changes.length === 0) throw new ApiError(422, 'Invalid tree info')
      checkWorkflows(call.caller, changes)
      const sha = await writeTree(repository, { base, changes })
      return call.json(await renderTree(world, repository, { sha, tree: sha, recursive: false }), 201)
    }),
    gitRoute(`GET ${GIT}/trees/:sha{.+}`, NEEDS.readContents, async (call) => {
      const { repository } = call
      const name = call.param('sha')
      const isTree = (await objectType(repository, name)) === 'tree'
      const commitSha = isTree ? undefined : await resolveCommit(repository, name)
      if (!isTree && commitSha === undefined) throw notFound()
      const tree = await treeOf(repository, commitSha ?? name)
      // Asked for a branch or commit, GitHub answers with the commit's SHA, not the tree's.
      const recursive = call.query('recursive') !== undefined
      return await renderTree(world, repository, { sha: commitSha ?? name, tree, recursive })
    }),
  ]
}

async function renderTree(
  world: World,
  repository: RepositoryRecord,
  { sha, tree, recursive }: { readonly sha: string; readonly tree: string; readonly recursive: boolean },
) {
  const url = `${repositoryUrl(world, repository)}/git`
  const entries = await listTree(repository, { tree, recursive })
  return {
    sha,
    url: `${url}/trees/${sha}`,
    tree: entries.slice(0, MAX_ENTRIES).map((entry) => ({
      path: entry.path,
      mode: entry.mode,
      type: entry.type,
      sha: entry.sha,
      ...(entry.size === undefined ? {} : { size: entry.size }),
      ...(entry.type === 'commit' ? {} : { url: `${url}/${entry.type}s/${entry.sha}` }),
    })),
    truncated: entries.length > MAX_ENTRIES,
  }
}

/** Workflow files need a permission (App) or scope (user) of their own. */
function checkWorkflows(caller: Caller, changes: readonly TreeChange[]): void {
  if (!changes.some(({ path }) => path.toLowerCase().startsWith('.github/workflows/'))) return
  if (caller.kind === 'installation' && !covers(caller.token.permissions.workflows, 'write')) {
    throw new ApiError(403, 'Resource not accessible by integration')
  }
  if (caller.kind === 'user' && !caller.token.scopes.includes('workflow')) {
    throw new ApiError(404, 'Not Found', {}, { 'x-accepted-oauth-scopes': 'workflow' })
  }
}

/** Base64 in lines of 60 characters, as GitHub sends it. */
export function wrapped(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{60}/g, '$&\n')
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
      await checkRules(repository, { ref, sha, isNew: true })
      await createReference(repository, { ref, sha })
      await follow(call, ref)
      return call.json(await oneReference(world, repository, ref), 201)
    }),
    gitRoute(`PATCH ${git}/refs/:ref{.+}`, NEEDS.writeContents, async (call) => {
      const { repository } = call
      const ref = `refs/${call.param('ref')}`
      const { sha, force = false } = await call.body(MovedReference)
      checkProtection(repository, ref)
      await checkRules(repository, { ref, sha, isNew: false })
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
