import { askGitHub } from './ask-github.ts'
import { findPullRequest } from './find-pull-request.ts'
import { type PullRequest, toPullRequest } from './get-pull-request.ts'
import type { GitHubClient } from './github-client.ts'
import { githubFailure } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

export interface CreatePullRequestRequest {
  readonly repository: RepoRef
  readonly title: string
  readonly body: string
  /** `owner:branch`; the owner is another one when the branch is in a fork. */
  readonly head: string
  readonly base: string
  readonly draft: boolean
}

/**
 * Opens a pull request, or finds the one that this head already has: after a lost answer nobody knows whether it
 * was opened, so it is looked up instead of opened twice. A plan without drafts gets an ordinary one.
 */
export async function createPullRequest(
  octokit: GitHubClient,
  request: CreatePullRequestRequest,
): Promise<PullRequest> {
  try {
    return await open(octokit, request)
  } catch (error) {
    const failure = githubFailure(error)
    if (!failure || (failure.status !== 422 && failure.status < 500)) throw error
    const existing = await findPullRequest(octokit, request)
    if (existing?.state === 'open') return existing
    if (request.draft && /draft/i.test(failure.message)) return open(octokit, { ...request, draft: false })
    throw error
  }
}

async function open(
  octokit: GitHubClient,
  { repository, title, body, head, base, draft }: CreatePullRequestRequest,
): Promise<PullRequest> {
  const { data } = await askGitHub(
    `open a pull request in ${repository.owner}/${repository.name}`,
    octokit.rest.pulls.create({
      owner: repository.owner,
      repo: repository.name,
      title,
      body,
      head,
      base,
      draft,
      maintainer_can_modify: true,
    }),
  )
  return toPullRequest(data)
}
