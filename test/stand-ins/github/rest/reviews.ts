import { z } from 'zod'
import { notFound, validationFailed } from '../api-error.ts'
import { diffFiles } from '../git/read-objects.ts'
import type { Actor, ReviewCommentRecord, ReviewRecord } from '../records.ts'
import { emit } from '../webhooks.ts'
import { isoSeconds, type World } from '../world.ts'
import { chosenComments, reactionsOn } from './comments.ts'
import { checkBody } from './issue-changes.ts'
import { pullIn, pullsOf } from './pulls.ts'
import {
  association,
  issuePage,
  type PullIssue,
  pullRange,
  pullUrl,
  renderReactions,
  renderSimplePull,
} from './render-issue.ts'
import { nodeId, renderAccount, repositoryUrl } from './render-repository.ts'
import { NEEDS, REPOSITORY, type RepositoryCall, type Route, route } from './route.ts'

const STATES = { APPROVE: 'APPROVED', REQUEST_CHANGES: 'CHANGES_REQUESTED', COMMENT: 'COMMENTED' } as const

const ReviewBody = z.object({
  body: z.string().optional(),
  event: z.enum(['APPROVE', 'REQUEST_CHANGES', 'COMMENT']),
})

const ReviewCommentBody = z.object({
  body: z.string(),
  path: z.string(),
  line: z.number().optional(),
  commit_id: z.string().optional(),
})

const ReplyBody = z.object({ body: z.string() })

/** Reviews of pull requests and comments on lines of their diff. */
export function reviewRoutes(world: World): readonly Route[] {
  const pull = `${REPOSITORY}/pulls/:number`
  return [
    route(`GET ${REPOSITORY}/pulls/comments`, NEEDS.readPulls, (call) => {
      const comments = call.page(chosenComments(call, reviewCommentsOf(call)))
      return comments.map((comment) => renderReviewComment(world, comment))
    }),
    route(`GET ${REPOSITORY}/pulls/comments/:id`, NEEDS.readPulls, (call) =>
      renderReviewComment(world, reviewCommentIn(call)),
    ),
    ...reactionsOn(world, `${REPOSITORY}/pulls/comments/:id`, NEEDS.readPulls, (call) => ({
      reactions: reviewCommentIn(call).reactions,
      isPull: true,
    })),
    route(`GET ${pull}/reviews`, NEEDS.readPulls, (call) => {
      const issue = pullIn(call)
      return call.page(issue.pull.reviews).map((review) => renderReview(world, issue, review))
    }),
    route(`POST ${pull}/reviews`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const { body = '', event } = await call.body(ReviewBody)
      const review = submitReview(world, issue, { actor: call.actor, body, state: STATES[event] })
      return renderReview(world, issue, review)
    }),
    route(`GET ${pull}/comments`, NEEDS.readPulls, (call) =>
      call.page(pullIn(call).pull.reviewComments).map((comment) => renderReviewComment(world, comment)),
    ),
    route(`POST ${pull}/comments`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const { body, path, line = 1 } = await call.body(ReviewCommentBody)
      const request = { actor: call.actor, body, path, line }
      const comment = await addReviewComment(world, issue, request)
      return call.json(renderReviewComment(world, comment), 201)
    }),
    route(`POST ${pull}/comments/:id/replies`, NEEDS.writePulls, async (call) => {
      const issue = pullIn(call)
      const parent = issue.pull.reviewComments.find(({ id }) => id === call.number('id'))
      if (!parent) throw notFound()
      const { body } = await call.body(ReplyBody)
      const { path, line, id } = parent
      const request = { actor: call.actor, body, path, line, inReplyTo: id }
      const comment = await addReviewComment(world, issue, request)
      return call.json(renderReviewComment(world, comment), 201)
    }),
  ]
}

function reviewCommentsOf(call: RepositoryCall): ReviewCommentRecord[] {
  return pullsOf(call.repository).flatMap((issue) => issue.pull.reviewComments)
}

function reviewCommentIn(call: RepositoryCall): ReviewCommentRecord {
  const comment = reviewCommentsOf(call).find(({ id }) => id === call.number('id'))
  if (!comment) throw notFound()
  return comment
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

/** GitHub's `pull-request-review`. */
function renderReview(world: World, issue: PullIssue, review: ReviewRecord) {
  const page = `${issuePage(world, issue)}#pullrequestreview-${review.id}`
  return {
    id: review.id,
    node_id: nodeId('PRR', review.id),
    user: renderAccount(world, review.author.account),
    body: review.body,
    state: review.state,
    html_url: page,
    pull_request_url: pullUrl(world, issue),
    _links: { html: { href: page }, pull_request: { href: pullUrl(world, issue) } },
    submitted_at: isoSeconds(review.submittedAt),
    commit_id: review.commitSha,
    author_association: association(issue.repository, review.author.account),
  }
}

/** GitHub's `pull-request-review-comment`. */
function renderReviewComment(world: World, comment: ReviewCommentRecord) {
  const { issue } = comment
  const url = `${repositoryUrl(world, issue.repository)}/pulls/comments/${comment.id}`
  const page = `${issuePage(world, issue)}#discussion_r${comment.id}`
  const pull = `${repositoryUrl(world, issue.repository)}/pulls/${issue.number}`
  return {
    url,
    pull_request_review_id: comment.reviewId,
    id: comment.id,
    node_id: nodeId('PRRC', comment.id),
    diff_hunk: comment.diffHunk,
    path: comment.path,
    commit_id: comment.commitSha,
    original_commit_id: comment.commitSha,
    user: renderAccount(world, comment.author.account),
    body: comment.body,
    created_at: isoSeconds(comment.createdAt),
    updated_at: isoSeconds(comment.updatedAt),
    html_url: page,
    pull_request_url: pull,
    author_association: association(issue.repository, comment.author.account),
    _links: { self: { href: url }, html: { href: page }, pull_request: { href: pull } },
    reactions: renderReactions(url, comment.reactions),
    start_line: comment.startLine ?? null,
    original_start_line: comment.startLine ?? null,
    start_side: comment.startLine === undefined ? null : 'RIGHT',
    line: comment.line,
    original_line: comment.line,
    side: 'RIGHT',
    original_position: 1,
    position: 1,
    subject_type: 'line',
    ...(comment.inReplyTo === undefined ? {} : { in_reply_to_id: comment.inReplyTo }),
  }
}
