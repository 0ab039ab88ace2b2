import type { VerifyReport } from '../../agent/agent.ts'
import { checkReport } from '../../checks/compare-checks.ts'
import { diffGuard } from '../../checks/diff-guard.ts'
import type { GuardFinding } from '../../checks/guard/change/guarded-change.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { SecretAllowList } from '../../checks/secret-allow-list.ts'
import { knownError } from '../../errors.ts'
import type { TreeListing } from '../../github/commits.ts'
import type { PushRules } from '../../github/push-rules.ts'
import { checksText } from '../../runs/summary/sentences.ts'
import { counted } from '../../text/amounts.ts'
import { inTurns } from '../../time/pieces.ts'
import type { Attempt } from '../attempt.ts'
import { checksStatus } from '../checks/baseline.ts'
import { createCheckChanges } from '../checks/check-changes.ts'
import { type CollectedChanges, collectChanges } from '../collect/collect-changes.ts'
import type { CompareInThread } from '../collect/create-comparison.ts'
import type { Journal } from '../journal.ts'
import { type MergeChange, requireWhole } from '../merge/merge-change.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { addDifferences } from '../verify/add-differences.ts'
import type { CleanRooms } from '../verify/clean-rooms.ts'
import type { Verified } from '../verify/verify-change.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { createCheckLeftovers } from './check-leftovers.ts'
import { type GateReport, gateChanges } from './gate-changes.ts'
import { leftOutWarnings } from './left-out-warnings.ts'
import { createSecretSearch, type SearchInThread } from './search-bytes.ts'
import { type ReviewedChanges, reviewSecrets } from './secret-review.ts'
import { readSteering, type SteerInThread } from './steering.ts'

/** The host's review of the workspace, used both by the agent's finish gate and for publishing. */
export interface ChangeReview {
  /** The step `collect`: reads what the agent changed, and searches it for secrets. */
  collect(): Promise<ReviewedChanges>
  /** Set when the run merges: judges the merge. */
  readonly merge: MergeChange | undefined
  /** The step `checks`: runs the checks, or reuses their earlier results for exactly these changes. */
  check(changes: ReviewedChanges): Promise<readonly CheckResult[]>
  /** The step `verify`: verifies the files that passed the gate. Undefined when verification is off. */
  readonly verifyCommit: ((changes: ReviewedChanges, gate: GateReport) => Promise<Verified>) | undefined
  /**
   * The step `gate`: decides what may be published.
   *
   * @throws {BackspaceError} `publish_blocked`, `secret_found`, `change_too_large`
   */
  gate(changes: ReviewedChanges): Promise<GateReport>
  /** For the agent's finish gate, without a step: would the change pass? */
  verify(): Promise<VerifyReport>
  /** For the agent's finish gate, without a step: is there anything to publish? */
  hasChanged(): Promise<boolean>
}

interface ChangeReviewParts {
  readonly baseTree: TreeListing
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  /** Credentials of this process, and tokens minted for this run. */
  readonly secrets: () => readonly string[]
  /** Reads the findings that the repository allows. */
  readonly readAllowList: () => Promise<SecretAllowList>
  /** Restarts services that the checks need. */
  readonly wakeServices: () => Promise<void>
  /** Bytes of the largest file that may be published (default: 10 MiB), and lines of a change (default: 20,000). */
  readonly sizes?: { readonly fileBytes?: number; readonly lines?: number | undefined } | undefined
  /** The repository's rules for pushes. Default: none. */
  readonly pushRules?: (() => PushRules | undefined) | undefined
  /** Set when the run merges; `baseTree` is then the tree of the merge. */
  readonly merge?: MergeChange | undefined
  /** Verifies files in sandboxes that the agent never entered; undefined when verification is off. */
  readonly cleanRooms?: CleanRooms | undefined
  readonly compareInThread?: CompareInThread | undefined
  readonly searchInThread?: SearchInThread | undefined
  readonly steerInThread?: SteerInThread | undefined
}

export function createChangeReview(
  workspace: Workspace,
  project: ProjectFacts,
  {
    baseTree,
    attempt,
    journal,
    secrets,
    readAllowList,
    wakeServices,
    merge,
    cleanRooms,
    sizes: { fileBytes, lines } = {},
    pushRules,
    ...inThread
  }: ChangeReviewParts,
): ChangeReview {
  const { signal, run } = attempt
  const { step, emit, notice } = journal
  const baseFiles = new Map<string, TreeListing['entries'][number]>()
  for (const entry of baseTree.entries) baseFiles.set(entry.path, entry)
  const checkChanges = createCheckChanges(workspace, project, attempt)
  const basePaths = new Set(baseFiles.keys())
  let last: CollectedChanges | undefined
  /** True when the agent's last claim to be done made the host examine the whole workspace. */
  let lookedAtEnd = false
  /** The last change without findings. Usually the agent ends with it, and then it need not be searched again. */
  let latest: { readonly state: string; readonly changes: ReviewedChanges } | undefined
  const leftovers = createCheckLeftovers(merge?.locks)
  async function look(): Promise<CollectedChanges> {
    const known = baseTree.truncated ? undefined : baseFiles
    const { compareInThread } = inThread
    last = await collectChanges(workspace, { signal, baseFiles: known, fileBytes, compareInThread, last })
    return last
  }
  /** Notes what the checks wrote, before the agent goes on. What cannot be collected here is refused later. */
  async function noteLeftovers(before: CollectedChanges): Promise<void> {
    const after = await look().catch((error: unknown) => {
      if (!knownError(error)) throw error
      return before
    })
    leftovers.note(before, after)
  }
  async function read(): Promise<ReviewedChanges> {
    const changes = leftovers.without(await look())
    const knownSecrets = secrets()
    const state = stateOf(changes, knownSecrets.length)
    if (latest?.state === state) return latest.changes
    const search = createSecretSearch(inThread.searchInThread)
    const reviewed = await reviewSecrets(changes, { knownSecrets, basePaths, readAllowList, search })
    // A search that took too long, or a failed request for the allow list, may succeed the next time.
    const isClean = reviewed.leaks.size === 0 && reviewed.problems.length === 0
    latest = isClean ? { state, changes: reviewed } : undefined
    return reviewed
  }
  async function judge(changes: ReviewedChanges): Promise<GateReport> {
    const { given, own } = merge?.split(changes.files) ?? { given: [], own: changes.files }
    await readSteering(own, inThread.steerInThread, merge?.sidesOf)
    const gated = gateChanges({
      changes: { ...changes, files: own },
      baseTree: basePaths,
      baseTreeComplete: !baseTree.truncated,
      tainted: run.request.tainted,
      fileBytes,
      lines,
      pushRules: pushRules?.(),
    })
    const report = await inTurns(gated)
    if (merge) requireWhole(report)
    return { ...report, publish: [...report.publish, ...given] }
  }

  const whole = (files: GateReport['publish']) => (merge ? merge.wholeChange(files) : files)

  return {
    async collect() {
      const changes = await step('collect', 'Collecting the changes', async () => {
        const isSeen = lookedAtEnd && workspace.watch?.known()?.touched.length === 0
        if (!isSeen) workspace.watch?.forget()
        const value = await read()
        const files = value.files.map(({ path, status, additions, deletions }) => {
          return { path: value.leaks.get(path)?.path ?? path, status, additions, deletions }
        })
        if (files.length === 0) return { value, message: 'No file was changed', status: 'skipped' }
        emit({ type: 'changes.collected', files, diff: value.diff })
        return { value, message: `${counted(files.length, 'file')} changed` }
      })
      for (const text of [...changes.notices, ...changes.problems]) notice('warning', text)
      return changes
    },
    check: (changes) =>
      step('checks', 'Running the checks on the change', async () => {
        await wakeServices()
        const results = await checkChanges.run(changes)
        emit({ type: 'checks.finished', phase: 'after', results })
        return { value: results, message: checksText(results), status: checksStatus(results) }
      }),
    gate: (changes) =>
      step('gate', 'Running the safety gate', async () => {
        const report = await judge(changes)
        const opensPullRequest = workspace.base.pullRequest === undefined
        const message = gateText(report, { opensPullRequest, isMerge: merge !== undefined })
        const status = report.publish.length === 0 && !merge ? 'failed' : 'ok'
        return { value: report, message, status }
      }),
    verifyCommit:
      cleanRooms &&
      (async (changes, { publish, withheld }) => {
        const elsewhere = checkChanges.known(changes) ?? []
        return await cleanRooms.verify(whole(publish), elsewhere, (verified) =>
          addDifferences(verified, { workspace, elsewhere, withheld, signal }),
        )
      }),
    merge,
    async hasChanged() {
      if (merge) return true
      try {
        return (await read()).files.length > 0
      } catch (error) {
        // Changes that cannot be collected are still changes; `verify` says what is wrong with them.
        if (!knownError(error) || signal.aborted) throw error
        return true
      }
    },
    async verify() {
      try {
        lookedAtEnd = workspace.watch?.known() === undefined
        const changes = await read()
        const { publish, notOnWindows, unfit } = await judge(changes)
        await wakeServices()
        const isKnown = checkChanges.known(changes) !== undefined
        const after = await checkChanges.run(changes)
        if (!isKnown && after.length > 0) await noteLeftovers(changes)
        const warnings = [
          ...leftOutWarnings({ leaks: changes.leaks, notOnWindows, unfit }),
          ...(merge?.warnings(changes.files) ?? []),
          ...forAgent(await (merge ? merge.guard(changes.files) : diffGuard(changes.files))),
        ]
        const { ok, report } = checkReport({ before: project.baseline, after, warnings })
        if (ok && (merge || publish.length > 0)) cleanRooms?.begin(whole(publish), after)
        return { ok, report, warnings, diff: changes.diff }
      } catch (error) {
        const known = knownError(error)
        if (!known || signal.aborted) throw error
        return { ok: false, refused: known.userMessage, report: '' }
      }
    },
  }
}

function forAgent(findings: readonly GuardFinding[]): readonly string[] {
  return findings.filter(({ isForReviewers }) => isForReviewers !== true).map(({ text }) => text)
}

/** Identifies a change for reuse. The number of secrets suffices, because a run only ever adds secrets. */
function stateOf({ files, diff, notices, leftOut }: CollectedChanges, secrets: number): string {
  const ids = files.map(({ path, previousPath = '', mode, sha }) => [path, previousPath, mode, sha])
  return JSON.stringify([secrets, ids, notices, leftOut, diff])
}

/** `Safety gate passed (3 files, 1 file withheld, opened as a draft)`. */
function gateText(
  { publish, withheld, protectedPaths, draft }: GateReport,
  { opensPullRequest, isMerge }: { readonly opensPullRequest: boolean; readonly isMerge: boolean },
): string {
  const left = withheld.length === 0 ? [] : [`${counted(withheld.length, 'file')} withheld`]
  if (publish.length === 0 && isMerge) return 'Safety gate passed (nothing but the merge)'
  if (publish.length === 0) return `No file may be published (${left.join('')})`
  const facts = [counted(publish.length, 'file'), ...left]
  if (protectedPaths.length > 0) facts.push(`${protectedPaths.length} protected`)
  if (draft && opensPullRequest) facts.push('opened as a draft')
  return `Safety gate passed (${facts.join(', ')})`
}
