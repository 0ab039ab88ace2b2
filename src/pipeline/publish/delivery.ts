import { BackspaceError, knownError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { PullRequest } from '../../github/pull-requests.ts'
import type { Pause } from '../../time/pause.ts'
import type { Attempt } from '../attempt.ts'
import type { RunStep, StepResult } from '../journal.ts'
import type { DoOnce } from './do-once.ts'
import { forkRepository } from './fork-repository.ts'
import type { IssueReceipt, ShownReceipt } from './issue-receipt.ts'
import { publishBranch } from './new-branch.ts'
import type { Publication, Published, PublishPlan, PublishPlans, PublishTarget } from './publish-plan.ts'
import type { PullRequests } from './pull-request.ts'
import { publishToHead } from './pull-request-branch.ts'

export interface Delivered {
  readonly published: Published
  readonly pullRequest: PullRequest
  /** The plan that describes the commit. It is an earlier attempt's plan if that attempt had already made the branch. */
  readonly plan: PublishPlan
  readonly receipt: ShownReceipt
}

/**
 * The steps `publish` and `pull_request`, through GitHub's Git Data API: either a commit, a branch and a pull request, or
 * a commit on the branch of the pull request that the run works on. The write token exists only in here. Branch, base and
 * head come from the trigger, never from the agent, and nothing is force-pushed. Each effect happens once per run,
 * however many attempts die.
 *
 * @throws {BackspaceError} `push_forbidden`, `head_moved`, `branch_protected`, `permission_missing`, `scope_missing`,
 * `fork_failed`, `conflict` …
 * @throws {WriteRefused} before the next effect, when this attempt no longer holds the run.
 */
export type Deliver = (access: RepositoryAccess, publication: Publication) => Promise<Delivered>

interface DeliveryParts {
  readonly attempt: Attempt
  readonly step: RunStep
  readonly plans: Pick<PublishPlans, 'all'>
  readonly effects: PublishEffects
  readonly pullRequests: PullRequests
  readonly issueReceipt: IssueReceipt
}

/** The means for effects on GitHub. */
export interface PublishEffects {
  readonly once: DoOnce
  readonly pause: Pause
}

export function createDeliver(parts: DeliveryParts): Deliver {
  const { attempt, step, plans, effects, pullRequests, issueReceipt } = parts
  const { once, pause } = effects
  const { signal } = attempt

  async function publish(
    target: PublishTarget,
    access: RepositoryAccess,
    publication: Publication,
  ): Promise<StepResult<Published>> {
    const { base, change } = publication
    const { canPush, owner } = access.repository
    const repository = canPush
      ? target.repository
      : await forkRepository(target, base, { once, pause, signal })
    const place = { octokit: target.octokit, repository }
    const publishTo = base.pullRequest ? publishToHead : publishBranch
    const value = await publishTo(place, publication, { attempt, once })
    const verified = access.credential === 'pat' ? ' (not Verified: made with a personal access token)' : ''
    const where = repository.owner === owner ? value.branch : `${value.head} (a fork)`
    return { value, message: `${committedText({ base, change }, value)} to ${where}${verified}` }
  }

  return async (access, publication) => {
    const { base } = publication
    const { repository } = access
    if (base.pullRequest && !repository.canPush) {
      throw new BackspaceError(
        'push_forbidden',
        `GITHUB_PAT may not push to ${repository.owner}/${repository.name}, so the pull request's branch cannot be changed. Install the App there, or give the token's owner write access.`,
      )
    }
    await using minted = await access.mintToken('write')
    const target = { octokit: minted.octokit, repository }
    const published = await step('publish', 'Publishing the commit', () =>
      publish(target, access, publication),
    )
    const stored = (await plans.all()).find(({ commitSha }) => commitSha === published.commitSha)
    const plan = stored?.plan ?? publication.plan
    const receipt = await issueReceipt(target, {
      draft: plan.receipt,
      branch: published.branch,
      commit: published.commitSha,
      pullRequest: base.pullRequest?.number,
    })
    const offer = { published, plan, base, receipt }
    const pullRequest = await step('pull_request', 'Opening the pull request', () =>
      pullRequests.open(target, offer),
    )
    await attempt.record({
      kind: 'change.published',
      facts: {
        repository: `${repository.owner}/${repository.name}`,
        base: base.branch,
        baseSha: base.sha,
        branch: published.head,
        commit: published.commitSha,
        files: publication.change.kind === 'files' ? publication.change.files.length : undefined,
        pullRequest: pullRequest.number,
        draft: pullRequest.draft,
        credential: access.credential,
      },
    })
    if (plan.noModel && !base.pullRequest) await pullRequests.labelNoModel(target, pullRequest.number)
    if (plan.verdict) {
      await pullRequests.reportChecks(access, { sha: published.commitSha, verdict: plan.verdict, receipt })
    }
    return { published, pullRequest, plan, receipt }
  }
}

function committedText(
  { base, change }: Pick<Publication, 'base' | 'change'>,
  { commitSha }: Published,
): string {
  const sha = commitSha.slice(0, 7)
  if (change.kind === 'commit') return `Published commit ${sha} of an earlier attempt`
  if (base.merge) return `Committed the merge of ${base.merge.from} as ${sha}`
  return `Committed ${change.files.length === 1 ? '1 file' : `${change.files.length} files`} as ${sha}`
}

/**
 * Finds a more exact error. GitHub answers "not found" for many reasons, and asking for the repository again shows whether
 * it was renamed, archived or taken away.
 */
export async function exactError(
  error: unknown,
  reachRepository: () => Promise<RepositoryAccess>,
): Promise<unknown> {
  const code = knownError(error)?.code
  if (code !== 'not_found' && code !== 'unauthorized') return error
  return reachRepository().then(
    () => error,
    (exact: unknown) => exact,
  )
}
