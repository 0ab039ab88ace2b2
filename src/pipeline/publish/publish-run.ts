import { compareChecks, nothingNewlyFails } from '../../checks/compare-checks.ts'
import { diffGuard } from '../../checks/diff-guard.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { Run } from '../../runs/run.ts'
import { checksText } from '../../runs/summary/sentences.ts'
import type { AgentWork } from '../agent/run-agent.ts'
import { touchedPaths } from '../collect/change-list.ts'
import type { CollectedChanges } from '../collect/collect-changes.ts'
import { type GateReport, isWorkflow } from '../gate/gate-changes.ts'
import { type ChangeWatch, createChangeWatch, readChanges } from '../gate/review-changes.ts'
import { type ExecuteRunDeps, type RunContext, reachRepository } from '../run-context.ts'
import type { RunReport } from '../run-report.ts'
import { type SetUpRequest, setUpSandbox } from '../sandbox/set-up-sandbox.ts'
import { commitVerdict } from '../texts/checks-table.ts'
import { pullRequestText } from '../texts/pull-request-text.ts'
import { totalsSoFar, unfinishedOutcome } from '../usage.ts'
import type { PreparedProject } from '../workspace/prepare-project.ts'
import type { Base } from '../workspace/workspace.ts'
import { publishByPlan } from './carry-out-plan.ts'
import { commitMessage } from './commit.ts'
import { branchName } from './new-branch.ts'
import { keepPlan, keptPlans, type PublishPlan } from './publish-plan.ts'
import { requirePublishable } from './require-publishable.ts'

interface PublishRunRequest {
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
): Promise<RunReport> {
  const { base, project, watch, changes, work } = request
  const { run, step, emit } = context

  const checksAfter = await step('checks', 'Running the checks on the change', async () => {
    const value = await watch.check(changes)
    emit({ type: 'checks.finished', phase: 'after', results: value })
    return { value, message: checksText(value), ...(value.length === 0 ? { status: 'skipped' } : {}) }
  })
  const gate = await step('gate', 'Checking what would be published', async () => {
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
    place: base.pullRequest ? 'comment' : 'pull_request',
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

function withheldOnly(gate: GateReport, { outcome }: AgentWork): RunReport {
  const workflowsOnly = gate.withheld.every((file) => touchedPaths(file).some(isWorkflow))
  const message = workflowsOnly
    ? 'The whole change is in workflow files, which Backspace never publishes. Apply the diff by hand.'
    : 'Backspace may not publish any of the changed files. Apply the diff by hand.'
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

/** `Safety gate passed (3 files, 1 withheld, opened as a draft)`. */
function gateMessage({ publish, withheld, protectedPaths, draft }: GateReport): string {
  const withheldFiles = withheld.length === 0 ? [] : [`${counted(withheld.length)} withheld`]
  if (publish.length === 0) return `Safety gate: no file may be published (${withheldFiles.join('')})`
  const facts = [counted(publish.length), ...withheldFiles]
  if (protectedPaths.length > 0) facts.push(`${protectedPaths.length} protected`)
  if (draft) facts.push('opened as a draft')
  return `Safety gate passed (${facts.join(', ')})`
}

function counted(files: number): string {
  return files === 1 ? '1 file' : `${files} files`
}

/**
 * Publishes what the last checkpoint holds, as unfinished, when the sandboxes that the agent worked in were lost. One
 * more sandbox only holds the files: neither the agent nor any code of the repository runs in it, since that may be
 * what ended the others.
 *
 * @returns undefined when nothing was kept, or it cannot be restored.
 * @throws {SandboxError} when this sandbox is lost, too.
 */
export async function publishKept(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: SetUpRequest & { readonly baseTree: TreeListing },
): Promise<RunReport | undefined> {
  const checkpoint = await deps.store.loadCheckpoint(context.run.id)
  if (!checkpoint || checkpoint.patch.length === 0) return undefined
  const ready = await setUpSandbox(deps, context, { ...request, onlyFiles: true })
  if (!ready.state || ready.state.kind === 'not_restored') return undefined
  const project = { ...ready.project, checks: [] }
  const watch = createChangeWatch(context, { ...ready, project, baseTree: request.baseTree })
  const changes = await readChanges(context, watch)
  if (changes.files.length === 0) return undefined
  const outcome = await unfinishedOutcome(deps, context, {
    summary:
      'These are the files as they were last kept outside of the sandbox. Nobody has looked at them since.',
    reason: 'The sandbox was lost twice while the agent worked, and no check was run on what is here.',
    code: 'sandbox_lost',
  })
  const work = { outcome, whyNoModel: [], mayHaveChanged: true, summary: '' }
  return publishRun(deps, context, { base: request.base, project, watch, changes, work })
}
