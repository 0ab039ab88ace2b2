import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface IssueComment {
  readonly id: number
  readonly url: string
  readonly body: string
}

/** Comments on an issue or a pull request; `number` is its number. */
export async function createComment(
  octokit: GitHubClient,
  { repository, number, body }: { repository: RepoRef; number: number; body: string },
): Promise<IssueComment> {
  const { data } = await askGitHub(
    `comment on ${repository.owner}/${repository.name}#${number}`,
    octokit.rest.issues.createComment({
      owner: repository.owner,
      repo: repository.name,
      issue_number: number,
      body,
    }),
  )
  return { id: data.id, url: data.html_url, body: data.body ?? '' }
}
