import type { CheckResult } from '../../checks/run-checks.ts'
import { BackspaceError } from '../../errors.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getPullRequest, type PullRequest, requireOpen } from '../../github/pull-requests.ts'
import { checksText } from '../../runs/summary/sentences.ts'
import { verdictOf } from '../../runs/summary/verdict.ts'
import type { Redact } from '../../secrets/redact.ts'
import { joinSafe } from '../../text/markdown/safe-markdown.ts'
import { inTurns } from '../../time/pieces.ts'
import type { Attempt } from '../attempt.ts'
import { checksStatus } from '../checks/baseline.ts'
import type { CompareInThread } from '../collect/create-comparison.ts'
import type { Journal } from '../journal.ts'
import type { IssueReceipt } from '../publish/issue-receipt.ts'
import { type PullRequests, withReceipt } from '../publish/pull-request.ts'
import type { RunReport } from '../run-report.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { commitVerdict } from '../texts/checks-table.ts'
import { verdictHeadline } from '../texts/verification-text.ts'
import { type BasePart, checkBase } from '../verify/check-base.ts'
import type { DraftReceiptOf } from '../verify/draft-receipts.ts'
import { changeKey } from '../verify/kept-parts.ts'
import { inRoom, type VerifiedBase } from '../verify/open-room.ts'
import type { RoomsOfRun } from '../verify/rooms-of-run.ts'
import { type ProvedChange, readProvedChange } from './read-proved-change.ts'

/**
 * Verifies an open pull request as it is, no matter who wrote it and without a model. The result is a check run on its
 * head and a report in the thread; nothing is published.
 *
 * @throws {BackspaceError} `bad_request` when the run is not about a pull request; `conflict` when it is closed;
 * `change_too_large` …
 */
export type Prove = (access: RepositoryAccess) => Promise<RunReport>

/** Name of the check run. Pull requests that Backspace opened have another check run as well. */
const CHECK_RUN_NAME = 'Backspace proof'

interface ProveParts {
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs' | 'saveProgress'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  readonly rooms: RoomsOfRun
  readonly reporting: Reporting
  readonly compareInThread: CompareInThread | undefined
}

interface Reporting {
  readonly pullRequests: Pick<PullRequests, 'reportChecks'>
  readonly draftReceiptOf: DraftReceiptOf
  readonly issueReceipt: IssueReceipt
  readonly redact: Redact
}

export function createProve(parts: ProveParts): Prove {
  const { attempt, journal, rooms, reporting, compareInThread } = parts
  const { pullRequests, draftReceiptOf, issueReceipt, redact } = reporting
  const { run, signal, leftMs } = attempt

  function read(access: RepositoryAccess, pullRequest: PullRequest): Promise<ProvedChange> {
    const { number, head } = pullRequest
    return journal.step('collect', `Reading pull request #${number}`, async () => {
      const value = await readProvedChange(access, pullRequest, { signal, compareInThread })
      const files = value.files.map(({ path, status, additions, deletions }) => {
        return { path, status, additions, deletions }
      })
      journal.emit({ type: 'changes.collected', files, diff: value.diff })
      const count = files.length === 1 ? '1 file' : `${files.length} files`
      return { value, message: `Read pull request #${number} at ${head.sha.slice(0, 7)}: ${count} changed` }
    })
  }

  /** The step `baseline`, in a clean sandbox. The base commit decides which checks run. */
  function checkWithout(from: VerifiedBase): Promise<ProvedBase> {
    const { readReport } = rooms.names
    const onWait = (message: string) => journal.notice('info', message)
    const request = { name: 'base', from, files: [], reached: [], signal, leftMs, onWait } as const
    return journal.step('baseline', 'Running the checks without the change', async () => {
      const value = await rooms.kept.once(changeKey(from.base.sha, []), 'base_checks', () =>
        inRoom(rooms.openRoom, request, async (room): Promise<ProvedBase> => {
          const part = await checkBase(room, { readReport, signal, leftMs })
          const baseline = part.checks.map(({ result }) => result)
          return { ...part, project: { ...room.project, baseline } }
        }),
      )
      const { baseline } = value.project
      journal.emit({ type: 'checks.finished', phase: 'before', results: baseline })
      return { value, message: checksText(baseline), status: checksStatus(baseline) }
    })
  }

  return async (access) => {
    const pullRequest = await openPullRequest(access, run.request.thread)
    const { head, number } = pullRequest
    const { from, files } = await read(access, pullRequest)
    await attempt.saveProgress({ baseSha: from.base.sha, provedSha: head.sha })
    const { project, ...atBase } = await checkWithout(from)
    const change = { from, files, mode: 'full', project, atBase, elsewhere: NONE } as const
    const verified = await rooms.verifier.verify(change, async (found) => found)
    const { verification, after, before } = verified
    const { owner, name } = access.repository
    const facts = {
      checksBefore: before.length > 0 ? before : project.baseline,
      checksAfter: after,
      verification,
      files,
      draft: false,
      noModel: false,
      repository: `${owner}/${name}`,
      redact,
    }
    const verdict = await inTurns(commitVerdict(facts))
    const draft = await draftReceiptOf({ from, files, verified, models: [] })
    const about = { draft, branch: head.ref, commit: head.sha, pullRequest: number }
    const receipt = await issueReceipt(access, about)
    await pullRequests.reportChecks(access, { sha: head.sha, verdict, receipt, name: CHECK_RUN_NAME })
    return {
      status: 'succeeded',
      outcome: 'proof',
      message: verdictOf(verification).line,
      report: withReceipt(joinSafe([verdictHeadline(verification), verdict.summary], '\n\n'), receipt),
      models: [],
    }
  }
}

const NONE: readonly CheckResult[] = []

/** Results of the checks without the change. Stored as JSON. */
interface ProvedBase extends BasePart {
  readonly project: ProjectFacts
}

async function openPullRequest(
  { octokit, repository }: RepositoryAccess,
  thread: Attempt['run']['request']['thread'],
): Promise<PullRequest> {
  if (thread?.kind !== 'pull_request') {
    throw new BackspaceError(
      'bad_request',
      'Only a pull request can be proved. Ask on the pull request itself.',
    )
  }
  const pullRequest = await getPullRequest(octokit, { repository, number: thread.number })
  requireOpen(pullRequest, 'prove')
  return pullRequest
}
