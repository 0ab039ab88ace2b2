import { isoSeconds } from '../git/commits.ts'
import { roleOf } from '../identity/access.ts'
import type {
  Account,
  CommentRecord,
  IssueRecord,
  LabelRecord,
  ReactionRecord,
  RepositoryRecord,
} from '../records.ts'
import type { World } from '../world.ts'
import { nodeId, renderAccount, renderApp } from './render-account.ts'
import { repositoryPage, repositoryUrl } from './render-repository.ts'

const CONTENTS = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const

/** GitHub's `issue`; a pull request is rendered as one too, with `pull_request` set. */
export function renderIssue(world: World, issue: IssueRecord) {
  const url = issueUrl(world, issue)
  const page = issuePage(world, issue)
  return {
    url,
    repository_url: repositoryUrl(world, issue.repository),
    labels_url: `${url}/labels{/name}`,
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    timeline_url: `${url}/timeline`,
    html_url: page,
    id: issue.id,
    node_id: nodeId(issue.pull ? 'PR' : 'I', issue.id),
    number: issue.number,
    title: issue.title,
    user: renderAccount(world, issue.author.account),
    labels: issue.labels.map((label) => renderLabel(world, issue.repository, label)),
    state: issue.state,
    state_reason: issue.stateReason,
    locked: issue.locked,
    assignee: issue.assignees[0] ? renderAccount(world, issue.assignees[0]) : null,
    assignees: issue.assignees.map((account) => renderAccount(world, account)),
    milestone: null,
    comments: issue.comments.length,
    created_at: isoSeconds(issue.createdAt),
    updated_at: isoSeconds(issue.updatedAt),
    closed_at: issue.closedAt === undefined ? null : isoSeconds(issue.closedAt),
    author_association: association(issue.repository, issue.author.account),
    active_lock_reason: null,
    body: issue.body,
    reactions: renderReactions(url, issue.reactions),
    performed_via_github_app: issue.author.viaApp ? renderApp(world) : null,
    ...(issue.pull ? pullLinks(world, issue, issue.pull) : {}),
  }
}

/** GitHub's `issue-comment`. */
export function renderComment(world: World, comment: CommentRecord) {
  const { issue } = comment
  const url = `${repositoryUrl(world, issue.repository)}/issues/comments/${comment.id}`
  return {
    url,
    html_url: `${issuePage(world, issue)}#issuecomment-${comment.id}`,
    issue_url: issueUrl(world, issue),
    id: comment.id,
    node_id: nodeId('IC', comment.id),
    user: renderAccount(world, comment.author.account),
    created_at: isoSeconds(comment.createdAt),
    updated_at: isoSeconds(comment.updatedAt),
    body: comment.body,
    author_association: association(issue.repository, comment.author.account),
    reactions: renderReactions(url, comment.reactions),
    performed_via_github_app: comment.author.viaApp ? renderApp(world) : null,
  }
}

/** GitHub's `label`. */
export function renderLabel(world: World, repository: RepositoryRecord, label: LabelRecord) {
  return {
    id: label.id,
    node_id: nodeId('LA', label.id),
    url: `${repositoryUrl(world, repository)}/labels/${encodeURIComponent(label.name)}`,
    name: label.name,
    color: label.color,
    default: false,
    description: label.description,
  }
}

/** GitHub's `reaction`. */
export function renderReaction(world: World, reaction: ReactionRecord) {
  return {
    id: reaction.id,
    node_id: nodeId('REA', reaction.id),
    user: renderAccount(world, reaction.account),
    content: reaction.content,
    created_at: isoSeconds(reaction.createdAt),
  }
}

/** GitHub's `reaction-rollup`: how many of each. */
export function renderReactions(url: string, reactions: readonly ReactionRecord[]) {
  const count = (content: string) => reactions.filter((reaction) => reaction.content === content).length
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    ...Object.fromEntries(CONTENTS.map((content) => [content, count(content)])),
  }
}

/** GitHub's `author_association`. */
export function association(repository: RepositoryRecord, account: Account): string {
  if (repository.owner === account) return 'OWNER'
  return roleOf(repository, account) === undefined ? 'NONE' : 'COLLABORATOR'
}

/** Is this one of the eight reactions that GitHub has? */
export function isReaction(content: string): boolean {
  return CONTENTS.some((known) => known === content)
}

export function issueUrl(world: World, issue: IssueRecord): string {
  return `${repositoryUrl(world, issue.repository)}/issues/${issue.number}`
}

/** The issue's or pull request's page for people. */
export function issuePage(world: World, issue: IssueRecord): string {
  return `${repositoryPage(world, issue.repository)}/${issue.pull ? 'pull' : 'issues'}/${issue.number}`
}

function pullLinks(world: World, issue: IssueRecord, pull: NonNullable<IssueRecord['pull']>) {
  const page = issuePage(world, issue)
  return {
    draft: pull.draft,
    pull_request: {
      url: `${repositoryUrl(world, issue.repository)}/pulls/${issue.number}`,
      html_url: page,
      diff_url: `${page}.diff`,
      patch_url: `${page}.patch`,
      merged_at: pull.mergedAt === undefined ? null : isoSeconds(pull.mergedAt),
    },
  }
}
