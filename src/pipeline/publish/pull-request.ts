import { BackspaceError, knownError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import { createCheckRun, findCheckRun } from '../../github/check-runs.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { addLabels } from '../../github/issues.ts'
import { createPullRequest, findPullRequest, type PullRequest } from '../../github/pull-requests.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { Attempt } from '../attempt.ts'
import type { StepResult } from '../journal.ts'
import type { Base } from '../workspace/workspace.ts'
import type { DoOnce } from './do-once.ts'
import type { Published, PublishPlan, PublishTarget } from './publish-plan.ts'

/** A commit on a branch, and the plan that describes it. */
interface Offer {
  readonly published: Published
  readonly plan: PublishPlan
  readonly base: Base
}

/** The step `pull_request`: opens one for a new branch; a pull request that the run stands in has the commit already. */
export async function openPullRequest(
  target: PublishTarget,
  offer: Offer,
  { once, saveProgress }: { readonly once: DoOnce; readonly saveProgress: Attempt['saveProgress'] },
): Promise<StepResult<PullRequest>> {
  const { base, published } = offer
  if (base.pullRequest) {
    const { number, url } = base.pullRequest
    return { value: base.pullRequest, message: `Pull request #${number} has the new commit: ${url}` }
  }
  const { octokit, repository } = target
  const value = await once({
    name: 'pull_request',
    lookUp: () => findPullRequest(octokit, { repository, head: published.head }),
    act: () => create(target, offer),
  })
  const { number, url, draft } = value
  await saveProgress({ pullRequestNumber: number })
  return { value, message: `Opened ${draft ? 'draft ' : ''}pull request #${number}: ${url}` }
}

async function create(
  { octokit, repository }: PublishTarget,
  { base, plan: { title, body, draft }, published: { head, branch } }: Offer,
): Promise<PullRequest> {
  const pull = { repository, title, body, head, base: base.branch, draft }
  return createPullRequest(octokit, pull).catch(async (error: unknown) => {
    if (knownError(error)?.code !== 'conflict') throw error
    if ((await getBranch(octokit, { repository, branch: base.branch })) !== undefined) throw error
    throw new BackspaceError(
      'base_not_found',
      `Branch \`${base.branch}\` was deleted while the run worked, so a pull request has no base. The commit is on branch \`${branch}\`: open a pull request against another branch by hand.`,
      { cause: error },
    )
  })
}

const NO_MODEL_LABEL = 'backspace:no-ai'
const CHECK_RUN_NAME = 'Backspace'

interface MarkParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal'>
  readonly once: DoOnce
  readonly runUrl: string
}

/**
 * Adds what people and branch rules look for next to a pull request: a check run on its commit with how the host's checks
 * ended, and a label when no model made the change. Both are extras: the App may lack the permission, and a refusal by
 * GitHub does not keep a run from its end.
 *
 * @param octokit may write to the repository.
 * @throws {WriteRefused} when this attempt no longer holds the run.
 */
export async function markPullRequest(
  octokit: GitHubClient,
  {
    access,
    base,
    plan,
    published,
    number,
  }: Offer & { readonly access: RepositoryAccess; readonly number: number },
  { attempt, once, runUrl }: MarkParts,
): Promise<void> {
  const { signal, run } = attempt
  const { repository } = access
  // No label on a pull request that a person opened: it holds their work, too.
  if (plan.noModel && !base.pullRequest) {
    await unlessRefused(signal, () => addNoModelLabel(octokit, { repository, number, once }))
  }
  // Only Apps may make check runs.
  const { verdict } = plan
  if (verdict && access.credential === 'app') {
    const checkRun = { name: CHECK_RUN_NAME, externalId: run.id, detailsUrl: runUrl, ...verdict }
    await unlessRefused(signal, () => reportChecks(access, { sha: published.commitSha, checkRun, once }))
  }
}

async function unlessRefused(signal: AbortSignal, mark: () => Promise<void>): Promise<void> {
  try {
    await mark()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof WriteRefused) throw error
  }
}

async function addNoModelLabel(
  octokit: GitHubClient,
  {
    repository,
    number,
    once,
  }: Pick<PublishTarget, 'repository'> & { readonly number: number; readonly once: DoOnce },
): Promise<void> {
  await once({
    name: 'label',
    lookUp: async () => undefined,
    act: () => addLabels(octokit, { repository, number, labels: [NO_MODEL_LABEL] }),
    patient: false,
  })
}

async function reportChecks(
  { repository, mintToken }: RepositoryAccess,
  {
    sha,
    checkRun,
    once,
  }: {
    readonly sha: string
    readonly checkRun: Parameters<typeof createCheckRun>[1]['checkRun']
    readonly once: DoOnce
  },
): Promise<void> {
  const { name, externalId } = checkRun
  // Its own token: the App works without this permission, and a request for more than is granted yields no token at all.
  const minted = await mintToken('checks')
  try {
    await once({
      name: 'check_run',
      lookUp: () => findCheckRun(minted.octokit, { repository, sha, name, externalId }),
      act: () => createCheckRun(minted.octokit, { repository, sha, checkRun }),
      patient: false,
    })
  } finally {
    await minted.revoke()
  }
}
