import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/** 👀 `eyes`, 🚀 `rocket`, 😕 `confused`, 👍 `+1`. */
export type Reaction = 'eyes' | 'rocket' | 'confused' | '+1'

/** What is reacted to: a comment by its id, or an issue or pull request by its number. */
export type ReactionTarget =
  | { readonly kind: 'issue_comment' | 'review_comment'; readonly id: number }
  | { readonly kind: 'issue'; readonly number: number }

/** Reacts; the same reaction twice is one reaction. */
export async function addReaction(
  octokit: GitHubClient,
  { repository, target, reaction }: { repository: RepoRef; target: ReactionTarget; reaction: Reaction },
): Promise<void> {
  await askGitHub(
    `react in ${repository.owner}/${repository.name}`,
    react(octokit, { repository, target, reaction }),
  )
}

async function react(
  octokit: GitHubClient,
  { repository, target, reaction }: { repository: RepoRef; target: ReactionTarget; reaction: Reaction },
): Promise<void> {
  const place = { owner: repository.owner, repo: repository.name, content: reaction }
  switch (target.kind) {
    case 'issue_comment':
      await octokit.rest.reactions.createForIssueComment({ ...place, comment_id: target.id })
      return
    case 'review_comment':
      await octokit.rest.reactions.createForPullRequestReviewComment({ ...place, comment_id: target.id })
      return
    case 'issue':
      await octokit.rest.reactions.createForIssue({ ...place, issue_number: target.number })
  }
}
