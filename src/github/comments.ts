import type { SafeMarkdown } from '../text/markdown/safe-markdown.ts'
import { askGitHub, findOnGitHub, githubTime, OPTIONAL_REQUEST } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { getIssue, type ThreadRef } from './issues.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** A comment in a thread, or on a line of a pull request. */
export interface GitHubComment {
  readonly id: number
  readonly kind: 'issue_comment' | 'review_comment'
  readonly url: string
  /** Undefined if the account was deleted. */
  readonly author: string | undefined
  readonly body: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** The review that a comment on a line belongs to. */
  readonly reviewId?: number | undefined
  /** `src/a.ts:12`, if the comment is on a line. */
  readonly place?: string
}

/** A comment as GitHub's API gives it, and as webhooks contain it. */
type RawIssueComment = Awaited<
  ReturnType<GitHubClient['rest']['issues']['listCommentsForRepo']>
>['data'][number]
type RawReviewComment = Awaited<
  ReturnType<GitHubClient['rest']['pulls']['listReviewCommentsForRepo']>
>['data'][number]

/** GitHub's largest page. */
const PER_PAGE = 100

export async function createComment(
  octokit: GitHubClient,
  { repository, number, body }: ThreadRef & { readonly body: SafeMarkdown },
): Promise<GitHubComment> {
  const { data } = await askGitHub(
    `comment on ${fullName(repository)}#${number}`,
    octokit.rest.issues.createComment({ ...inRepository(repository), issue_number: number, body }),
  )
  return toIssueComment(data)
}

interface UpdateCommentRequest {
  readonly repository: RepoRef
  readonly commentId: number
  readonly body: SafeMarkdown
  /** Fails at once instead of waiting when GitHub's limits are near, since the edit can be skipped. */
  readonly optional?: boolean
}

/** @throws {BackspaceError} `not_found` if the comment was deleted. */
export async function updateComment(
  octokit: GitHubClient,
  { repository, commentId, body, optional = false }: UpdateCommentRequest,
): Promise<GitHubComment> {
  const edit = { ...inRepository(repository), comment_id: commentId, body }
  const { data } = await askGitHub(
    `edit a comment in ${fullName(repository)}`,
    octokit.rest.issues.updateComment(optional ? { ...edit, ...OPTIONAL_REQUEST } : edit),
  )
  return toIssueComment(data)
}

/** @returns undefined if the comment was deleted. */
export async function getComment(
  octokit: GitHubClient,
  { repository, commentId }: { readonly repository: RepoRef; readonly commentId: number },
): Promise<GitHubComment | undefined> {
  const response = await findOnGitHub(
    `read a comment in ${fullName(repository)}`,
    octokit.rest.issues.getComment({ ...inRepository(repository), comment_id: commentId }),
  )
  return response && toIssueComment(response.data)
}

/** Whether a comment still exists. The summary of a review always does, since it cannot be deleted. */
export async function commentExists(
  octokit: GitHubClient,
  comment: {
    readonly repository: RepoRef
    readonly id: number
    readonly kind: GitHubComment['kind'] | 'review'
  },
): Promise<boolean> {
  const { repository, id, kind } = comment
  if (kind === 'review') return true
  if (kind === 'issue_comment')
    return (await getComment(octokit, { repository, commentId: id })) !== undefined
  const found = await findOnGitHub(
    `read a comment in ${fullName(repository)}`,
    octokit.rest.pulls.getReviewComment({ ...inRepository(repository), comment_id: id }),
  )
  return found !== undefined
}

/** Deletes a comment; does nothing if it no longer exists. */
export async function deleteComment(
  octokit: GitHubClient,
  { repository, commentId }: { readonly repository: RepoRef; readonly commentId: number },
): Promise<void> {
  await findOnGitHub(
    `delete a comment in ${fullName(repository)}`,
    octokit.rest.issues.deleteComment({ ...inRepository(repository), comment_id: commentId }),
  )
}

export interface CommentQuery extends ThreadRef {
  /** Text that only the wanted comments contain. */
  readonly marker: string
  /** Login of the author. It must match as well, since anyone can copy a marker. */
  readonly author: string
}

/** All comments of a thread with this marker and author, oldest first. */
export async function findComments(
  octokit: GitHubClient,
  { repository, number, marker, author }: CommentQuery,
): Promise<readonly GitHubComment[]> {
  const comments = await askGitHub(
    `read the comments of ${fullName(repository)}#${number}`,
    octokit.paginate(octokit.rest.issues.listComments, {
      ...inRepository(repository),
      issue_number: number,
      per_page: PER_PAGE,
    }),
  )
  return comments
    .map(toIssueComment)
    .filter((comment) => comment.author === author && comment.body.includes(marker))
}

/** The oldest comment of a thread with this marker and author; undefined if there is none. */
export async function findComment(
  octokit: GitHubClient,
  query: CommentQuery,
): Promise<GitHubComment | undefined> {
  return (await findComments(octokit, query))[0]
}

/** The newest 100 to 200 comments of an issue or a pull request, oldest first, and the total number of its comments. */
export async function listThreadComments(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<{ readonly comments: readonly GitHubComment[]; readonly total: number }> {
  // GitHub always lists the oldest first, so the total number tells which pages are the last.
  const { comments: total } = await getIssue(octokit, { repository, number })
  const last = Math.ceil(total / PER_PAGE)
  const pages = await askGitHub(
    `read the comments of ${fullName(repository)}#${number}`,
    Promise.all(
      [last - 1, last]
        .filter((page) => page > 0)
        .map((page) =>
          octokit.rest.issues.listComments({
            ...inRepository(repository),
            issue_number: number,
            per_page: PER_PAGE,
            page,
          }),
        ),
    ),
  )
  return { comments: pages.flatMap(({ data }) => data.map(toIssueComment)), total }
}

/** The newest hundred comments on lines of a pull request, newest first. */
export async function listReviewComments(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<readonly GitHubComment[]> {
  const { data } = await askGitHub(
    `read the review comments of ${fullName(repository)}#${number}`,
    octokit.rest.pulls.listReviewComments({
      ...inRepository(repository),
      pull_number: number,
      per_page: PER_PAGE,
      sort: 'created',
      direction: 'desc',
    }),
  )
  return data.map((comment) => {
    const line = comment.line ?? comment.original_line
    const place = line === undefined ? comment.path : `${comment.path}:${line}`
    const reviewId = comment.pull_request_review_id ?? undefined
    return { ...toComment(comment, 'review_comment'), reviewId, place }
  })
}

export interface RecentComments {
  readonly issueComments: readonly RawIssueComment[]
  readonly reviewComments: readonly RawReviewComment[]
  /** When GitHub began to answer, by GitHub's clock. */
  readonly at: Date
}

/** All comments in a repository that were written or edited since a time, in threads and on lines of code. */
export async function listCommentsSince(
  octokit: GitHubClient,
  { repository, since }: { readonly repository: RepoRef; readonly since: Date },
): Promise<RecentComments> {
  const query = {
    ...inRepository(repository),
    since: since.toISOString(),
    sort: 'updated',
    direction: 'asc',
    per_page: PER_PAGE,
  } as const
  let at: Date | undefined
  const [issueComments, reviewComments] = await askGitHub(
    `read the recent comments of ${fullName(repository)}`,
    Promise.all([
      octokit.paginate(octokit.rest.issues.listCommentsForRepo, query, (page) => {
        at ??= githubTime(page)
        return page.data
      }),
      octokit.paginate(octokit.rest.pulls.listReviewCommentsForRepo, query),
    ]),
  )
  return { issueComments, reviewComments, at: at ?? since }
}

function toIssueComment(comment: RawComment): GitHubComment {
  return toComment(comment, 'issue_comment')
}

/** What both kinds of comment have in common. */
interface RawComment {
  readonly id: number
  readonly html_url: string
  readonly user: { readonly login: string } | null
  readonly body?: string | undefined
  readonly created_at: string
  readonly updated_at: string
}

function toComment(comment: RawComment, kind: GitHubComment['kind']): GitHubComment {
  return {
    id: comment.id,
    kind,
    url: comment.html_url,
    author: comment.user?.login,
    body: comment.body ?? '',
    createdAt: new Date(comment.created_at),
    updatedAt: new Date(comment.updated_at),
  }
}
