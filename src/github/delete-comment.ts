import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { githubStatus } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

/** Deletes a comment; nothing happens when it is gone already. */
export async function deleteComment(
  octokit: GitHubClient,
  { repository, commentId }: { repository: RepoRef; commentId: number },
): Promise<void> {
  const request = octokit.rest.issues.deleteComment({
    owner: repository.owner,
    repo: repository.name,
    comment_id: commentId,
  })
  await askGitHub(`delete a comment in ${repository.owner}/${repository.name}`, request).catch(
    (error: unknown) => {
      if (githubStatus(error) !== 404) throw error
    },
  )
}
