import type { VerifyReport } from '../../agent/agent.ts'
import { checkReport } from '../../checks/compare-checks.ts'
import { diffGuard } from '../../checks/diff-guard.ts'
import type { GuardFinding } from '../../checks/guard/guarded-change.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import type { SecretAllowList } from '../../checks/secret-allow-list.ts'
import { knownError } from '../../errors.ts'
import type { TreeListing } from '../../github/commits.ts'
import { checksText } from '../../runs/summary/sentences.ts'
import { inTurns } from '../../time/pieces.ts'
import type { Attempt } from '../attempt.ts'
import { checksStatus } from '../checks/baseline.ts'
import { createCheckChanges } from '../checks/check-changes.ts'
import { type CollectedChanges, collectChanges } from '../collect/collect-changes.ts'
import type { CompareInThread } from '../collect/create-comparison.ts'
import type { Journal } from '../journal.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import { addDifferences } from '../verify/add-differences.ts'
import type { CleanRooms } from '../verify/clean-rooms.ts'
import type { Verified } from '../verify/verify-change.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type GateReport, gateChanges } from './gate-changes.ts'
import { windowsProblems } from './reasons.ts'
import { createSecretSearch, type SearchInThread } from './search-bytes.ts'
import { type ReviewedChanges, reviewSecrets } from './secret-review.ts'
import { readSteering, type SteerInThread } from './steering.ts'

/** The host's look at the workspace: for the agent before it ends, and for publishing after it has. */
export interface ChangeReview {
  /** The step `collect`: reads what the agent changed, and searches it for secrets. */
  collect(): Promise<ReviewedChanges>
  /** The step `checks`: runs the checks, or repeats what they said about exactly these changes. */
  check(changes: ReviewedChanges): Promise<readonly CheckResult[]>
  /** The step `verify`: verifies what the gate lets through. Undefined if verification is off. */
  readonly verifyCommit: ((changes: ReviewedChanges, gate: GateReport) => Promise<Verified>) | undefined
  /**
   * The step `gate`: decides what may be published.
   *
   * @throws {BackspaceError} `publish_blocked`, `secret_found`, `change_too_large`
   */
  gate(changes: ReviewedChanges): Promise<GateReport>
  /** For the agent, without a step: would this pass? */
  verify(): Promise<VerifyReport>
  /** For the agent, without a step: is there anything to publish? */
  hasChanged(): Promise<boolean>
}

interface ChangeReviewParts {
  readonly baseTree: TreeListing
  readonly attempt: Pick<Attempt, 'run' | 'signal' | 'leftMs'>
  readonly journal: Pick<Journal, 'step' | 'emit' | 'notice'>
  /** Credentials of this process, and tokens minted for this run. */
  readonly secrets: () => readonly string[]
  /** What the repository says is no secret. */
  readonly readAllowList: () => Promise<SecretAllowList>
  /** Brings services back that the checks need. */
  readonly wakeServices: () => Promise<void>
  /** The largest file that may be published; default: 10 MiB. */
  readonly fileBytes?: number | undefined
  /** Verifies files in sandboxes that the agent never entered; undefined if verification is off. */
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
    cleanRooms,
    fileBytes,
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
  /** Whether the agent's last claim to be done was the moment of a look at everything. */
  let lookedAtEnd = false
  /** An agent that has verified its change ends with it: the same files are neither searched nor read again. */
  let latest: { readonly state: string; readonly changes: ReviewedChanges } | undefined
  async function read(): Promise<ReviewedChanges> {
    const known = baseTree.truncated ? undefined : baseFiles
    const { compareInThread } = inThread
    const options = { signal, baseFiles: known, fileBytes, compareInThread, last }
    const changes = await collectChanges(workspace, options)
    last = changes
    const knownSecrets = secrets()
    const state = stateOf(changes, knownSecrets.length)
    if (latest?.state === state) return latest.changes
    const search = createSecretSearch(inThread.searchInThread)
    const reviewed = await reviewSecrets(changes, { knownSecrets, basePaths, readAllowList, search })
    // What could not be searched or asked may go better the next time.
    const isClean = reviewed.leaks.size === 0 && reviewed.problems.length === 0
    latest = isClean ? { state, changes: reviewed } : undefined
    return reviewed
  }
  async function judge(changes: ReviewedChanges): Promise<GateReport> {
    await readSteering(changes.files, inThread.steerInThread)
    const gated = gateChanges({
      changes,
      baseTree: basePaths,
      baseTreeComplete: !baseTree.truncated,
      tainted: run.request.tainted,
      fileBytes,
    })
    return await inTurns(gated)
  }

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
        return { value, message: `${filesText(files.length)} changed` }
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
        const status = report.publish.length === 0 ? 'failed' : 'ok'
        return { value: report, message: gateText(report, opensPullRequest), status }
      }),
    verifyCommit:
      cleanRooms &&
      (async (changes, { publish, withheld }) => {
        const elsewhere = checkChanges.known(changes) ?? []
        return await cleanRooms.verify(publish, elsewhere, (verified) =>
          addDifferences(verified, { workspace, elsewhere, withheld, signal }),
        )
      }),
    async hasChanged() {
      try {
        return (await read()).files.length > 0
      } catch (error) {
        // What cannot be collected is a change; `verify` says what is wrong with it.
        if (!knownError(error) || signal.aborted) throw error
        return true
      }
    },
    async verify() {
      try {
        lookedAtEnd = workspace.watch?.known() === undefined
        const changes = await read()
        const { publish, withheld, unfit } = await judge(changes)
        await wakeServices()
        const after = await checkChanges.run(changes)
        const warnings = [
          ...secretsToRemove(changes),
          ...renamesNeeded(withheld),
          ...unfit.slice(0, MOST_WARNINGS).map((clause) => `${clause}: the file is left out.`),
          ...changes.notices,
          ...forAgent(await diffGuard(changes.files)),
        ]
        const { ok, report } = checkReport({ before: project.baseline, after, warnings })
        if (ok && publish.length > 0) cleanRooms?.begin(publish, after)
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

/** Secrets are only added while a run goes on. */
function stateOf({ files, diff, notices, leftOut }: CollectedChanges, secrets: number): string {
  const ids = files.map(({ path, previousPath = '', mode, sha }) => [path, previousPath, mode, sha])
  return JSON.stringify([secrets, ids, notices, leftOut, diff])
}

const MOST_WARNINGS = 20

function secretsToRemove({ leaks }: ReviewedChanges): readonly string[] {
  const findings = [...leaks.values()].flatMap((leak) => leak.findings)
  return findings
    .slice(0, MOST_WARNINGS)
    .map(
      (finding) =>
        `${finding}: the file is left out, since a secret must not be published. Read the value from the environment, or use one that is plainly an example.`,
    )
}

function renamesNeeded(withheld: GateReport['withheld']): readonly string[] {
  return windowsProblems(withheld).map(
    (problem) => `${problem}: a clone on Windows would fail, so the file is left out. Rename it.`,
  )
}

/** `Safety gate passed (3 files, 1 file withheld, opened as a draft)`. */
function gateText(
  { publish, withheld, protectedPaths, draft }: GateReport,
  opensPullRequest: boolean,
): string {
  const left = withheld.length === 0 ? [] : [`${filesText(withheld.length)} withheld`]
  if (publish.length === 0) return `No file may be published (${left.join('')})`
  const facts = [filesText(publish.length), ...left]
  if (protectedPaths.length > 0) facts.push(`${protectedPaths.length} protected`)
  if (draft && opensPullRequest) facts.push('opened as a draft')
  return `Safety gate passed (${facts.join(', ')})`
}

function filesText(count: number): string {
  return count === 1 ? '1 file' : `${count} files`
}
