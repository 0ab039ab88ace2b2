import { z } from 'zod'
import { BackspaceError } from '../errors.ts'
import type { Thread, TriggerComment } from '../runs/run.ts'
import type { Sender } from './authorize.ts'

/** Where an event happened, and who caused it. */
export interface TriggerEvent {
  readonly repository: { readonly owner: string; readonly name: string; readonly id: number }
  readonly installationId?: number | undefined
  readonly sender: Sender
  readonly thread: Thread & { readonly authorId: number | undefined }
  /**
   * When the event happened by GitHub's clock, ISO 8601. For a label, when the issue changed, which differs each time a
   * label is added.
   */
  readonly at: string
}

export interface CommentEvent extends TriggerEvent {
  readonly comment: TriggerComment & {
    readonly body: string
    /** Id of the App that wrote the comment on behalf of its author. */
    readonly appId: number | undefined
    /** `src/a.ts:12` for a comment on a line of a pull request. */
    readonly place: string | undefined
  }
}

export interface LabelEvent extends TriggerEvent {
  readonly label: string
}

export interface PullRequestEvent extends TriggerEvent {
  readonly action: string
  readonly draft: boolean
  /** The head commit. */
  readonly head: string
  /** The branch that the pull request is to be merged into. */
  readonly base: string
  readonly merged: boolean
}

export interface PushEvent {
  readonly repository: TriggerEvent['repository']
  /** `refs/heads/main`, or a tag. */
  readonly ref: string
  /** Messages of the pushed commits, as far as GitHub lists them. */
  readonly messages: readonly string[]
  /** When the push happened, ISO 8601, if GitHub says so. */
  readonly at: string | undefined
}

/**
 * The fields that Backspace reads. A signed payload may lack some, for instance from an older GitHub Enterprise Server.
 */
const Origin = z.object({
  repository: z.object({ id: z.number(), name: z.string(), owner: z.object({ login: z.string() }) }),
  sender: z.object({ login: z.string(), id: z.number(), type: z.string().default('unknown') }),
  installation: z.object({ id: z.number() }).nullish(),
})

const ThreadSource = z.object({
  number: z.number(),
  title: z.string(),
  body: z.string().nullish(),
  html_url: z.string(),
  user: z.object({ login: z.string(), id: z.number() }).nullish(),
})

const Comment = z.object({
  id: z.number(),
  html_url: z.string(),
  body: z.string(),
  created_at: z.string(),
})

const IssueComment = Origin.extend({
  issue: ThreadSource.extend({ pull_request: z.unknown().optional() }),
  comment: Comment.extend({ performed_via_github_app: z.object({ id: z.number() }).nullish() }),
})

const ReviewComment = Origin.extend({
  pull_request: ThreadSource,
  comment: Comment.extend({
    path: z.string(),
    line: z.number().nullish(),
    original_line: z.number().nullish(),
    start_line: z.number().nullish(),
  }),
})

const Review = Origin.extend({
  pull_request: ThreadSource,
  review: z.object({
    id: z.number(),
    html_url: z.string(),
    body: z.string().nullish(),
    submitted_at: z.string(),
  }),
})

const Labeled = Origin.extend({
  issue: ThreadSource.extend({ updated_at: z.string() }),
  label: z.object({ name: z.string() }).nullish(),
})

const PullRequestChange = Origin.extend({
  action: z.string(),
  pull_request: ThreadSource.extend({
    draft: z.boolean().nullish(),
    merged: z.boolean().nullish(),
    head: z.object({ sha: z.string() }),
    base: z.object({ ref: z.string() }),
    updated_at: z.string(),
  }),
})

const Push = z.object({
  repository: Origin.shape.repository.extend({
    pushed_at: z.union([z.number().min(0).max(8e12), z.iso.datetime({ offset: true })]).nullish(),
  }),
  ref: z.string(),
  commits: z.array(z.object({ message: z.string() })).nullish(),
})

/** @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents. */
export function fromIssueComment(payload: unknown): CommentEvent {
  const { issue, comment, ...origin } = read(IssueComment, payload)
  return {
    ...originOf(origin),
    at: comment.created_at,
    thread: { kind: issue.pull_request ? 'pull_request' : 'issue', ...threadText(issue) },
    comment: {
      kind: 'issue_comment',
      id: comment.id,
      url: comment.html_url,
      body: comment.body,
      appId: comment.performed_via_github_app?.id,
      place: undefined,
    },
  }
}

/** @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents. */
export function fromReviewComment(payload: unknown): CommentEvent {
  const { pull_request: pull, comment, ...origin } = read(ReviewComment, payload)
  const line = comment.line ?? comment.original_line
  const from = comment.start_line ? `${comment.start_line}-` : ''
  return {
    ...originOf(origin),
    at: comment.created_at,
    thread: { kind: 'pull_request', ...threadText(pull) },
    comment: {
      kind: 'review_comment',
      id: comment.id,
      url: comment.html_url,
      body: comment.body,
      appId: undefined,
      place: line ? `${comment.path}:${from}${line}` : comment.path,
    },
  }
}

/**
 * Reads the summary of a review. The review's comments on lines have webhooks of their own.
 *
 * @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents.
 */
export function fromReview(payload: unknown): CommentEvent {
  const { pull_request: pull, review, ...origin } = read(Review, payload)
  return {
    ...originOf(origin),
    at: review.submitted_at,
    thread: { kind: 'pull_request', ...threadText(pull) },
    comment: {
      kind: 'review',
      id: review.id,
      url: review.html_url,
      body: review.body ?? '',
      appId: undefined,
      place: undefined,
    },
  }
}

/** @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents. */
export function fromLabel(payload: unknown): LabelEvent {
  const { issue, label, ...origin } = read(Labeled, payload)
  return {
    ...originOf(origin),
    thread: { kind: 'issue', ...threadText(issue) },
    label: label?.name ?? '',
    at: issue.updated_at,
  }
}

/** @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents. */
export function fromPullRequest(payload: unknown): PullRequestEvent {
  const { action, pull_request: pull, ...origin } = read(PullRequestChange, payload)
  return {
    ...originOf(origin),
    thread: { kind: 'pull_request', ...threadText(pull) },
    at: pull.updated_at,
    action,
    draft: pull.draft ?? false,
    head: pull.head.sha,
    base: pull.base.ref,
    merged: pull.merged ?? false,
  }
}

/** @throws {BackspaceError} `bad_request` when the payload is not what GitHub documents. */
export function fromPush(payload: unknown): PushEvent {
  const { repository, ref, commits } = read(Push, payload)
  const { id, name, owner, pushed_at: at } = repository
  return {
    repository: { owner: owner.login, name, id },
    ref,
    messages: (commits ?? []).map(({ message }) => message),
    // A text in some events, seconds in this one.
    at: typeof at === 'number' ? new Date(at * 1000).toISOString() : (at ?? undefined),
  }
}

/** The person who withdrew the App's access. This event belongs to no repository. */
export function fromRevocation(payload: unknown): Sender {
  return read(Origin.pick({ sender: true }), payload).sender
}

function read<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map(({ path }) => path.join('.')).join(', ')
  throw new BackspaceError(
    'bad_request',
    `A webhook was ignored, because these fields are not as GitHub documents them: ${wrong}.`,
  )
}

function originOf({ repository, sender, installation }: z.output<typeof Origin>) {
  return {
    repository: { owner: repository.owner.login, name: repository.name, id: repository.id },
    sender,
    installationId: installation?.id,
  }
}

function threadText({ number, title, body, html_url: url, user }: z.output<typeof ThreadSource>) {
  return { number, title, body: body ?? '', url, author: user?.login ?? 'ghost', authorId: user?.id }
}
