import { areConclusive, compareChecks, explainCauses } from '../../checks/compare-checks.ts'
import { diffGuard } from '../../checks/diff-guard.ts'
import { knownError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Run } from '../../runs/run.ts'
import { verdictOf } from '../../runs/summary/verdict.ts'
import type { AgentWork } from '../agent/run-agent.ts'
import type { Attempt, ReachRepository } from '../attempt.ts'
import type { ChangeReview } from '../gate/change-review.ts'
import { type GateReport, isOnlyWorkflows } from '../gate/gate-changes.ts'
import { listed } from '../gate/reasons.ts'
import type { ReviewedChanges } from '../gate/secret-review.ts'
import type { MergeChange } from '../merge/merge-change.ts'
import { mergeSummary, mergeTitle } from '../merge/merge-text.ts'
import { keptDiffOf, type RunReport } from '../run-report.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Base } from '../workspace/workspace.ts'
import { type Deliver, type Delivered, exactError } from './delivery.ts'
import type { Publication, PublishPlans } from './publish-plan.ts'
import { withReceipt } from './pull-request.ts'
import { findOnHead } from './pull-request-branch.ts'
import { requirePublishable } from './require-publishable.ts'
import { settleFindings } from './settle-findings.ts'
import type { StoreLargeFiles } from './store-large-files.ts'
import type { WritePlan } from './write-plan.ts'

/** Publishes changes on GitHub. */
export interface Publisher {
  /** Takes a change in a sandbox through gate and verification to a commit, a branch and a pull request. */
  publish(change: ReviewedChanges, facts: ChangeFacts): Promise<RunReport>
  /**
   * Finishes what an earlier attempt began to publish. Its commit exists, so neither a sandbox nor the agent is needed,
   * and the pull request says what was decided then.
   *
   * @returns undefined when no commit was made, or when it no longer fits onto the pull request's branch.
   */
  resume(access: RepositoryAccess, base: Base): Promise<RunReport | undefined>
  /** Publishes by a stored plan. Only for a file that the host itself wrote, or a change that has passed the gate. */
  carryOut(access: RepositoryAccess, publication: Publication): Promise<RunReport>
}

/** What is known about a change. */
export interface ChangeFacts {
  readonly base: Base
  readonly project: ProjectFacts
  /** Sentences on what the repository asked for and did not get. */
  readonly unmet: readonly string[]
  readonly review: Pick<ChangeReview, 'check' | 'gate' | 'verifyCommit' | 'merge'>
  readonly work: AgentWork
}

interface PublisherParts {
  readonly run: Run
  readonly record: Attempt['record']
  readonly reachRepository: ReachRepository
  readonly plans: PublishPlans
  readonly writePlan: WritePlan
  readonly storeLargeFiles: StoreLargeFiles
  readonly deliver: Deliver
}

export function createPublisher(parts: PublisherParts): Publisher {
  const { run, record, reachRepository, plans, writePlan, storeLargeFiles, deliver } = parts

  async function carryOut(access: RepositoryAccess, publication: Publication): Promise<RunReport> {
    try {
      return reportOf(await deliver(access, publication), publication.base)
    } catch (error) {
      throw await exactError(error, reachRepository)
    }
  }

  return {
    carryOut,
    async publish(changes, { base, project, unmet, review, work: done }) {
      const { merge } = review
      const unverified = review.verifyCommit ? undefined : await review.check(changes)
      const gated = async () => storeLargeFiles(await review.gate(changes), base.sha)
      const gate = await recordGate(gated, record)
      if (gate.publish.length === 0 && !merge) return nothingToPublish(gate, done)
      const left = merge?.asBegun(gate.publish) ?? []
      const work = merge ? sayMerged(done, { base, merge, left: left.length }) : done
      const files = merge ? merge.wholeChange(gate.publish) : gate.publish
      const verified = await review.verifyCommit?.(changes, gate)
      const after = verified?.after ?? unverified ?? []

      // Looked up again, since the repository may have been renamed, archived or closed to Backspace while the agent worked.
      const access = await reachRepository()
      const moved = await requirePublishable(access, { run, base })
      const found = await (merge ? merge.guard(gate.publish) : diffGuard(gate.publish))
      const { reasons, notes: remarks } = settleFindings(found, verified)
      const before = verified && verified.before.length > 0 ? verified.before : project.baseline
      const compared = compareChecks(before, after)
      const causes = explainCauses(compared)
      const setup = project.setupFailed ? [project.setup] : []
      const verification = verified?.verification
      const verdict = verification && verdictOf(verification)
      const warnings = [...setup, ...unmet, ...causes, ...moved, ...changes.notices, ...reasons, ...remarks]
      const isConclusive = verdict ? verdict.draft.length === 0 : areConclusive(compared)
      const isSound = reasons.length === 0 && isConclusive
      const unproved = isConclusive ? [] : (verdict?.draft ?? causes)
      const notes = [...unproved, ...suspicionNote(reasons)]
      const checks = { before, after }
      const merged = merge && mergeSummary(base, merge.prepared, left)
      const findings = { gate, merged, files, checks, verified, warnings, notes, isSound }
      const plan = await writePlan({ access, base, work, findings, project })
      await plans.store(plan)
      const tree = verification?.tree || undefined
      const known = merge?.prepared.known
      return carryOut(access, { base, plan, change: { kind: 'files', files, tree, known } })
    },
    async resume(access, base) {
      if (run.attempt <= 1) return undefined
      const stored = (await plans.all()).find(({ commitSha }) => commitSha !== undefined)
      if (stored?.commitSha === undefined) return undefined
      if (!(await stillFits(access, { runId: run.id, base }))) return undefined
      await requirePublishable(access, { run, base })
      return carryOut(access, { base, plan: stored.plan, change: { kind: 'commit', sha: stored.commitSha } })
    },
  }
}

/** A sentence for the thread on why a change that passes its checks is still a draft. */
function suspicionNote(reasons: readonly string[]): readonly string[] {
  return reasons.length === 0 ? [] : [`Draft, because ${listed(reasons, 5)}.`]
}

/** Runs the gate and records in the audit log what it decided, and by which rules. */
async function recordGate(gate: () => Promise<GateReport>, record: Attempt['record']): Promise<GateReport> {
  const report = await gate().catch(async (error: unknown) => {
    const known = knownError(error)
    if (known) {
      await record({ kind: 'gate.refused', facts: { code: known.code, reasons: [known.userMessage] } })
    }
    throw error
  })
  const { publish, withheld, protectedPaths, draft, reasons, remarks } = report
  const facts = {
    files: publish.length,
    withheld: withheld.length,
    protected: protectedPaths.length,
    draft,
    reasons: [...reasons, ...remarks],
  }
  await record({ kind: 'gate.passed', facts })
  return report
}

function reportOf({ published, pullRequest, plan, receipt }: Delivered, base: Base): RunReport {
  const { number, url, draft } = pullRequest
  const common = {
    status: 'succeeded',
    outcome: 'pull_request',
    pullRequestUrl: url,
    draft,
    notes: plan.notes,
    keptDiff: plan.withheldDiff,
    models: plan.models,
  } as const
  if (base.pullRequest) {
    const message = `Committed ${published.commitSha.slice(0, 7)} to pull request #${number}: ${plan.title}`
    return { ...common, message, report: withReceipt(plan.body, receipt) }
  }
  return { ...common, message: `Opened ${draft ? 'draft ' : ''}pull request #${number}: ${plan.title}` }
}

/** Replaces the agent's title and summary of a merge by the host's. */
function sayMerged(
  work: AgentWork,
  { base, merge, left }: { readonly base: Base; readonly merge: MergeChange; readonly left: number },
): AgentWork {
  const { outcome } = work
  const kind = outcome.kind === 'no_change' ? 'done' : outcome.kind
  return { ...work, outcome: { ...outcome, kind, title: mergeTitle(base, merge.prepared, left) } }
}

function nothingToPublish(gate: GateReport, { outcome }: AgentWork): RunReport {
  const message = isOnlyWorkflows(gate.withheld)
    ? 'The whole change is in workflow files, which Backspace never publishes. Apply the diff by hand.'
    : 'Backspace may not publish any of the changed files. Apply the diff by hand.'
  return {
    status: 'succeeded',
    outcome: 'answer',
    message,
    text: `${message}\n\n${outcome.summary}`,
    notes: gate.reasons,
    keptDiff: keptDiffOf(gate.withheld),
    pullRequestUrl: null,
    models: outcome.totals.models,
  }
}

/** Whether the commit still fits: always on a new branch, but a pull request's branch may have moved since. */
async function stillFits(
  { octokit, repository }: RepositoryAccess,
  { runId, base }: { readonly runId: string; readonly base: Base },
): Promise<boolean> {
  if (!base.pullRequest) return true
  const start = base.merge?.headSha ?? base.sha
  if ((await getBranch(octokit, { repository, branch: base.branch })) === start) return true
  return (await findOnHead({ octokit, repository }, { runId, base })) !== undefined
}
