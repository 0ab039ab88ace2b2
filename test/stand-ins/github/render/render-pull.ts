import { isoSeconds } from '../git/commits.ts'
import { commitsBetween, diffFiles, mergeBase, type Range } from '../git/read-objects.ts'
import { isMergeable } from '../git/references.ts'
import type {
  IssueRecord,
  PullRecord,
  RepositoryRecord,
  ReviewCommentRecord,
  ReviewRecord,
} from '../records.ts'
import { fullName, type World } from '../world.ts'
import { nodeId, renderAccount } from './render-account.ts'
import { association, issuePage, issueUrl, renderIssue, renderReactions } from './render-issue.ts'
import { renderRepository, repositoryUrl } from './render-repository.ts'

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
    merge_commit_sha: null,
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

/** GitHub's `pull-request-review`. */
export function renderReview(world: World, issue: PullIssue, review: ReviewRecord) {
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
export function renderReviewComment(world: World, comment: ReviewCommentRecord) {
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
