import { compareChecks, nothingNewlyFails } from '../checks/compare-checks.ts'
import { diffGuard } from '../checks/diff-guard.ts'
import { BackspaceError } from '../errors.ts'
import { getBranch } from '../github/get-branch.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { pause as pauseByClock } from '../github/pause.ts'
import { mayWrite, permissionOf } from '../github/permission.ts'
import type { CollectedChanges } from './changes/collect-changes.ts'
import type { ChangeWatch } from './changes/watch-changes.ts'
import type { Ending } from './conclude-run.ts'
import { branchName } from './deliver/branch-name.ts'
import { commitMessage } from './deliver/commit-message.ts'
import { deliverChanges } from './deliver/deliver-changes.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { GateReport } from './gate/gate-changes.ts'
import { type PreparedProject, summarizeChecks } from './prepare-project.ts'
import type { RunContext } from './run-context.ts'
import { pullRequestText } from './texts/pull-request-text.ts'
import type { AgentWork } from './work-with-agent.ts'
import type { Base } from './workspace/workspace.ts'

export interface PublishRunRequest {
  readonly access: RepositoryAccess
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
  const { access, base, project, watch, changes, work } = request
  const { run, step, emit } = context
  const startedAt = run.startedAt ?? run.createdAt

  const checksAfter = await step('checks', 'Running the checks on the change', async () => {
    const value = await watch.check(changes)
    emit({ type: 'checks.finished', phase: 'after', results: value })
    return { value, message: summarizeChecks(value), ...(value.length === 0 ? { status: 'skipped' } : {}) }
  })
  const gate = await step('gate', 'Looking at what would be published', async () => {
    await requirePermission(context, access)
    const value = watch.gate(changes)
    return { value, message: gateMessage(value) }
  })
  if (gate.publish.length === 0) return withheldOnly(gate, work)

  const warnings = [
    ...(project.setupFailed ? [project.setup] : []),
    ...(await baseMoved(access, base)),
    ...diffGuard(gate.publish),
  ]
  const passes = nothingNewlyFails(compareChecks(project.baseline, checksAfter))
  const text = () =>
    pullRequestText({
      run,
      runUrl: deps.runUrl(run.id),
      repository: `${access.repository.owner}/${access.repository.name}`,
      outcome: work.outcome,
      whyNoModel: work.whyNoModel,
      durationMs: (deps.now?.() ?? new Date()).getTime() - startedAt.getTime(),
      checksBefore: project.baseline,
      checksAfter,
      gate,
      warnings,
      credential: access.credential,
      redact: context.mask,
    })
  const { title, body } = text()
  const { published, pullRequest } = await deliverChanges({
    ...{ run, access, base, step },
    signal: context.signal,
    onSecret: context.onSecret,
    saveProgress: context.saveProgress,
    pause: deps.pause ?? pauseByClock,
    files: gate.publish,
    branch: run.progress.branch ?? branchName(run, title),
    message: commitMessage({ run, title, webUrl: deps.webUrl }),
    pullRequestText: text,
    draft: gate.draft || !passes || work.outcome.kind === 'partial' || run.request.options.draft === true,
  })
  const onHead = base.pullRequest !== undefined
  return {
    status: 'succeeded',
    outcome: 'pull_request',
    message: onHead
      ? `Committed ${published.commitSha.slice(0, 7)} to pull request #${pullRequest.number}: ${title}`
      : `Opened ${pullRequest.draft ? 'draft ' : ''}pull request #${pullRequest.number}: ${title}`,
    pullRequestUrl: pullRequest.url,
    draft: pullRequest.draft,
    ...(onHead ? { text: body } : {}),
    notes: gate.reasons,
    keptDiff: diffOf(gate),
    models: work.outcome.totals.models,
  }
}

/** Access may have been taken away while the run was under way. */
async function requirePermission({ run }: RunContext, access: RepositoryAccess): Promise<void> {
  const { trigger, requester } = run.request
  if (trigger === 'code') return
  if (mayWrite(await permissionOf(access.octokit, access.repository, requester.login))) return
  throw new BackspaceError(
    'not_permitted',
    `@${requester.login} has no write access to ${access.repository.owner}/${access.repository.name} any more, so nothing was published.`,
  )
}

/** The pull request shows its difference to where the run started; whether it still merges is for GitHub to say. */
async function baseMoved({ octokit, repository }: RepositoryAccess, base: Base): Promise<string[]> {
  if (base.pullRequest) return []
  const tip = await getBranch(octokit, { repository, branch: base.branch })
  if (tip === undefined) {
    throw new BackspaceError(
      'base_not_found',
      `Branch \`${base.branch}\` was deleted meanwhile, so there is nothing to open a pull request against.`,
    )
  }
  if (tip === base.sha) return []
  return [`\`${base.branch}\` got new commits while this was made; it starts from ${base.sha.slice(0, 7)}.`]
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
