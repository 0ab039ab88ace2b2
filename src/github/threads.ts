import { githubTime } from './app-hooks.ts'
import { getIssue } from './comments.ts'
import type { GitHubClient } from './github-client.ts'
import { askGitHub } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/** What somebody wrote in a thread, or on a line of a pull request. */
export interface ThreadComment {
  readonly id: number
  readonly kind: 'issue_comment' | 'review_comment'
  /** Undefined when the account is gone. */
  readonly author: string | undefined
  readonly body: string
  readonly createdAt: Date
  readonly updatedAt: Date
  /** `src/a.ts:12`, of a comment on a line. */
  readonly place?: string
}

interface ThreadQuery {
  readonly repository: RepoRef
  /** Number of the issue or pull request. */
  readonly number: number
}

const PER_PAGE = 100

/** The newest comments of an issue or pull request: the last one or two hundred, oldest first. */
export async function listThreadComments(
  octokit: GitHubClient,
  { repository, number }: ThreadQuery,
): Promise<{ readonly comments: readonly ThreadComment[]; readonly total: number }> {
  const { owner, name } = repository
  // GitHub lists the oldest first, whatever it is asked for: their number tells which pages are the last.
  const { comments: total } = await getIssue(octokit, { repository, number })
  const last = Math.ceil(total / PER_PAGE)
  const pages = await askGitHub(
    `read the comments of ${owner}/${name}#${number}`,
    Promise.all(
      [last - 1, last]
        .filter((page) => page > 0)
        .map((page) =>
          octokit.rest.issues.listComments({
            ...{ owner, repo: name, issue_number: number, per_page: PER_PAGE, page },
          }),
        ),
    ),
  )
  const comments = pages
    .flatMap(({ data }) => data)
    .map((comment) => toComment(comment, { kind: 'issue_comment', body: comment.body }))
  return { comments, total }
}

/** The newest hundred comments on lines of a pull request. */
export async function listReviewComments(
  octokit: GitHubClient,
  { repository, number }: ThreadQuery,
): Promise<readonly ThreadComment[]> {
  const { owner, name } = repository
  const { data } = await askGitHub(
    `read the review comments of ${owner}/${name}#${number}`,
    octokit.rest.pulls.listReviewComments({
      ...{ owner, repo: name, pull_number: number, per_page: PER_PAGE },
      ...{ sort: 'created', direction: 'desc' },
    }),
  )
  return data.map((comment) => {
    const line = comment.line ?? comment.original_line
    const place = line === undefined ? comment.path : `${comment.path}:${line}`
    return { ...toComment(comment, { kind: 'review_comment', body: comment.body }), place }
  })
}

function toComment(
  comment: {
    readonly id: number
    readonly user: { readonly login: string } | null
    readonly created_at: string
    readonly updated_at: string
  },
  { kind, body }: { readonly kind: ThreadComment['kind']; readonly body: string | undefined },
): ThreadComment {
  return {
    id: comment.id,
    kind,
    author: comment.user?.login,
    body: body ?? '',
    createdAt: new Date(comment.created_at),
    updatedAt: new Date(comment.updated_at),
  }
}

/** A comment as GitHub's API gives it: the same as in a webhook. */
type IssueComment = Awaited<ReturnType<GitHubClient['rest']['issues']['listCommentsForRepo']>>['data'][number]
type ReviewComment = Awaited<
  ReturnType<GitHubClient['rest']['pulls']['listReviewCommentsForRepo']>
>['data'][number]

export interface RecentComments {
  readonly issueComments: readonly IssueComment[]
  readonly reviewComments: readonly ReviewComment[]
  /** GitHub's time before it looked. */
  readonly at: Date
}

/** Comments of a whole repository that were written or edited since a time, on threads and on lines of code. */
export async function listCommentsSince(
  octokit: GitHubClient,
  { repository, since }: { readonly repository: RepoRef; readonly since: Date },
): Promise<RecentComments> {
  const place = {
    owner: repository.owner,
    repo: repository.name,
    since: since.toISOString(),
    sort: 'updated',
    direction: 'asc',
    per_page: 100,
  } as const
  let at: Date | undefined
  const [issueComments, reviewComments] = await askGitHub(
    `read the recent comments of ${repository.owner}/${repository.name}`,
    Promise.all([
      octokit.paginate(octokit.rest.issues.listCommentsForRepo, place, (page) => {
        at ??= githubTime(page)
        return page.data
      }),
      octokit.paginate(octokit.rest.pulls.listReviewCommentsForRepo, place),
    ]),
  )
  return { issueComments, reviewComments, at: at ?? since }
}
