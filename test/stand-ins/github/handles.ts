import type { CommentHandle, PullHandle, RepositoryHandle, ThreadHandle } from './github-stand-in.ts'
import type { CommentRecord, IssueRecord, RepositoryRecord, ReviewCommentRecord } from './records.ts'
import { issuePage } from './render/render-issue.ts'
import type { PullIssue } from './render/render-pull.ts'
import { repositoryPage } from './render/render-repository.ts'
import { fullName, type World } from './world.ts'

/** Plain snapshots for tests, so that nobody changes the stand-in's own records by accident. */
export function repositoryHandle(world: World, repository: RepositoryRecord): RepositoryHandle {
  const page = repositoryPage(world, repository)
  return {
    id: repository.id,
    owner: repository.owner.login,
    name: repository.name,
    fullName: fullName(repository),
    defaultBranch: repository.defaultBranch,
    htmlUrl: page,
    cloneUrl: `${page}.git`,
    directory: repository.path,
  }
}

export function threadHandle(world: World, issue: IssueRecord): ThreadHandle {
  return {
    id: issue.id,
    number: issue.number,
    title: issue.title,
    body: issue.body,
    state: issue.state,
    htmlUrl: issuePage(world, issue),
    author: issue.author.account.login,
    labels: issue.labels.map(({ name }) => name),
  }
}

export function pullHandle(world: World, issue: PullIssue): PullHandle {
  const { head, base, draft, mergedAt } = issue.pull
  const own = head.repository === issue.repository
  return {
    ...threadHandle(world, issue),
    draft,
    merged: mergedAt !== undefined,
    head: own ? head.branch : `${head.repository.owner.login}:${head.branch}`,
    headSha: head.sha,
    base: base.branch,
  }
}

export function commentHandle(world: World, comment: CommentRecord | ReviewCommentRecord): CommentHandle {
  const anchor = 'path' in comment ? `discussion_r${comment.id}` : `issuecomment-${comment.id}`
  return {
    id: comment.id,
    author: comment.author.account.login,
    body: comment.body,
    htmlUrl: `${issuePage(world, comment.issue)}#${anchor}`,
    createdAt: comment.createdAt,
    updatedAt: comment.updatedAt,
  }
}
