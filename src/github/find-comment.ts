import type { IssueComment } from './create-comment.ts'
import { type CommentQuery, findComments } from './find-comments.ts'
import type { GitHubClient } from './github-client.ts'

/** Finds our own comment again; undefined when there is none. */
export async function findComment(
  octokit: GitHubClient,
  query: CommentQuery,
): Promise<IssueComment | undefined> {
  return (await findComments(octokit, query))[0]
}
