import { validationFailed } from '../api-error.ts'
import { diffFiles } from '../git/diff-files.ts'
import type { Actor, ReviewCommentRecord, ReviewRecord } from '../records.ts'
import {
  type PullIssue,
  pullRange,
  renderReview,
  renderReviewComment,
  renderSimplePull,
} from '../render/render-pull.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { checkBody } from './issues.ts'

export interface NewReview {
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
  emitReview(world, issue, review)
  return review
}

export interface NewReviewComment {
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
  const files = await diffFiles(world.git, issue.repository.path, await pullRange(world, issue))
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
  emitReviewComment(world, issue, comment)
  return comment
}

function emitReview(world: World, issue: PullIssue, review: ReviewRecord): void {
  const rendered = renderReview(world, issue, review)
  emit(world, {
    event: 'pull_request_review',
    action: 'submitted',
    repository: issue.repository,
    sender: review.author.account,
    // Webhooks write the state in small letters, the API in capitals.
    body: {
      review: { ...rendered, state: review.state.toLowerCase(), updated_at: rendered.submitted_at },
      pull_request: renderSimplePull(world, issue),
    },
  })
}

function emitReviewComment(world: World, issue: PullIssue, comment: ReviewCommentRecord): void {
  emit(world, {
    event: 'pull_request_review_comment',
    action: 'created',
    repository: issue.repository,
    sender: comment.author.account,
    body: { comment: renderReviewComment(world, comment), pull_request: renderSimplePull(world, issue) },
  })
}
