import { z } from 'zod'
import { notFound, validationFailed } from '../api-error.ts'
import { importCommit } from '../git/bare-repository.ts'
import { commitsBetween, diffFiles, diffText, mergeBase } from '../git/read-objects.ts'
import { isAncestor, readReference } from '../git/references.ts'
import type { Actor, PullRecord, RepositoryRecord } from '../records.ts'
import type { World } from '../world.ts'
import { renderCommits, renderFile } from './commits.ts'
import { checkBody, editText, emitIssue, newIssue, setState } from './issue-changes.ts'
import { isPull, type PullIssue, pullRange, pullUrl, renderPull, renderSimplePull } from './render-issue.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

const NewPullBody = z.object({
  title: z.string(),
  head: z.string(),
  base: z.string(),
  body: z.string().nullish(),
  draft: z.boolean().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

const PullChange = z.object({
  title: z.string().optional(),
  body: z.string().nullish(),
  state: z.enum(['open', 'closed']).optional(),
  base: z.string().optional(),
  maintainer_can_modify: z.boolean().optional(),
})

/** Pull requests. */
export function pullRoutes(world: World): readonly Route[] {
  const pulls = `${REPOSITORY}/pulls`
  return [
    route(`GET ${pulls}`, NEEDS.readPulls, (call) =>
      call.page(listPulls(call)).map((issue) => renderSimplePull(world, issue)),
    ),
    route(`POST ${pulls}`, NEEDS.writePulls, async (call) => {
      const body = await call.body(NewPullBody)
      const issue = await createPull(world, call.repository, {
        actor: call.actor,
        title: body.title,
        body: body.body ?? null,
        head: body.head,
        base: body.base,
        draft: body.draft ?? false,
        maintainerCanModify: body.maintainer_can_modify ?? true,
      })
      call.header('location', pullUrl(world, issue))
      return call.json(await renderPull(world, issue), 201)
    }),
    route(`GET ${pulls}/:number`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      if (call.wants('diff')) {
        return call.text(await diffText(issue.repository, await pullRange(issue)))
      }
      return await renderPull(world, issue)
    }),
    route(`PATCH ${pulls}/:number`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const isOwn = call.actor.account === issue.author.account
      call.require(isOwn ? NEEDS.writePulls : { ...NEEDS.writePulls, role: 'write' })
      await changePull(call, issue)
      return await renderPull(world, issue)
    }),
    route(`GET ${pulls}/:number/files`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const range = await pullRange(issue)
      const files = await diffFiles(issue.repository, range)
      return call.page(files).map((file) => renderFile(world, issue.repository, { file, ref: range.to }))
    }),
    route(`GET ${pulls}/:number/commits`, NEEDS.readPulls, async (call) => {
      const issue = pullIn(call)
      const shas = await commitsBetween(issue.repository, await pullRange(issue))
      return await renderCommits(world, issue.repository, call.page(shas))
    }),
  ]
}

/** The pull request that the path names. */
export function pullIn(call: RepositoryCall): PullIssue {
  const issue = call.repository.issues.get(call.number('number'))
  if (!issue || !isPull(issue)) throw notFound()
  return issue
}

function listPulls(call: RepositoryCall): PullIssue[] {
  const state = call.query('state') ?? 'open'
  const head = call.query('head')
  const base = call.query('base')
  const matchesHead = ({ pull }: PullIssue) =>
    head === undefined ||
    `${pull.head.repository.owner.login}:${pull.head.branch}`.toLowerCase() === head.toLowerCase()
  return pullsOf(call.repository)
    .filter((issue) => state === 'all' || issue.state === state)
    .filter((issue) => matchesHead(issue) && (base === undefined || issue.pull.base.branch === base))
    .sort((a, b) => (call.query('direction') === 'asc' ? a.number - b.number : b.number - a.number))
}

async function changePull(call: RepositoryCall, issue: PullIssue): Promise<void> {
  const { world, actor } = call
  const { title, body, base, state } = await call.body(PullChange)
  if (base !== undefined && base !== issue.pull.base.branch) {
    const sha = await branchSha(issue.repository, { branch: base, field: 'base' })
    issue.pull.base = { branch: base, sha }
  }
  editText(world, issue, { actor, title, body })
  if (state !== undefined) setState(world, issue, { actor, state })
}

/** All pull requests of a repository. */
export function pullsOf(repository: RepositoryRecord): PullIssue[] {
  return [...repository.issues.values()].filter(isPull)
}

interface NewPull {
  readonly actor: Actor
  readonly title: string
  readonly body: string | null
  /** `branch`, or `owner:branch` of a fork. */
  readonly head: string
  readonly base: string
  readonly draft: boolean
  readonly maintainerCanModify: boolean
}

/** Opens a pull request. @throws {ApiError} 422 in GitHub's words for a missing branch, no commits, a duplicate. */
export async function createPull(
  world: World,
  repository: RepositoryRecord,
  request: NewPull,
): Promise<PullIssue> {
  checkBody('PullRequest', request.body)
  const { source, branch } = headOf(world, repository, request.head)
  const base = await branchSha(repository, { branch: request.base, field: 'base' })
  const head = await branchSha(source, { branch, field: 'head' })
  if (source !== repository) await importCommit(repository, { from: source, sha: head })
  await requireCommits(repository, { request, base, head })
  const isSame = ({ pull }: PullIssue) =>
    pull.head.repository === source && pull.head.branch === branch && pull.base.branch === request.base
  if (pullsOf(repository).some((issue) => issue.state === 'open' && isSame(issue))) {
    throw validationFailed('PullRequest', {
      code: 'custom',
      message: `A pull request already exists for ${source.owner.login}:${branch}.`,
    })
  }
  const pull: PullRecord = {
    head: { repository: source, branch, sha: head },
    base: { branch: request.base, sha: base },
    draft: request.draft,
    mergedAt: undefined,
    mergeSha: undefined,
    mergedBy: undefined,
    maintainerCanModify: source !== repository && request.maintainerCanModify,
    reviews: [],
    reviewComments: [],
  }
  const issue = Object.assign(newIssue(world, repository, request), { pull })
  await publishHead(issue)
  emitIssue(world, issue, { actor: request.actor, action: 'opened' })
  return issue
}

/** Follows a moved or deleted branch: pull requests from it change head or close, those it contains are merged. */
export async function branchMoved(
  world: World,
  repository: RepositoryRecord,
  { actor, branch }: { readonly actor: Actor; readonly branch: string },
): Promise<void> {
  repository.pushedAt = world.now()
  const now = (await readReference(repository, `refs/heads/${branch}`))?.sha
  const pulls = [...world.repositories.values()].flatMap(pullsOf)
  for (const issue of pulls.filter((candidate) => candidate.state === 'open')) {
    const { head, base } = issue.pull
    if (head.repository === repository && head.branch === branch) {
      if (now === undefined) setState(world, issue, { actor, state: 'closed' })
      else if (now !== head.sha) await synchronize(world, issue, { actor, after: now })
    }
    if (issue.repository === repository && base.branch === branch && now !== undefined) {
      const merged = await isAncestor(repository, { ancestor: head.sha, of: now })
      if (!merged) continue
      issue.pull.mergedAt = world.now()
      issue.pull.mergeSha = now
      issue.pull.mergedBy = actor.account
      setState(world, issue, { actor, state: 'closed' })
    }
  }
}

async function synchronize(
  world: World,
  issue: PullIssue,
  { actor, after }: { readonly actor: Actor; readonly after: string },
): Promise<void> {
  const before = issue.pull.head.sha
  const { repository } = issue.pull.head
  if (repository !== issue.repository) await importCommit(issue.repository, { from: repository, sha: after })
  const base = await readReference(issue.repository, `refs/heads/${issue.pull.base.branch}`)
  issue.pull.head.sha = after
  if (base) issue.pull.base.sha = base.sha
  issue.updatedAt = world.now()
  await publishHead(issue)
  emitIssue(world, issue, { actor, action: 'synchronize', extra: { before, after } })
}

function headOf(world: World, repository: RepositoryRecord, head: string) {
  const [owner, branch] = head.includes(':') ? head.split(':', 2) : [repository.owner.login, head]
  const isOwn = owner?.toLowerCase() === repository.owner.login.toLowerCase()
  const origin = repository.forkOf ?? repository
  const source = isOwn
    ? repository
    : [...world.repositories.values()].find(
        (candidate) =>
          candidate.owner.login.toLowerCase() === owner?.toLowerCase() &&
          (candidate.forkOf === origin || candidate === origin) &&
          candidate.readyAt <= world.now(),
      )
  if (!source || !branch) throw validationFailed('PullRequest', { field: 'head', code: 'invalid' })
  return { source, branch }
}

async function branchSha(
  repository: RepositoryRecord,
  { branch, field }: { readonly branch: string; readonly field: string },
): Promise<string> {
  const reference = await readReference(repository, `refs/heads/${branch}`)
  if (!reference) throw validationFailed('PullRequest', { field, code: 'invalid' })
  return reference.sha
}

async function requireCommits(
  repository: RepositoryRecord,
  { request, base, head }: { readonly request: NewPull; readonly base: string; readonly head: string },
): Promise<void> {
  const refuse = (message: string) => validationFailed('PullRequest', { code: 'custom', message })
  const common = await mergeBase(repository, { from: base, to: head })
  if (common === undefined) {
    throw refuse(`The ${request.head} branch has no history in common with ${request.base}`)
  }
  const commits = await commitsBetween(repository, { from: base, to: head })
  if (commits.length === 0) throw refuse(`No commits between ${request.base} and ${request.head}`)
}

async function publishHead(issue: PullIssue): Promise<void> {
  const ref = `refs/pull/${issue.number}/head`
  await issue.repository.git(['update-ref', ref, issue.pull.head.sha])
}
