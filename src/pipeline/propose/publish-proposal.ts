import type { RepositoryAccess } from '../../github/github-access.ts'
import { editPullRequest } from '../../github/pull-requests.ts'
import type { Redact } from '../../secrets/redact.ts'
import { counted } from '../../text/amounts.ts'
import { checkEnding } from '../../text/check-ending.ts'
import { maskSafe, type SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { inTurns } from '../../time/pieces.ts'
import type { Attempt } from '../attempt.ts'
import type { KeptConventions } from '../conventions/read-conventions.ts'
import { type StartingPoint, withPullRequest } from '../find-start.ts'
import type { Journal } from '../journal.ts'
import { commitMessage } from '../publish/commit.ts'
import { branchName } from '../publish/new-branch.ts'
import type { PublishPlan, PublishPlans } from '../publish/publish-plan.ts'
import type { Publisher } from '../publish/publisher.ts'
import { requirePublishable } from '../publish/require-publishable.ts'
import type { RunReport } from '../run-report.ts'
import type { OpenProposal } from './open-proposal.ts'
import { changedFileOf, type OwnFile } from './own-file.ts'
import { type ProposalFacts, proposalBody, proposalTitle, triedText } from './proposal-text.ts'
import type { Proposal } from './propose-lists.ts'

export interface PublishingParts {
  readonly publisher: Pick<Publisher, 'carryOut'>
  readonly plans: Pick<PublishPlans, 'store' | 'all'>
  readonly links: { readonly webUrl: string; readonly runUrl: string | undefined }
  readonly redact: Redact
}

interface Parts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'record'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  readonly conventions: Pick<KeptConventions, 'known'>
  readonly publishing: PublishingParts
}

/** Publishes a proposed file, as a new pull request or as a commit on the open one. */
type PublishProposal = (
  start: StartingPoint,
  proposed: {
    readonly proposal: Proposal
    readonly facts: ProposalFacts
    readonly own: OwnFile | undefined
    /** Text of the file. */
    readonly text: string
    /** The open proposal to update, if there is one. */
    readonly onto: OpenProposal | undefined
  },
) => Promise<RunReport>

export function createPublishProposal({ attempt, journal, conventions, publishing }: Parts): PublishProposal {
  const { run, signal } = attempt
  const { publisher, plans, links, redact } = publishing

  /** Updates title and text of the open pull request, which described an earlier commit. */
  async function describeAgain(
    { repository, mintToken }: RepositoryAccess,
    said: { readonly number: number; readonly title: string; readonly body: SafeMarkdown },
  ): Promise<void> {
    try {
      await using minted = await mintToken('write')
      await editPullRequest(minted.octokit, { repository, ...said })
    } catch {
      signal.throwIfAborted()
      journal.notice('warning', `The text of pull request #${said.number} could not be brought up to date.`)
    }
  }

  return async ({ access, base: tried }, { proposal, facts, own, text, onto }) => {
    const base = onto?.target ? withPullRequest(tried, onto.target) : tried
    const file = changedFileOf(own, text)
    await journal.step('collect', `Writing ${file.path}`, async () => {
      const { path, status, additions, deletions, diff } = file
      journal.emit({ type: 'changes.collected', files: [{ path, status, additions, deletions }], diff })
      return { value: undefined, message: `Wrote ${path}: ${counted(additions, 'line')}` }
    })
    const moved = await requirePublishable(access, { run, base })
    const style = conventions.known()
    const title = proposalTitle(file.path, own !== undefined, style.title)
    const { results, passed } = countOf(proposal)
    const draft = passed === 0
    const body = proposalBody(
      { ...facts, missing: [...facts.missing, ...moved] },
      { run, runUrl: links.runUrl, isCorrection: own !== undefined, without: proposal.without },
    )
    const plan: PublishPlan = {
      title,
      body: await inTurns(maskSafe(body, redact)),
      message: commitMessage({ run, title, webUrl: links.webUrl }),
      branch: onto?.pullRequest.head.ref ?? branchName(run, title, style.prefix),
      draft,
      notes: draft ? ['No check passed, so the pull request is a draft.'] : [],
      withheldDiff: '',
      models: [],
      verdict: {
        conclusion: passed > 0 && passed === results ? 'success' : 'neutral',
        title: `${passed} of ${counted(results, 'check')} passed`,
        summary: await inTurns(maskSafe(triedText(facts), redact)),
      },
    }
    const reasons = ['The host wrote the file itself.']
    await attempt.record({
      kind: 'gate.passed',
      facts: { files: 1, withheld: 0, protected: 0, draft, reasons },
    })
    await plans.store(plan)
    const published = await publisher.carryOut(access, {
      base,
      plan,
      change: { kind: 'files', files: [file], tree: undefined },
    })
    if (onto) await describeAgain(access, { number: onto.pullRequest.number, title, body: plan.body })
    return published
  }
}

function countOf({ commands }: Proposal): { readonly results: number; readonly passed: number } {
  const results = commands.checks.flatMap(({ result }) => result ?? [])
  return { results: results.length, passed: results.filter((one) => checkEnding(one) === 'passed').length }
}
