import { roleOf } from '../caller.ts'
import { commitsBetween, diffFiles, mergeBase, type Range } from '../git/read-objects.ts'
import { isMergeable } from '../git/references.ts'
import type {
  Account,
  CommentRecord,
  IssueRecord,
  LabelRecord,
  PullRecord,
  ReactionRecord,
  RepositoryRecord,
} from '../records.ts'
import { fullName, isoSeconds, type World } from '../world.ts'
import { renderApp } from './app.ts'
import {
  nodeId,
  renderAccount,
  renderRepository,
  repositoryPage,
  repositoryUrl,
} from './render-repository.ts'

export const CONTENTS = ['+1', '-1', 'laugh', 'hooray', 'confused', 'heart', 'rocket', 'eyes'] as const

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

function issueUrl(world: World, issue: IssueRecord): string {
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

/** An issue that is a pull request. */
export interface PullIssue extends IssueRecord {
  pull: PullRecord
}

export function isPull(issue: IssueRecord): issue is PullIssue {
  return issue.pull !== undefined
}

/** GitHub's `pull-request-simple`, as lists and review events carry it. */
export function renderSimplePull(world: World, issue: PullIssue) {
  const { pull } = issue
  const {
    pull_request: _,
    state_reason: __,
    performed_via_github_app: ___,
    comments: ____,
    ...shared
  } = renderIssue(world, issue)
  const { repository_url, labels_url, events_url, timeline_url, reactions, ...common } = shared
  const url = pullUrl(world, issue)
  const page = issuePage(world, issue)
  const statuses = `${repositoryUrl(world, issue.repository)}/statuses/${pull.head.sha}`
  return {
    ...common,
    url,
    diff_url: `${page}.diff`,
    patch_url: `${page}.patch`,
    issue_url: issueUrl(world, issue),
    commits_url: `${url}/commits`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repositoryUrl(world, issue.repository)}/pulls/comments{/number}`,
    comments_url: `${issueUrl(world, issue)}/comments`,
    statuses_url: statuses,
    requested_reviewers: [],
    requested_teams: [],
    draft: pull.draft,
    merged_at: pull.mergedAt === undefined ? null : isoSeconds(pull.mergedAt),
    merge_commit_sha: pull.mergeSha ?? null,
    head: renderSide(world, pull.head.repository, pull.head),
    base: renderSide(world, issue.repository, pull.base),
    auto_merge: null,
    _links: {
      self: { href: url },
      html: { href: page },
      issue: { href: issueUrl(world, issue) },
      comments: { href: `${issueUrl(world, issue)}/comments` },
      review_comments: { href: `${url}/comments` },
      review_comment: { href: `${repositoryUrl(world, issue.repository)}/pulls/comments{/number}` },
      commits: { href: `${url}/commits` },
      statuses: { href: statuses },
    },
  }
}

/** GitHub's `pull-request`, counts included. */
export async function renderPull(world: World, issue: PullIssue) {
  const { pull, repository } = issue
  const range = await pullRange(issue)
  const [files, commits, mergeable] = await Promise.all([
    diffFiles(repository, range),
    commitsBetween(repository, range),
    issue.state === 'open' ? isMergeable(repository, { from: pull.base.branch, to: pull.head.sha }) : null,
  ])
  return {
    ...renderSimplePull(world, issue),
    merged: pull.mergedAt !== undefined,
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeable === null ? 'unknown' : mergeable ? 'clean' : 'dirty',
    merged_by: pull.mergedBy ? renderAccount(world, pull.mergedBy) : null,
    comments: issue.comments.length,
    review_comments: pull.reviewComments.length,
    maintainer_can_modify: pull.maintainerCanModify,
    commits: commits.length,
    additions: files.reduce((sum, file) => sum + file.additions, 0),
    deletions: files.reduce((sum, file) => sum + file.deletions, 0),
    changed_files: files.length,
  }
}

/** What a pull request changes: from where head and base parted, to its head. */
export async function pullRange(issue: PullIssue): Promise<Range> {
  const { base, head } = issue.pull
  const from = await mergeBase(issue.repository, { from: base.sha, to: head.sha })
  return { from: from ?? base.sha, to: head.sha }
}

export function pullUrl(world: World, issue: IssueRecord): string {
  return `${repositoryUrl(world, issue.repository)}/pulls/${issue.number}`
}

function renderSide(world: World, repository: RepositoryRecord, side: { branch: string; sha: string }) {
  return {
    label: `${repository.owner.login}:${side.branch}`,
    ref: side.branch,
    sha: side.sha,
    user: renderAccount(world, repository.owner),
    repo: { ...renderRepository(world, repository), full_name: fullName(repository) },
  }
}
