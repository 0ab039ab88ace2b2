import { askGitHub } from './ask-github.ts'
import type { IssueComment } from './create-comment.ts'
import type { GitHubClient } from './github-client.ts'
import { OPTIONAL_REQUEST } from './optional-request.ts'
import type { RepoRef } from './repo-ref.ts'

export interface UpdateCommentRequest {
  readonly repository: RepoRef
  readonly commentId: number
  readonly body: string
  /** The edit may as well stay away when GitHub's limits are near; it fails at once then. */
  readonly optional?: boolean
}

/** @throws {BackspaceError} `not_found` when somebody deleted it. */
export async function updateComment(
  octokit: GitHubClient,
  { repository, commentId, body, optional = false }: UpdateCommentRequest,
): Promise<IssueComment> {
  const { data } = await askGitHub(
    `edit a comment in ${repository.owner}/${repository.name}`,
    octokit.rest.issues.updateComment({
      owner: repository.owner,
      repo: repository.name,
      comment_id: commentId,
      body,
      ...(optional ? OPTIONAL_REQUEST : {}),
    }),
  )
  return { id: data.id, url: data.html_url, body: data.body ?? '' }
}
