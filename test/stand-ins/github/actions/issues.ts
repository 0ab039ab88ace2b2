import { ApiError } from '../api-error.ts'
import type { Actor, CommentRecord, IssueRecord, ReactionRecord, RepositoryRecord } from '../records.ts'
import { isReaction, renderComment, renderIssue } from '../render/render-issue.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { emitIssue } from './emit-issue.ts'
import { attachLabels } from './labels.ts'

/** GitHub's limit on the text of issues, pull requests and comments. */
const MAX_BODY = 65_536

export interface NewIssue {
  readonly actor: Actor
  readonly title: string
  readonly body: string | null
}

/** Makes the record that issues and pull requests share, with the next number of the repository. */
export function newIssue(
  world: World,
  repository: RepositoryRecord,
  { actor, title, body }: NewIssue,
): IssueRecord {
  checkBody('Issue', body)
  const at = world.now()
  const issue: IssueRecord = {
    id: world.nextId(),
    number: repository.issues.size + 1,
    repository,
    author: actor,
    title,
    body,
    state: 'open',
    stateReason: null,
    labels: [],
    assignees: [],
    locked: false,
    createdAt: at,
    updatedAt: at,
    closedAt: undefined,
    closedBy: undefined,
    comments: [],
    reactions: [],
    pull: undefined,
  }
  repository.issues.set(issue.number, issue)
  return issue
}

/** Opens an issue: `issues.opened`, then one `issues.labeled` for each label. */
export function createIssue(
  world: World,
  repository: RepositoryRecord,
  { labels, ...issue }: NewIssue & { readonly labels: readonly string[] },
): IssueRecord {
  const created = newIssue(world, repository, issue)
  emitIssue(world, created, { actor: issue.actor, action: 'opened' })
  if (labels.length > 0) attachLabels(world, created, { actor: issue.actor, names: labels })
  return created
}

export function createComment(
  world: World,
  issue: IssueRecord,
  { actor, body }: { readonly actor: Actor; readonly body: string },
): CommentRecord {
  checkBody('IssueComment', body)
  const at = world.now()
  const comment = {
    id: world.nextId(),
    issue,
    author: actor,
    body,
    createdAt: at,
    updatedAt: at,
    reactions: [],
  }
  issue.comments.push(comment)
  issue.updatedAt = at
  emitComment(world, comment, { actor, action: 'created' })
  return comment
}

export function editComment(
  world: World,
  comment: CommentRecord,
  { actor, body }: { readonly actor: Actor; readonly body: string },
): void {
  checkBody('IssueComment', body)
  const from = comment.body
  comment.body = body
  comment.updatedAt = world.now()
  emitComment(world, comment, { actor, action: 'edited', extra: { changes: { body: { from } } } })
}

export function deleteComment(world: World, comment: CommentRecord, actor: Actor): void {
  comment.issue.comments.splice(comment.issue.comments.indexOf(comment), 1)
  emitComment(world, comment, { actor, action: 'deleted' })
}

/** Adds a reaction; a second one of the same kind by the same account changes nothing. */
export function addReaction(
  world: World,
  reactions: ReactionRecord[],
  { actor, content }: { readonly actor: Actor; readonly content: string },
): { readonly reaction: ReactionRecord; readonly isNew: boolean } {
  if (!isReaction(content)) throw new ApiError(422, 'Invalid request.\n\ncontent is not a reaction.')
  const known = reactions.find((item) => item.account === actor.account && item.content === content)
  if (known) return { reaction: known, isNew: false }
  const reaction = { id: world.nextId(), account: actor.account, content, createdAt: world.now() }
  reactions.push(reaction)
  return { reaction, isNew: true }
}

/** Closes or opens again. Says nothing when the state is already so. */
export function setState(
  world: World,
  issue: IssueRecord,
  {
    actor,
    state,
    reason,
  }: { readonly actor: Actor; readonly state: 'open' | 'closed'; readonly reason?: string | null },
): void {
  if (issue.state === state) return
  const closing = state === 'closed'
  issue.state = state
  issue.stateReason = issue.pull ? null : (reason ?? (closing ? 'completed' : 'reopened'))
  issue.closedAt = closing ? world.now() : undefined
  issue.closedBy = closing ? actor.account : undefined
  issue.updatedAt = world.now()
  emitIssue(world, issue, { actor, action: closing ? 'closed' : 'reopened' })
}

/** @throws {ApiError} 422 when the text is longer than GitHub takes. */
export function checkBody(resource: string, body: string | null): void {
  if (body !== null && body.length > MAX_BODY) {
    throw new ApiError(422, 'Validation Failed', {
      errors: [
        {
          resource,
          code: 'custom',
          field: 'body',
          message: `body is too long (maximum is ${MAX_BODY} characters)`,
        },
      ],
    })
  }
}

function emitComment(
  world: World,
  comment: CommentRecord,
  { actor, action, extra = {} }: { readonly actor: Actor; readonly action: string; readonly extra?: object },
): void {
  const body = { issue: renderIssue(world, comment.issue), comment: renderComment(world, comment), ...extra }
  emit(world, {
    event: 'issue_comment',
    action,
    repository: comment.issue.repository,
    sender: actor.account,
    body,
  })
}
