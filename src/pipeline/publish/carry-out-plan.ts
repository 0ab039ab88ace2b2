import { knownError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { pause as pauseByClock } from '../../time/pause.ts'
import { type ExecuteRunDeps, type RunContext, reachRepository } from '../run-context.ts'
import type { RunReport } from '../run-report.ts'
import type { Base } from '../workspace/workspace.ts'
import { type Delivered, deliverChanges } from './deliver-changes.ts'
import { createDoOnce } from './do-once.ts'
import { keptPlans, type PublishPlan, type PublishRequest } from './publish-plan.ts'
import { findOnHead } from './pull-request-branch.ts'
import { requirePublishable } from './require-publishable.ts'

/** Carries out what publishing decided, from its commit to its pull request. */
export async function publishByPlan(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: Pick<PublishRequest, 'base' | 'plan' | 'change'> & { readonly access: RepositoryAccess },
): Promise<RunReport> {
  const { run, attempt, signal, requireHeld, onSecret, saveProgress, step } = context
  const { effects, pause = pauseByClock } = deps
  const once = createDoOnce({ ...{ effects, runId: run.id, attempt, requireHeld, pause, signal } })
  try {
    const delivered = await deliverChanges({
      ...{ run, attempt, once, signal, onSecret, saveProgress, step, pause, ...request },
      runUrl: deps.runUrl(run.id),
      planOf: (commitSha) => planOf(deps, { runId: run.id, commitSha }),
    })
    return endingOf(delivered, request.base)
  } catch (error) {
    throw await exactly(deps, context, error)
  }
}

async function planOf(
  { effects }: ExecuteRunDeps,
  { runId, commitSha }: { readonly runId: string; readonly commitSha: string },
): Promise<PublishPlan | undefined> {
  return (await keptPlans(effects, runId)).find((kept) => kept.commitSha === commitSha)?.plan
}

/** GitHub answers "not found" to many things; a look at the repository tells which it is. */
async function exactly(deps: ExecuteRunDeps, { run }: RunContext, error: unknown): Promise<unknown> {
  const code = knownError(error)?.code
  if (code !== 'not_found' && code !== 'unauthorized') return error
  return reachRepository(deps, run).then(
    () => error,
    (exact: unknown) => exact,
  )
}

function endingOf({ published, pullRequest, plan }: Delivered, base: Base): RunReport {
  const onHead = base.pullRequest !== undefined
  return {
    status: 'succeeded',
    outcome: 'pull_request',
    message: onHead
      ? `Committed ${published.commitSha.slice(0, 7)} to pull request #${pullRequest.number}: ${plan.title}`
      : `Opened ${pullRequest.draft ? 'draft ' : ''}pull request #${pullRequest.number}: ${plan.title}`,
    pullRequestUrl: pullRequest.url,
    draft: pullRequest.draft,
    report: onHead ? plan.body : undefined,
    notes: plan.notes,
    keptDiff: plan.withheldDiff,
    models: plan.models,
  }
}

/**
 * Finishes what an earlier attempt began to publish: its commit is there, so neither a sandbox nor the agent is needed,
 * and the pull request says what was decided then.
 *
 * @returns undefined when no commit was made, or it no longer fits on the pull request's branch.
 */
export async function resumePublish(
  deps: ExecuteRunDeps,
  context: RunContext,
  { access, base }: { readonly access: RepositoryAccess; readonly base: Base },
): Promise<RunReport | undefined> {
  const { run } = context
  if (run.attempt <= 1) return undefined
  const plans = await keptPlans(deps.effects, run.id)
  const kept = plans.find(({ commitSha }) => commitSha !== undefined)
  if (kept?.commitSha === undefined || !(await stillFits(access, { runId: run.id, base }))) return undefined
  await requirePublishable(access, { run, base })
  const change = { kind: 'commit', sha: kept.commitSha } as const
  return publishByPlan(deps, context, { access, base, change, plan: kept.plan })
}

/** A new branch starts at the pinned base. A pull request's branch may have moved since. */
async function stillFits(
  { octokit, repository }: RepositoryAccess,
  { runId, base }: { readonly runId: string; readonly base: Base },
): Promise<boolean> {
  if (!base.pullRequest) return true
  if ((await getBranch(octokit, { repository, branch: base.branch })) === base.sha) return true
  return (await findOnHead({ octokit, repository }, { runId, base })) !== undefined
}
