import { getBranch } from '../github/get-branch.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import type { Ending } from './conclude-run.ts'
import { keptPlans } from './deliver/publish-plan.ts'
import { findOnHead } from './deliver/publish-to-head.ts'
import { requirePublishable } from './deliver/require-publishable.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { publishByPlan } from './publish-by-plan.ts'
import type { RunContext } from './run-context.ts'
import type { Base } from './workspace/workspace.ts'

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
): Promise<Ending | undefined> {
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
