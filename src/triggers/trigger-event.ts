import type { EmitterWebhookEvent } from '@octokit/webhooks'
import type { Thread, TriggerComment } from '../runs/run.ts'
import type { Sender } from './authorize.ts'

/** Where an event happened and who made it happen. */
export interface TriggerEvent {
  readonly repository: { readonly owner: string; readonly name: string; readonly id: number }
  readonly installationId?: number
  readonly sender: Sender
  readonly thread: Thread & { readonly authorId: number | undefined }
}

export interface CommentEvent extends TriggerEvent {
  readonly comment: TriggerComment & {
    readonly body: string
    /** The App that wrote it on somebody's behalf. */
    readonly appId: number | undefined
    /** Set for a comment on a line of a pull request. */
    readonly place: string | undefined
  }
}

export interface LabelEvent extends TriggerEvent {
  readonly label: string
  /** When the issue was changed, ISO 8601: tells one labelling from the next. */
  readonly at: string
}

export function fromIssueComment(
  payload: EmitterWebhookEvent<'issue_comment.created'>['payload'],
): CommentEvent {
  const { issue, comment } = payload
  return {
    ...origin(payload),
    thread: {
      kind: issue.pull_request ? 'pull_request' : 'issue',
      ...threadText(issue),
    },
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

export function fromReviewComment(
  payload: EmitterWebhookEvent<'pull_request_review_comment.created'>['payload'],
): CommentEvent {
  const { pull_request: pull, comment } = payload
  const line = comment.line ?? comment.original_line
  return {
    ...origin(payload),
    thread: { kind: 'pull_request', ...threadText(pull) },
    comment: {
      kind: 'review_comment',
      id: comment.id,
      url: comment.html_url,
      body: comment.body,
      appId: undefined,
      place: line ? `${comment.path}:${line}` : comment.path,
    },
  }
}

export function fromLabel(payload: EmitterWebhookEvent<'issues.labeled'>['payload']): LabelEvent {
  return {
    ...origin(payload),
    thread: { kind: 'issue', ...threadText(payload.issue) },
    label: payload.label?.name ?? '',
    at: payload.issue.updated_at,
  }
}

interface Origin {
  readonly repository: {
    readonly id: number
    readonly name: string
    readonly owner: { readonly login: string }
  }
  readonly sender: { readonly login: string; readonly id: number; readonly type?: string | undefined }
  readonly installation?: { readonly id: number } | undefined
}

function origin({ repository, sender, installation }: Origin) {
  return {
    repository: { owner: repository.owner.login, name: repository.name, id: repository.id },
    sender: { login: sender.login, id: sender.id, type: sender.type ?? 'unknown' },
    ...(installation ? { installationId: installation.id } : {}),
  }
}

interface ThreadSource {
  readonly number: number
  readonly title: string
  readonly body: string | null
  readonly html_url: string
  readonly user: { readonly login: string; readonly id: number } | null
}

function threadText({ number, title, body, html_url: url, user }: ThreadSource) {
  return { number, title, body: body ?? '', url, author: user?.login ?? 'ghost', authorId: user?.id }
}
