import { askGitHub } from './ask-github.ts'
import type { IssueComment } from './create-comment.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface CommentQuery {
  readonly repository: RepoRef
  /** Number of the issue or pull request. */
  readonly number: number
  /** Text that only the wanted comments hold. */
  readonly marker: string
  /** Only comments by this login count: anybody can copy a marker. */
  readonly author: string
}

/** Our own comments with a marker, oldest first. */
export async function findComments(
  octokit: GitHubClient,
  { repository, number, marker, author }: CommentQuery,
): Promise<readonly IssueComment[]> {
  const comments = await askGitHub(
    `read the comments of ${repository.owner}/${repository.name}#${number}`,
    octokit.paginate(octokit.rest.issues.listComments, {
      owner: repository.owner,
      repo: repository.name,
      issue_number: number,
      per_page: 100,
    }),
  )
  return comments
    .filter(({ body, user }) => user?.login === author && body?.includes(marker))
    .map(({ id, html_url, body }) => ({ id, url: html_url, body: body ?? '' }))
}
