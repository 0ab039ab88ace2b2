import { BackspaceError, knownError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import { createCheckRun, findCheckRun } from '../../github/check-runs.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { addLabels } from '../../github/issues.ts'
import { createPullRequest, findPullRequest, type PullRequest } from '../../github/pull-requests.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import { type SafeMarkdown, safeMarkdown } from '../../text/markdown/safe-markdown.ts'
import type { Attempt } from '../attempt.ts'
import type { StepResult } from '../journal.ts'
import type { CommitVerdict } from '../texts/checks-table.ts'
import type { Base } from '../workspace/workspace.ts'
import type { DoOnce } from './do-once.ts'
import type { ShownReceipt } from './issue-receipt.ts'
import type { Published, PublishPlan, PublishTarget } from './publish-plan.ts'

/** A commit on a branch, for which a pull request is opened, and the plan that describes it. */
interface Offer {
  readonly published: Published
  readonly plan: PublishPlan
  readonly base: Base
  readonly receipt: ShownReceipt
}

/** The contents of a commit's check run. */
interface ReportedChecks {
  readonly sha: string
  readonly verdict: CommitVerdict
  readonly receipt: ShownReceipt
  /** Name of the check run. Default: `Backspace`. */
  readonly name?: string
}

/** Opens the pull request of a run, and sets its label and check run. */
export interface PullRequests {
  /** The step `pull_request`: opens a pull request for a new branch. If the run works on one, it has the commit already. */
  open(target: PublishTarget, offer: Offer): Promise<StepResult<PullRequest>>
  /**
   * Adds the label that says that no model made the change. It is optional: a refusal by GitHub is ignored.
   *
   * @throws {WriteRefused} when this attempt no longer holds the run.
   */
  labelNoModel(target: PublishTarget, number: number): Promise<void>
  /**
   * Adds a check run to the commit with the results of the host's checks. It is optional, since the App may lack the
   * permission.
   *
   * @throws {WriteRefused} when this attempt no longer holds the run.
   */
  reportChecks(access: RepositoryAccess, reported: ReportedChecks): Promise<void>
}

interface PullRequestParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'saveProgress'>
  readonly once: DoOnce
  readonly runUrl: string | undefined
}

const NO_MODEL_LABEL = 'backspace:no-ai'
const CHECK_RUN_NAME = 'Backspace'

export function createPullRequests({ attempt, once, runUrl }: PullRequestParts): PullRequests {
  const { run, signal, saveProgress } = attempt

  async function unlessRefused(mark: () => Promise<void>): Promise<void> {
    try {
      await mark()
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof WriteRefused) throw error
    }
  }

  return {
    async open(target, offer) {
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
    },
    labelNoModel: ({ octokit, repository }, number) =>
      unlessRefused(() =>
        once({
          name: 'label',
          lookUp: async () => undefined,
          act: () => addLabels(octokit, { repository, number, labels: [NO_MODEL_LABEL] }),
          patient: false,
        }),
      ),
    async reportChecks(
      { credential, repository, mintToken },
      { sha, verdict, receipt, name = CHECK_RUN_NAME },
    ) {
      // Only Apps may create check runs.
      if (credential !== 'app') return
      const named = { name, externalId: run.id }
      await unlessRefused(async () => {
        // A separate token, since the App may lack this permission, and a request for more than is granted yields no token.
        await using minted = await mintToken('checks')
        const { octokit } = minted
        await once({
          name: 'check_run',
          lookUp: () => findCheckRun(octokit, { repository, sha, ...named }),
          act: () =>
            createCheckRun(octokit, {
              repository,
              sha,
              checkRun: { ...named, ...verdict, text: receipt.whole, detailsUrl: runUrl },
            }),
          patient: false,
        })
      })
    },
  }
}

/** The body with the line of the receipt at its end. */
export function withReceipt(body: SafeMarkdown, { line }: Pick<ShownReceipt, 'line'>): SafeMarkdown {
  return line === '' ? body : safeMarkdown`${body}\n\n<sub>${line}</sub>`
}

async function create(
  { octokit, repository }: PublishTarget,
  { base, plan: { title, body, draft }, published: { head, branch }, receipt }: Offer,
): Promise<PullRequest> {
  const pull = { repository, title, body: withReceipt(body, receipt), head, base: base.branch, draft }
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
