import { knownError } from '../errors.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { pause as pauseByClock } from '../github/pause.ts'
import type { Ending } from './conclude-run.ts'
import { type Delivered, deliverChanges } from './deliver/deliver-changes.ts'
import { createDoOnce } from './deliver/do-once.ts'
import { keptPlans, type PublishPlan } from './deliver/publish-plan.ts'
import type { PublishRequest } from './deliver/publish-request.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { reachRepository } from './reach-repository.ts'
import type { RunContext } from './run-context.ts'
import type { Base } from './workspace/workspace.ts'

/** Carries out what publishing decided, from its commit to its pull request. */
export async function publishByPlan(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: Pick<PublishRequest, 'base' | 'plan' | 'change'> & { readonly access: RepositoryAccess },
): Promise<Ending> {
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

function endingOf({ published, pullRequest, plan }: Delivered, base: Base): Ending {
  const onHead = base.pullRequest !== undefined
  return {
    status: 'succeeded',
    outcome: 'pull_request',
    message: onHead
      ? `Committed ${published.commitSha.slice(0, 7)} to pull request #${pullRequest.number}: ${plan.title}`
      : `Opened ${pullRequest.draft ? 'draft ' : ''}pull request #${pullRequest.number}: ${plan.title}`,
    pullRequestUrl: pullRequest.url,
    draft: pullRequest.draft,
    ...(onHead ? { text: plan.body } : {}),
    notes: plan.notes,
    keptDiff: plan.withheldDiff,
    models: plan.models,
  }
}
