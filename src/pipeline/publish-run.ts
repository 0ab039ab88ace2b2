import { compareChecks, nothingNewlyFails } from '../checks/compare-checks.ts'
import { diffGuard } from '../checks/diff-guard.ts'
import type { Run } from '../runs/run.ts'
import type { CollectedChanges } from './changes/collect-changes.ts'
import type { ChangeWatch } from './changes/watch-changes.ts'
import type { Ending } from './conclude-run.ts'
import { branchName } from './deliver/branch-name.ts'
import { commitMessage } from './deliver/commit-message.ts'
import { keepPlan, keptPlans, type PublishPlan } from './deliver/publish-plan.ts'
import { requirePublishable } from './deliver/require-publishable.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { GateReport } from './gate/gate-changes.ts'
import { type PreparedProject, summarizeChecks } from './prepare-project.ts'
import { publishByPlan } from './publish-by-plan.ts'
import { reachRepository } from './reach-repository.ts'
import type { RunContext } from './run-context.ts'
import { commitVerdict } from './texts/commit-verdict.ts'
import { pullRequestText } from './texts/pull-request-text.ts'
import { totalsSoFar } from './totals-so-far.ts'
import type { AgentWork } from './work-with-agent.ts'
import type { Base } from './workspace/workspace.ts'

export interface PublishRunRequest {
  readonly base: Base
  readonly project: PreparedProject
  readonly watch: ChangeWatch
  readonly changes: CollectedChanges
  readonly work: AgentWork
}

/** From a change in a sandbox to a pull request: checks, gate, commit, branch. */
export async function publishRun(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: PublishRunRequest,
): Promise<Ending> {
  const { base, project, watch, changes, work } = request
  const { run, step, emit } = context

  const checksAfter = await step('checks', 'Running the checks on the change', async () => {
    const value = await watch.check(changes)
    emit({ type: 'checks.finished', phase: 'after', results: value })
    return { value, message: summarizeChecks(value), ...(value.length === 0 ? { status: 'skipped' } : {}) }
  })
  const gate = await step('gate', 'Looking at what would be published', async () => {
    const value = watch.gate(changes)
    return { value, message: gateMessage(value) }
  })
  if (gate.publish.length === 0) return withheldOnly(gate, work)

  // Looked up anew: it may have been renamed, archived or closed to us while the agent worked.
  const access = await reachRepository(deps, run)
  const moved = await requirePublishable(access, { run, base })
  const passes = nothingNewlyFails(compareChecks(project.baseline, checksAfter))
  const suspicions = diffGuard(gate.publish)
  const { title, body } = pullRequestText({
    run,
    runUrl: deps.runUrl(run.id),
    repository: `${access.repository.owner}/${access.repository.name}`,
    outcome: work.outcome,
    whyNoModel: work.whyNoModel,
    totals: await totalsSoFar(deps, context),
    checksBefore: project.baseline,
    checksAfter,
    gate,
    warnings: [...(project.setupFailed ? [project.setup] : []), ...moved, ...suspicions],
    credential: access.credential,
    redact: context.mask,
  })
  const noModel = isWithoutModel(work)
  const draft = isDraft({ passes, suspicions, gate, work, run })
  const checks = { checksBefore: project.baseline, checksAfter, files: gate.publish }
  const plan: PublishPlan = {
    ...{ title, body, draft, noModel },
    message: commitMessage({ run, title, webUrl: deps.webUrl, noModel }),
    branch: await branchOf(deps, { run, title }),
    verdict: commitVerdict({ ...checks, draft, noModel, redact: context.mask }),
    notes: [...(noModel ? [noModelNote(work)] : []), ...gate.reasons],
    withheldDiff: diffOf(gate),
    models: work.outcome.totals.models,
  }
  await keepPlan(deps.effects, { runId: run.id, attempt: context.attempt, plan })
  const change = { kind: 'files', files: gate.publish } as const
  return publishByPlan(deps, context, { access, base, change, plan })
}

/** Ready for review is only what a host can say nothing against, and a model has looked at. */
function isDraft(facts: {
  readonly passes: boolean
  readonly suspicions: readonly string[]
  readonly gate: GateReport
  readonly work: AgentWork
  readonly run: Run
}): boolean {
  const { passes, suspicions, gate, work, run } = facts
  const isPartial = work.outcome.kind === 'partial'
  const doubtful = !passes || suspicions.length > 0 || isPartial || isWithoutModel(work)
  return gate.draft || doubtful || run.request.options.draft === true
}

function isWithoutModel({ outcome }: AgentWork): boolean {
  return outcome.totals.models.every((model) => model === 'dummy')
}

function noModelNote({ whyNoModel }: AgentWork): string {
  const reasons = whyNoModel.map((reason) => reason.trim().replace(/\.$/, ''))
  return `No AI model was used: ${reasons.join('; ') || 'none is configured'}.`
}

/** The branch that an earlier attempt chose, if one did: a run has one branch, whatever it is called the second time. */
async function branchOf(
  { effects }: ExecuteRunDeps,
  { run, title }: { readonly run: Run; readonly title: string },
): Promise<string> {
  const [earlier] = await keptPlans(effects, run.id)
  return earlier?.plan.branch ?? branchName(run, title)
}

function withheldOnly(gate: GateReport, { outcome }: AgentWork): Ending {
  const message =
    'The whole change is in workflow files, which Backspace never publishes. Apply the diff by hand.'
  return {
    status: 'succeeded',
    outcome: 'answer',
    message,
    text: `${message}\n\n${outcome.summary}`,
    notes: gate.reasons,
    keptDiff: diffOf(gate),
    pullRequestUrl: null,
    models: outcome.totals.models,
  }
}

function diffOf({ withheld }: GateReport): string {
  return withheld.map(({ diff }) => diff).join('')
}

function gateMessage({ publish, withheld, protectedPaths, draft }: GateReport): string {
  const parts = [
    `${publish.length} ${publish.length === 1 ? 'file' : 'files'} may be published`,
    ...(withheld.length > 0 ? [`${withheld.length} withheld`] : []),
    ...(protectedPaths.length > 0 ? [`${protectedPaths.length} protected`] : []),
    ...(draft ? ['as a draft'] : []),
  ]
  return parts.join(', ')
}
