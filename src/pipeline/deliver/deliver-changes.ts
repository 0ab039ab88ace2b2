import { BackspaceError, knownError } from '../../errors.ts'
import { createPullRequest } from '../../github/create-pull-request.ts'
import { findPullRequest } from '../../github/find-pull-request.ts'
import { getBranch } from '../../github/get-branch.ts'
import type { PullRequest } from '../../github/get-pull-request.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RepositoryAccess } from '../../github/octokit.ts'
import type { Pause } from '../../github/pause.ts'
import type { RunStep } from '../run-steps.ts'
import { forkRepository } from './fork-repository.ts'
import { markChange } from './mark-change.ts'
import { publishBranch } from './publish-branch.ts'
import type { PublishPlan } from './publish-plan.ts'
import type { Published, PublishRequest } from './publish-request.ts'
import { publishToHead } from './publish-to-head.ts'

export interface DeliverRequest extends PublishRequest {
  readonly access: RepositoryAccess
  readonly runUrl: string
  readonly step: RunStep
  readonly signal: AbortSignal
  readonly onSecret: (secret: string) => void
  readonly pause: Pause
  /** The plan by which an earlier attempt made this commit. */
  readonly planOf: (commitSha: string) => Promise<PublishPlan | undefined>
}

export interface Delivered {
  readonly published: Published
  readonly pullRequest: PullRequest
  /** What describes the commit: an earlier attempt's when its branch was there already. */
  readonly plan: PublishPlan
}

/**
 * Publishes a change through GitHub's Git Data API: a commit, a branch, a pull request; or a commit on the branch of
 * the pull request that the run stands in. The write token exists only in here. Branch, base and head come from
 * the trigger, never from the agent, and nothing is forced. Each of these is done once per run, whatever dies or is
 * lost in between.
 *
 * @throws {BackspaceError} `push_forbidden`, `head_moved`, `branch_protected`, `permission_missing`, `scope_missing`,
 * `fork_failed`, `conflict` …
 * @throws {WriteRefused} before the next effect, when this attempt no longer holds the run.
 */
export async function deliverChanges(request: DeliverRequest): Promise<Delivered> {
  const { access, signal, onSecret, base, step } = request
  if (base.pullRequest && !access.repository.canPush) {
    throw new BackspaceError(
      'push_forbidden',
      `GITHUB_PAT may not push to ${access.repository.owner}/${access.repository.name}, so the pull request's branch cannot be changed. Install the App there, or give the token's owner write access.`,
    )
  }
  const minted = await access.mintToken('write', { signal, onToken: onSecret })
  try {
    const published = await step('publish', 'Publishing the commit', () => publish(minted.octokit, request))
    const plan = (await request.planOf(published.commitSha)) ?? request.plan
    const pullRequest = await step('pull_request', 'Opening the pull request', () =>
      offer(minted.octokit, { ...request, plan }, published),
    )
    const delivered = { published, pullRequest, plan }
    await markChange(minted.octokit, request, delivered)
    return delivered
  } finally {
    await minted.revoke()
  }
}

async function publish(octokit: GitHubClient, request: DeliverRequest) {
  const { access, base, change, pause, signal, once } = request
  const repository = access.repository.canPush
    ? access.repository
    : await forkRepository(octokit, {
        ...{ repository: access.repository, signal, pause, once },
        ...{ branch: base.branch, sha: base.sha },
      })
  const place = { octokit, repository }
  const value = await (base.pullRequest ? publishToHead(place, request) : publishBranch(place, request))
  const verified = access.credential === 'pat' ? ' (not Verified: made with a personal access token)' : ''
  const where = repository.owner === access.repository.owner ? value.branch : `${value.head} (a fork)`
  return { value, message: `${committed(change, value)} to ${where}${verified}` }
}

function committed(change: PublishRequest['change'], { commitSha }: Published): string {
  const sha = commitSha.slice(0, 7)
  if (change.kind === 'commit') return `Went on with commit ${sha}, which was made before,`
  return `Committed ${change.files.length === 1 ? '1 file' : `${change.files.length} files`} as ${sha}`
}

async function offer(octokit: GitHubClient, request: DeliverRequest, published: Published) {
  const { access, base, once, saveProgress } = request
  if (base.pullRequest) {
    const value = base.pullRequest
    return { value, message: `Pull request #${value.number} has the new commit: ${value.url}` }
  }
  const { repository } = access
  const value = await once({
    name: 'pull_request',
    lookUp: () => findPullRequest(octokit, { repository, head: published.head }),
    act: () => open(octokit, request, published),
  })
  await saveProgress({ pullRequestNumber: value.number })
  return {
    value,
    message: `Opened ${value.draft ? 'draft ' : ''}pull request #${value.number}: ${value.url}`,
  }
}

async function open(
  octokit: GitHubClient,
  { access: { repository }, base, plan: { title, body, draft } }: DeliverRequest,
  { head, branch }: Published,
): Promise<PullRequest> {
  const pull = { repository, title, body, head, base: base.branch, draft }
  return createPullRequest(octokit, pull).catch(async (error: unknown) => {
    if (knownError(error)?.code !== 'conflict') throw error
    if ((await getBranch(octokit, { repository, branch: base.branch })) !== undefined) throw error
    throw new BackspaceError(
      'base_not_found',
      `Branch \`${base.branch}\` was deleted meanwhile, so there is nothing to open a pull request against. The commit is on branch \`${branch}\`: open one against another branch by hand.`,
      { cause: error },
    )
  })
}
