import { BackspaceError } from '../errors.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { RunTotals } from '../runs/run-event.ts'
import type { Checkpoint } from '../runs/store/kept-work.ts'
import { SandboxError } from '../sandbox/sandbox.ts'
import { type AgentWork, finishedWork } from './agent/run-agent.ts'
import { type DescribeInThread, describePatch } from './checkpoint/patch.ts'
import type { StartingPoint } from './find-start.ts'
import type { ChangeReview } from './gate/change-review.ts'
import type { Journal } from './journal.ts'
import type { Publisher } from './publish/publisher.ts'
import type { GetReadySandbox, ReadySandbox } from './ready-sandbox.ts'
import { type RunReport, reportWithoutChange } from './run-report.ts'
import { isLost } from './sandbox/attempt-sandboxes.ts'
import { partialOutcome } from './usage.ts'

/** The steps that need a sandbox, from creating it to the pull request. */
export interface SandboxSteps {
  readonly readySandbox: GetReadySandbox
  /** The step `agent`. */
  readonly runAgent: (
    access: RepositoryAccess,
    ready: ReadySandbox,
    review: ChangeReview,
  ) => Promise<AgentWork>
  /** @param unverified a sentence for people on why nothing is verified. Default: the change is verified. */
  readonly reviewOf: (ready: ReadySandbox, start: StartingPoint, unverified?: string) => ChangeReview
  readonly publish: Publisher['publish']
}

/** Works in one sandbox, from the workspace to the pull request or the answer. */
export async function workInSandbox(start: StartingPoint, steps: SandboxSteps): Promise<RunReport> {
  const { base } = start
  const ready = await steps.readySandbox(start)
  const review = steps.reviewOf(ready, start)
  const work = finishedWork(ready.work) ?? (await steps.runAgent(start.access, ready, review))
  const { kind } = work.outcome
  if (!work.mayHaveChanged && kind !== 'blocked' && kind !== 'no_change') {
    return reportWithoutChange(work.outcome)
  }
  const changes = await review.collect()
  const { merge } = review
  // A merge without conflicts is published even when the agent says that nothing had to change.
  const isMerged =
    merge && (work.mayHaveChanged || (kind === 'no_change' && merge.prepared.conflicts.length === 0))
  if (changes.files.length + changes.leftOut.length === 0 && !isMerged) {
    return reportWithoutChange(work.outcome)
  }
  if (!work.mayHaveChanged && !isMerged) return reportWithoutChange(work.outcome, changes.diff)
  return steps.publish(changes, { base, project: ready.project, unmet: ready.repo.unmet, review, work })
}

/** The report of an agent that ended in an earlier attempt and changed nothing; undefined when there is work to do. */
export function earlierAnswer(checkpoint: Checkpoint | undefined): RunReport | undefined {
  const earlier = finishedWork(checkpoint?.work)
  return earlier && !earlier.mayHaveChanged ? reportWithoutChange(earlier.outcome) : undefined
}

interface LossParts {
  readonly signal: AbortSignal
  readonly journal: Pick<Journal, 'notice' | 'emit'>
  readonly loadCheckpoint: () => Promise<Checkpoint | undefined>
  /** Publishes the files of the last checkpoint; undefined when they cannot be restored. */
  readonly publishCheckpoint: () => Promise<RunReport | undefined>
  readonly describeInThread?: DescribeInThread | undefined
}

const DESCRIBE_MS = 10_000

/**
 * Replaces a lost sandbox once and continues the run from its last checkpoint, without repeating finished steps. When
 * the second sandbox is lost as well, the last checkpoint is published as unfinished.
 *
 * @throws {BackspaceError} `sandbox_lost` when nothing can be published; the run then shows the last checkpoint as a diff.
 */
export async function replaceLostSandbox(
  work: () => Promise<RunReport>,
  { signal, journal, loadCheckpoint, publishCheckpoint, describeInThread }: LossParts,
): Promise<RunReport> {
  try {
    return await work()
  } catch (error) {
    if (signal.aborted || !isLost(error)) throw error
    journal.notice('warning', `${describeLoss(error)} The run goes on from the last checkpoint.`)
  }
  try {
    return await work()
  } catch (error) {
    if (signal.aborted || !isLost(error)) throw error
    const patch = (await loadCheckpoint())?.patch ?? NOTHING
    let shown = ''
    if (patch.length > 0) {
      const loss =
        error.class === 'over_limit'
          ? `${error.message} It was the second sandbox.`
          : 'A second sandbox was lost.'
      journal.notice('warning', `${loss} The last checkpoint is published as it is.`)
      // If the sandbox that is to hold the files is lost as well, nothing is published.
      const published = await publishCheckpoint().catch((cause: unknown) => {
        if (signal.aborted || !(cause instanceof SandboxError)) throw cause
        return undefined
      })
      if (published) return published
      const describe = describeInThread ?? (async (bytes: Uint8Array) => describePatch(bytes))
      const changes = await describe(patch, DESCRIBE_MS)
      if (changes) {
        journal.emit(changes)
        shown = ' The run shows its last checkpoint as a diff.'
      } else journal.notice('warning', 'The last checkpoint is too large to be shown as a diff.')
    }
    throw new BackspaceError('sandbox_lost', `${lossOfTwo(error)}${shown} ${adviceFor(error)}`, {
      cause: error,
    })
  }
}

function describeLoss(error: SandboxError): string {
  if (error.class === 'over_limit') return error.message
  return error.class === 'gone' ? 'The sandbox was lost.' : 'The sandbox does not answer.'
}

function lossOfTwo(error: SandboxError): string {
  const two = 'Two sandboxes were lost one after the other.'
  return error.class === 'over_limit' ? `${two} ${error.message}` : two
}

function adviceFor(error: SandboxError): string {
  return error.class === 'over_limit'
    ? 'Try again when the machine has more room, or raise the limit: BACKSPACE_SANDBOX_MEMORY_GIB, BACKSPACE_SANDBOX_DISK_GIB.'
    : 'Try again; if it keeps failing, check that the sandbox has enough memory.'
}

const NOTHING = new Uint8Array()
const LOST_TWICE = 'The sandbox was lost twice while the agent worked. Ask again.'

/**
 * Publishes the last checkpoint as unfinished. It needs another sandbox, in which neither the agent nor any code of the
 * repository runs, since that may be what ended the others.
 *
 * @returns undefined when the checkpoint cannot be restored.
 * @throws {SandboxError} when this sandbox is lost as well.
 */
export async function publishCheckpoint(
  start: StartingPoint,
  { readySandbox, reviewOf, publish }: Pick<SandboxSteps, 'readySandbox' | 'reviewOf' | 'publish'>,
  totals: () => Promise<RunTotals>,
): Promise<RunReport | undefined> {
  const { base } = start
  const ready = await readySandbox({ ...start, onlyFiles: true })
  if (!ready.state || ready.state.kind === 'not_restored') return undefined
  const project = { ...ready.project, checks: [] }
  const review = reviewOf({ ...ready, project }, start, LOST_TWICE)
  const changes = await review.collect()
  if (changes.files.length === 0) return undefined
  const outcome = partialOutcome(await totals(), {
    summary:
      'These are the files as they were last kept outside of the sandbox. They have not been reviewed since.',
    reason: 'The sandbox was lost twice while the agent worked, and no check was run on these files.',
    code: 'sandbox_lost',
  })
  const work = { outcome, whyNoModel: [], mayHaveChanged: true, summary: '' }
  return publish(changes, { base, project, unmet: [], review, work })
}
