import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubTime } from './github-time.ts'
import type { RepoRef } from './repo-ref.ts'

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
