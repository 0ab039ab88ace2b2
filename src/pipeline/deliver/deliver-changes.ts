import { BackspaceError } from '../../errors.ts'
import { createPullRequest } from '../../github/create-pull-request.ts'
import type { PullRequest } from '../../github/get-pull-request.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RepositoryAccess } from '../../github/octokit.ts'
import type { Pause } from '../../github/pause.ts'
import type { RunStep } from '../run-steps.ts'
import { forkRepository } from './fork-repository.ts'
import { publishBranch } from './publish-branch.ts'
import type { Published, PublishRequest } from './publish-request.ts'
import { publishToHead } from './publish-to-head.ts'

export interface DeliverRequest extends PublishRequest {
  readonly access: RepositoryAccess
  readonly step: RunStep
  readonly signal: AbortSignal
  readonly onSecret: (secret: string) => void
  readonly pause: Pause
  /** Written when the commit is there; not asked for when the run stands in a pull request. */
  readonly pullRequestText: () => { readonly title: string; readonly body: string }
  readonly draft: boolean
}

export interface Delivered {
  readonly published: Published
  readonly pullRequest: PullRequest
}

/**
 * Publishes a change through GitHub's Git Data API: a commit, a branch, a pull request; or a commit on the branch of
 * the pull request that the run stands in. The write token exists only in here. Branch, base and head come from
 * the trigger, never from the agent, and nothing is forced.
 *
 * @throws {BackspaceError} `push_forbidden`, `head_moved`, `branch_protected`, `permission_missing`, `scope_missing`,
 * `fork_failed`, `conflict` …
 */
export async function deliverChanges(request: DeliverRequest): Promise<Delivered> {
  const { access, signal, onSecret, base, step } = request
  if (base.pullRequest && !access.repository.canPush) {
    throw new BackspaceError(
      'push_forbidden',
      `GITHUB_PAT may not push to ${access.repository.owner}/${access.repository.name}, so the pull request's branch cannot be changed. Install the App there, or give the token's owner write access.`,
    )
  }
  const minted = await access.mintToken('write', { signal })
  onSecret(minted.token)
  try {
    const published = await step('publish', 'Publishing the commit', () => publish(minted.octokit, request))
    const pullRequest = await step('pull_request', 'Opening the pull request', () =>
      offer(minted.octokit, request, published),
    )
    return { published, pullRequest }
  } finally {
    await minted.revoke()
  }
}

async function publish(octokit: GitHubClient, request: DeliverRequest) {
  const { access, base, files, pause, signal } = request
  const { repository } = access
  const place = repository.canPush
    ? repository
    : await forkRepository(octokit, { repository, branch: base.branch, sha: base.sha, signal, pause })
  const value = await (base.pullRequest
    ? publishToHead(octokit, { ...request, repository: place })
    : publishBranch(octokit, { ...request, repository: place }))
  const count = files.length === 1 ? '1 file' : `${files.length} files`
  const verified = access.credential === 'pat' ? ' (not Verified: made with a personal access token)' : ''
  const where = place.owner === repository.owner ? value.branch : `${value.head} (a fork)`
  return { value, message: `Committed ${count} as ${value.commitSha.slice(0, 7)} to ${where}${verified}` }
}

async function offer(octokit: GitHubClient, request: DeliverRequest, { head }: Published) {
  const { access, base, draft, pullRequestText, saveProgress } = request
  if (base.pullRequest) {
    const value = base.pullRequest
    return { value, message: `Pull request #${value.number} has the new commit: ${value.url}` }
  }
  const value = await createPullRequest(octokit, {
    repository: access.repository,
    ...pullRequestText(),
    head,
    base: base.branch,
    draft,
  })
  await saveProgress({ pullRequestNumber: value.number })
  return {
    value,
    message: `Opened ${value.draft ? 'draft ' : ''}pull request #${value.number}: ${value.url}`,
  }
}
