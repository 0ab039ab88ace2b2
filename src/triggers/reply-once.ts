import { createComment } from '../github/create-comment.ts'
import { findComment } from '../github/find-comment.ts'
import type { GitHubClient } from '../github/github-client.ts'
import type { RepoRef } from '../github/repo-ref.ts'

/**
 * Comments unless a comment with the same key stands there already, so that a repeated delivery, or a person who
 * asks again and again, gets one answer.
 */
export async function replyOnce(
  octokit: GitHubClient,
  reply: {
    readonly repository: RepoRef
    readonly number: number
    readonly botLogin: string
    /** `[a-z0-9:-]` only: it is written into an HTML comment. */
    readonly key: string
    readonly body: string
  },
): Promise<void> {
  const { repository, number, botLogin } = reply
  const marker = `<!-- backspace-reply:${reply.key} -->`
  const existing = await findComment(octokit, { repository, number, marker, author: botLogin })
  if (!existing) await createComment(octokit, { repository, number, body: `${reply.body}\n\n${marker}` })
}
