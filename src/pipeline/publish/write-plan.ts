import type { CheckResult } from '../../checks/run-checks.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { Run } from '../../runs/run.ts'
import type { RunEvent, RunTotals } from '../../runs/run-event.ts'
import type { Redact } from '../../secrets/redact.ts'
import { inTurns } from '../../time/pieces.ts'
import type { AgentWork } from '../agent/run-agent.ts'
import type { Conventions, KeptConventions } from '../conventions/read-conventions.ts'
import type { GateReport } from '../gate/gate-changes.ts'
import { keptDiffOf } from '../run-report.ts'
import { refusedIn } from '../sandbox/name-refused-hosts.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { commitVerdict } from '../texts/checks-table.ts'
import { linkHostsOf } from '../texts/link-hosts.ts'
import { pullRequestText } from '../texts/pull-request-text.ts'
import type { DraftReceiptOf } from '../verify/draft-receipts.ts'
import type { Verified } from '../verify/verify-change.ts'
import type { Base } from '../workspace/workspace.ts'
import { commitMessage } from './commit.ts'
import { branchName } from './new-branch.ts'
import { type HasOpened, offerSettings } from './offer-settings.ts'
import type { PublishPlan, PublishPlans } from './publish-plan.ts'

/** The facts for a plan: the agent's account of its work, and the host's findings about the change. */
interface PlanFacts {
  readonly access: RepositoryAccess
  readonly base: Base
  readonly work: AgentWork
  readonly findings: Findings
  /** The project at the base commit. */
  readonly project: Pick<ProjectFacts, 'repository'>
}

interface Findings {
  readonly gate: GateReport
  /** A sentence on what was merged; undefined when the run did not merge. */
  readonly merged?: string | undefined
  /** The published files, as a change of the base commit. */
  readonly files: GateReport['publish']
  readonly checks: { readonly before: readonly CheckResult[]; readonly after: readonly CheckResult[] }
  /** Undefined when verification is off. */
  readonly verified: Verified | undefined
  /** Sentences for the reviewer. */
  readonly warnings: readonly string[]
  /** Sentences for the thread on why the checks cannot show whether the change is sound. */
  readonly notes: readonly string[]
  /** False when a check newly fails, or something in the change looks wrong. */
  readonly isSound: boolean
}

export type WritePlan = (facts: PlanFacts) => Promise<PublishPlan>

interface WritePlanParts {
  readonly run: Run
  readonly plans: Pick<PublishPlans, 'all'>
  readonly totals: () => Promise<RunTotals>
  /** All events of the run so far. */
  readonly events: () => Promise<readonly RunEvent[]>
  readonly redact: Redact
  readonly draftReceiptOf: DraftReceiptOf
  readonly links: PublishLinks
  /** Undefined when pull requests do not offer a settings file. */
  readonly hasOpened: HasOpened | undefined
  readonly conventions: Pick<KeptConventions, 'known'>
}

export interface PublishLinks {
  readonly runUrl: string | undefined
  /** `https://github.com`, or the address of the GitHub Enterprise Server. */
  readonly webUrl: string
  /** Hosts that a model's text may link to, as set by the operator. */
  readonly linkHosts?: readonly string[] | undefined
}

/** Writes every text of a publication: title, body, commit message, branch name, verdict. */
export function createWritePlan(parts: WritePlanParts): WritePlan {
  const { run, plans, totals, events, redact, draftReceiptOf, links, hasOpened, conventions } = parts

  /** The branch that an earlier attempt chose, else a new name. A run has one branch, even if its title changes. */
  async function branchOf(title: string): Promise<string> {
    const [earlier] = await plans.all()
    return earlier?.plan.branch ?? branchName(run, title, conventions.known().prefix)
  }

  return async ({ access, base, work, findings, project }) => {
    const { gate, files, checks, verified, warnings, isSound } = findings
    const verification = verified?.verification
    const { runUrl, webUrl } = links
    const { outcome, whyNoModel } = work
    const { owner, name, homepage } = access.repository
    // A merge without conflicts is finished, though no model was asked.
    const noModel = !base.merge && outcome.totals.models.every((model) => model === 'dummy')
    const isFinished = isSound && outcome.kind !== 'partial' && !noModel
    const draft = gate.draft || !isFinished || run.request.options.draft === true
    const checked = { checksBefore: checks.before, checksAfter: checks.after, verification }
    const repository = `${owner}/${name}`
    const used = await totals()
    const known = await events()
    const { hasSettings } = conventions.known()
    const offered = {
      repository: access.repository,
      base,
      hasSettings,
      project,
      events: known,
      after: checks.after,
    }
    const text = pullRequestText({
      ...checked,
      run,
      runUrl,
      place: base.pullRequest ? 'comment' : 'pull_request',
      repository,
      outcome,
      whyNoModel,
      merged: findings.merged,
      totals: used,
      gate,
      offer: hasOpened && (await offerSettings(offered, hasOpened)),
      warnings: [...warnings, ...refusedIn(known)],
      credential: access.credential,
      linkHosts: linkHostsOf(run.request, { operator: links.linkHosts, homepage }),
      // The body of the pull request was written by a person, so no template is filled in for a new commit.
      conventions: base.pullRequest ? { ...conventions.known(), template: undefined } : conventions.known(),
      redact,
    })
    const { title, body } = await inTurns(text)
    return {
      title,
      body,
      message: commitMessage({
        run,
        title,
        webUrl,
        noModel,
        assistedBy: assistedBy(conventions.known(), outcome.totals.models),
      }),
      branch: await branchOf(title),
      draft,
      notes: [...(noModel ? [noModelNote(whyNoModel)] : []), ...gate.reasons, ...findings.notes],
      withheldDiff: await inTurns(redact.inPieces(keptDiffOf(gate.withheld))),
      models: outcome.totals.models,
      noModel,
      receipt: await draftReceiptOf({
        from: { access, base },
        files,
        verified,
        models: outcome.totals.models,
        agents: used.agents,
      }),
      verdict: await inTurns(
        commitVerdict({
          ...checked,
          files: gate.publish,
          draft,
          noModel,
          agents: used.agents,
          repository,
          redact,
        }),
      ),
    }
  }
}

/** The trailer on the use of models that the repository asks for; undefined if it asks for none. */
function assistedBy({ policy }: Pick<Conventions, 'policy'>, models: readonly string[]): string | undefined {
  const used = models.filter((model) => model !== 'dummy')
  return policy?.trailer === undefined || used.length === 0
    ? undefined
    : `${policy.trailer}: ${used.map((model) => model.replace(/[^\w.:/@-]/g, '')).join(', ')}`
}

function noModelNote(whyNoModel: readonly string[]): string {
  const reasons = whyNoModel.map((reason) => reason.trim().replace(/\.$/, ''))
  return `No AI model was used: ${reasons.join('; ') || 'none is configured'}.`
}
