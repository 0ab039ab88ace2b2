import { BackspaceError, knownError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import { createCheckRun, findCheckRun } from '../../github/check-runs.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { addLabels } from '../../github/issues.ts'
import { createPullRequest, findPullRequest, type PullRequest } from '../../github/pull-requests.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { Pause } from '../../time/pause.ts'
import type { RunStep } from '../run-context.ts'
import { forkRepository } from './fork-repository.ts'
import { publishBranch } from './new-branch.ts'
import type { Published, PublishPlan, PublishRequest } from './publish-plan.ts'
import { publishToHead } from './pull-request-branch.ts'

interface DeliverRequest extends PublishRequest {
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

const NO_MODEL_LABEL = 'backspace:no-ai'
const CHECK_RUN_NAME = 'Backspace'

/**
 * Says what people and branch rules look for next to a pull request: on its commit, how the host's checks ended; on one
 * that no model made, a label. Both are extras: an App need not have the permission, and a GitHub that does not take them
 * does not keep a run from its end.
 *
 * @throws {WriteRefused} when this attempt no longer holds the run.
 */
async function markChange(
  octokit: GitHubClient,
  request: DeliverRequest,
  delivered: Delivered,
): Promise<void> {
  await unlessRefused(request, () => labelWithoutModel(octokit, request, delivered))
  await unlessRefused(request, () => reportChecks(request, delivered))
}

async function unlessRefused({ signal }: DeliverRequest, mark: () => Promise<void>): Promise<void> {
  try {
    await mark()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof WriteRefused) throw error
  }
}

/** Not on a pull request that people opened: it holds their work, too. */
async function labelWithoutModel(
  octokit: GitHubClient,
  { access: { repository }, base, once }: DeliverRequest,
  { pullRequest: { number }, plan: { noModel = false } }: Delivered,
): Promise<void> {
  if (!noModel || base.pullRequest) return
  await once({
    name: 'label',
    lookUp: async () => undefined,
    act: () => addLabels(octokit, { repository, number, labels: [NO_MODEL_LABEL] }),
    patient: false,
  })
}

async function reportChecks(
  { access, once, run, runUrl, signal, onSecret }: DeliverRequest,
  { published: { commitSha: sha }, plan: { verdict } }: Delivered,
): Promise<void> {
  // Only Apps may make check runs.
  if (!verdict || access.credential !== 'app') return
  const { repository } = access
  const named = { name: CHECK_RUN_NAME, externalId: run.id }
  // Its own token: the App works without this permission, and asking for more than is granted gets none at all.
  const minted = await access.mintToken('checks', { signal, onToken: onSecret })
  try {
    await once({
      name: 'check_run',
      lookUp: () => findCheckRun(minted.octokit, { repository, sha, ...named }),
      act: () =>
        createCheckRun(minted.octokit, {
          ...{ repository, sha, checkRun: { ...named, detailsUrl: runUrl, ...verdict } },
        }),
      patient: false,
    })
  } finally {
    await minted.revoke()
  }
}
