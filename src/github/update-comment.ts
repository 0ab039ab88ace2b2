import { askGitHub } from './ask-github.ts'
import type { IssueComment } from './create-comment.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export async function updateComment(
  octokit: GitHubClient,
  { repository, commentId, body }: { repository: RepoRef; commentId: number; body: string },
): Promise<IssueComment> {
  const { data } = await askGitHub(
    `edit a comment in ${repository.owner}/${repository.name}`,
    octokit.rest.issues.updateComment({
      owner: repository.owner,
      repo: repository.name,
      comment_id: commentId,
      body,
    }),
  )
  return { id: data.id, url: data.html_url, body: data.body ?? '' }
}
