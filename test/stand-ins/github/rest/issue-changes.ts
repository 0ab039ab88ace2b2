import { notFound, validationFailed } from '../api-error.ts'
import type { Actor, CommentRecord, IssueRecord, LabelRecord, RepositoryRecord } from '../records.ts'
import { emit } from '../webhooks.ts'
import type { World } from '../world.ts'
import { isPull, renderComment, renderIssue, renderLabel, renderPull } from './render-issue.ts'

/** GitHub's limit on the text of issues, pull requests and comments. */
const MAX_BODY = 65_536

interface NewIssue {
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

/** Changes title, text or both: one `edited` event. Does nothing when neither is given. */
export function editText(world: World, issue: IssueRecord, { actor, title, body }: NewText): void {
  if (title === undefined && body === undefined) return
  const changes: { title?: { from: string }; body?: { from: string } } = {}
  if (title !== undefined) changes.title = { from: issue.title }
  if (body !== undefined) changes.body = { from: issue.body ?? '' }
  issue.title = title ?? issue.title
  if (body !== undefined) issue.body = body
  issue.updatedAt = world.now()
  emitIssue(world, issue, { actor, action: 'edited', extra: { changes } })
}

interface NewText {
  readonly actor: Actor
  readonly title?: string | undefined
  readonly body?: string | null | undefined
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
  if (body === null || body.length <= MAX_BODY) return
  const message = `body is too long (maximum is ${MAX_BODY} characters)`
  throw validationFailed(resource, { code: 'custom', field: 'body', message })
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

const DEFAULT_COLOR = 'ededed'

/** The repository's label of this name, made when missing, as GitHub does on first use. */
export function labelNamed(
  world: World,
  repository: RepositoryRecord,
  name: string,
  options: { readonly color?: string | undefined; readonly description?: string | null | undefined } = {},
): LabelRecord {
  const known = repository.labels.get(name.toLowerCase())
  if (known) return known
  const label = {
    id: world.nextId(),
    name,
    color: options.color ?? DEFAULT_COLOR,
    description: options.description ?? null,
  }
  repository.labels.set(name.toLowerCase(), label)
  return label
}

/** Puts labels on an issue or pull request; each new one is a `labeled` event. */
export function attachLabels(
  world: World,
  issue: IssueRecord,
  { actor, names }: { readonly actor: Actor; readonly names: readonly string[] },
): void {
  for (const name of names) {
    const label = labelNamed(world, issue.repository, name)
    if (issue.labels.includes(label)) continue
    issue.labels.push(label)
    issue.updatedAt = world.now()
    emitLabel(world, issue, { actor, action: 'labeled', label })
  }
}

/** Takes a label off: an `unlabeled` event. @throws {ApiError} 404 when it is not on the issue. */
export function detachLabel(
  world: World,
  issue: IssueRecord,
  { actor, name }: { readonly actor: Actor; readonly name: string },
): void {
  const label = issue.labels.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase())
  if (!label) throw notFound()
  issue.labels = issue.labels.filter((candidate) => candidate !== label)
  issue.updatedAt = world.now()
  emitLabel(world, issue, { actor, action: 'unlabeled', label })
}

function emitLabel(
  world: World,
  issue: IssueRecord,
  { actor, action, label }: { readonly actor: Actor; readonly action: string; readonly label: LabelRecord },
): void {
  emitIssue(world, issue, { actor, action, extra: { label: renderLabel(world, issue.repository, label) } })
}

/** Sends `issues.<action>` or `pull_request.<action>`, whichever the record is. */
export function emitIssue(
  world: World,
  issue: IssueRecord,
  { actor, action, extra = {} }: { readonly actor: Actor; readonly action: string; readonly extra?: object },
): void {
  const { repository } = issue
  const common = { action, repository, sender: actor.account }
  if (isPull(issue)) {
    const body = renderPull(world, issue).then((pull) => ({
      number: issue.number,
      pull_request: pull,
      ...extra,
    }))
    emit(world, { ...common, event: 'pull_request', body })
  } else {
    emit(world, { ...common, event: 'issues', body: { issue: renderIssue(world, issue), ...extra } })
  }
}
