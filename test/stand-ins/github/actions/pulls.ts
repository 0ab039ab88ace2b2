import { validationFailed } from '../api-error.ts'
import { commitsBetween, diffFiles, mergeBase } from '../git/read-objects.ts'
import { isAncestor, readReference } from '../git/references.ts'
import type { Actor, PullRecord, RepositoryRecord, ReviewCommentRecord, ReviewRecord } from '../records.ts'
import {
  isPull,
  type PullIssue,
  pullRange,
  renderReview,
  renderReviewComment,
  renderSimplePull,
} from '../render/render-pull.ts'
import { emit } from '../webhooks.ts'
import type { World } from '../world.ts'
import { checkBody, emitIssue, newIssue, setState } from './issues.ts'

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
  if (source !== repository) await importCommit({ from: source, to: repository, sha: head })
  await requireCommits(repository, { request, base, head })
  const open = [...repository.issues.values()].find(
    ({ pull, state }) =>
      state === 'open' &&
      pull?.head.repository === source &&
      pull.head.branch === branch &&
      pull.base.branch === request.base,
  )
  if (open) {
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
  const pulls = [...world.repositories.values()]
    .flatMap((candidate) => [...candidate.issues.values()])
    .filter(isPull)
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
  if (repository !== issue.repository)
    await importCommit({ from: repository, to: issue.repository, sha: after })
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

/** GitHub keeps the objects of all forks together; here the pull request's repository has to fetch them. */
async function importCommit({
  from,
  to,
  sha,
}: {
  readonly from: RepositoryRecord
  readonly to: RepositoryRecord
  readonly sha: string
}): Promise<void> {
  await to.git(['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', from.path, sha])
}

async function publishHead(issue: PullIssue): Promise<void> {
  const ref = `refs/pull/${issue.number}/head`
  await issue.repository.git(['update-ref', ref, issue.pull.head.sha])
}

interface NewReview {
  readonly actor: Actor
  readonly body: string
  readonly state: ReviewRecord['state']
}

/** Submits a review: `pull_request_review.submitted`. */
export function submitReview(
  world: World,
  issue: PullIssue,
  { actor, body, state }: NewReview,
): ReviewRecord {
  checkBody('PullRequestReview', body)
  const review = {
    id: world.nextId(),
    author: actor,
    body,
    state,
    commitSha: issue.pull.head.sha,
    submittedAt: world.now(),
  }
  issue.pull.reviews.push(review)
  const rendered = renderReview(world, issue, review)
  emit(world, {
    event: 'pull_request_review',
    action: 'submitted',
    repository: issue.repository,
    sender: actor.account,
    // Webhooks write the state in small letters, the API in capitals.
    body: {
      review: { ...rendered, state: state.toLowerCase(), updated_at: rendered.submitted_at },
      pull_request: renderSimplePull(world, issue),
    },
  })
  return review
}

interface NewReviewComment {
  readonly actor: Actor
  readonly body: string
  readonly path: string
  readonly line: number
  /** Of a comment on several lines, which end with `line`. */
  readonly startLine?: number | undefined
  readonly inReplyTo?: number | undefined
}

/** Comments on a line of the diff: a review of its own, as on GitHub, and `pull_request_review_comment.created`. */
export async function addReviewComment(
  world: World,
  issue: PullIssue,
  request: NewReviewComment,
): Promise<ReviewCommentRecord> {
  checkBody('PullRequestReviewComment', request.body)
  const files = await diffFiles(issue.repository, await pullRange(issue))
  const file = files.find(({ path }) => path === request.path)
  if (!file) throw validationFailed('PullRequestReviewComment', { field: 'path', code: 'invalid' })
  const review = submitReview(world, issue, { actor: request.actor, body: '', state: 'COMMENTED' })
  const at = world.now()
  const comment: ReviewCommentRecord = {
    id: world.nextId(),
    issue,
    author: request.actor,
    body: request.body,
    path: request.path,
    line: request.line,
    startLine: request.startLine,
    diffHunk: (file.patch ?? '').split('\n').slice(0, 4).join('\n'),
    commitSha: issue.pull.head.sha,
    reviewId: review.id,
    inReplyTo: request.inReplyTo,
    createdAt: at,
    updatedAt: at,
    reactions: [],
  }
  issue.pull.reviewComments.push(comment)
  emit(world, {
    event: 'pull_request_review_comment',
    action: 'created',
    repository: issue.repository,
    sender: comment.author.account,
    body: { comment: renderReviewComment(world, comment), pull_request: renderSimplePull(world, issue) },
  })
  return comment
}
