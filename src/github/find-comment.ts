import { askGitHub } from './ask-github.ts'
import type { IssueComment } from './create-comment.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface CommentQuery {
  readonly repository: RepoRef
  /** Number of the issue or pull request. */
  readonly number: number
  /** Text that only the wanted comment holds. */
  readonly marker: string
  /** Only comments by this login count: anybody can copy a marker. */
  readonly author: string
}

/** Finds our own comment again; undefined when there is none. */
export async function findComment(
  octokit: GitHubClient,
  { repository, number, marker, author }: CommentQuery,
): Promise<IssueComment | undefined> {
  const comments = await askGitHub(
    `read the comments of ${repository.owner}/${repository.name}#${number}`,
    octokit.paginate(octokit.rest.issues.listComments, {
      owner: repository.owner,
      repo: repository.name,
      issue_number: number,
      per_page: 100,
    }),
  )
  const found = comments.find(({ body, user }) => user?.login === author && body?.includes(marker))
  return found && { id: found.id, url: found.html_url, body: found.body ?? '' }
}
