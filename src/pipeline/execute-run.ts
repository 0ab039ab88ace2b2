import { BackspaceError } from '../errors.ts'
import { getTree, type TreeListing } from '../github/commits.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { goesOnElsewhere } from '../runs/queue/run-released.ts'
import type { Execute } from '../runs/queue/run-worker.ts'
import { SandboxError } from '../sandbox/sandbox.ts'
import { recallWork, salvageWork, workWithAgent } from './agent/run-agent.ts'
import { describePatch } from './checkpoint/patch.ts'
import { endRun } from './end-run.ts'
import { createChangeWatch, readChanges } from './gate/review-changes.ts'
import { resumePublish } from './publish/carry-out-plan.ts'
import { publishKept, publishRun } from './publish/publish-run.ts'
import { createRunContext, type ExecuteRunDeps, type RunContext, reachRepository } from './run-context.ts'
import { type RunReport, reportEarlierPullRequest, reportFailure, reportWithoutChange } from './run-report.ts'
import { isLost, type OpenSandbox } from './sandbox/open-sandbox.ts'
import { setUpSandbox } from './sandbox/set-up-sandbox.ts'
import { resolveBase } from './workspace/resolve-base.ts'
import type { Base } from './workspace/workspace.ts'

/**
 * Carries runs to their end: a pull request, an answer, or an honest failure. Whatever happens in between, the one
 * `catch` in here sees to it that there is exactly one end, and the `finally` that no sandbox stays behind.
 */
export function createExecuteRun(deps: ExecuteRunDeps): Execute {
  return async (input) => {
    const context = createRunContext(deps, input)
    const boxes: OpenSandbox[] = []
    let handOver = false
    try {
      await endRun(deps, context, await carryOut(deps, context, boxes))
    } catch (thrown) {
      const error: unknown = context.signal.aborted ? context.signal.reason : thrown
      handOver = goesOnElsewhere(error)
      if (handOver) throw error
      const report = reportFailure(error, context.run.id)
      if (report.code === 'internal') deps.onError(error, { runId: context.run.id })
      await endRun(deps, context, report)
    } finally {
      context.close()
      await Promise.all(boxes.map((box) => box.close({ handOver })))
    }
  }
}

async function carryOut(deps: ExecuteRunDeps, context: RunContext, boxes: OpenSandbox[]): Promise<RunReport> {
  const { run } = context
  const access = await reachRepository(deps, run)
  const done = (await reportEarlierPullRequest(access, run)) ?? (await concludeAnswer(deps, context))
  if (done) return done

  const base = await resolveBase(access, run.request, run.progress.baseSha)
  await context.saveProgress({ baseSha: base.sha })
  const published = await resumePublish(deps, context, { access, base })
  return published ?? workInSandbox(deps, context, { access, base, boxes })
}

/** An agent that left the repository as it was has said all that there is to tell. */
async function concludeAnswer(
  { store }: ExecuteRunDeps,
  { run }: RunContext,
): Promise<RunReport | undefined> {
  const checkpoint = await store.loadCheckpoint(run.id)
  const work = recallWork(checkpoint?.work ?? null)
  return work && !work.mayHaveChanged ? reportWithoutChange(work.outcome) : undefined
}

interface WorkInSandboxRequest {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Takes every sandbox that was opened, so that it is closed whatever happens next. */
  readonly boxes: OpenSandbox[]
}

/**
 * Everything that needs a sandbox, up to the pull request. One that is lost on the way is replaced once, and the run
 * goes on from what was kept; what was collected or published before is found, not repeated. When the second is lost, too,
 * what was kept is published as unfinished.
 *
 * @throws {BackspaceError} `sandbox_lost` when nothing can be published; the last checkpoint is shown in the run.
 */
async function workInSandbox(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: WorkInSandboxRequest,
): Promise<RunReport> {
  const { access, base } = request
  const baseTree = await getTree(access.octokit, { repository: access.repository, tree: base.tree })
  const work = () => workToTheEnd(deps, context, { ...request, baseTree })
  try {
    return await work()
  } catch (error) {
    if (context.signal.aborted || !isLost(error)) throw error
    const what = error.class === 'gone' ? 'was lost' : 'does not answer'
    context.notice('warning', `The sandbox ${what}: the run goes on from the last checkpoint.`)
  }
  try {
    return await work()
  } catch (error) {
    if (context.signal.aborted || !isLost(error)) throw error
    const published = await salvage(deps, context, { ...request, baseTree })
    if (published) return published
    await showCheckpoint(deps, context)
    throw new BackspaceError(
      'sandbox_lost',
      'Two sandboxes were lost one after the other. What was changed until the last checkpoint is kept as a diff in the run. Try again; if it lasts, see whether the sandbox has enough memory.',
      { cause: error },
    )
  }
}

async function salvage(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: WorkInSandboxRequest & { readonly baseTree: TreeListing },
): Promise<RunReport | undefined> {
  context.notice('warning', 'Another sandbox was lost: what was last kept is published as it is.')
  try {
    return await publishKept(deps, context, request)
  } catch (error) {
    // Whatever keeps a sandbox from holding a few files ends the run as the loss of the two before did.
    if (context.signal.aborted || !(error instanceof SandboxError)) throw error
    return undefined
  }
}

async function workToTheEnd(
  deps: ExecuteRunDeps,
  context: RunContext,
  { baseTree, ...request }: WorkInSandboxRequest & { readonly baseTree: TreeListing },
): Promise<RunReport> {
  const { access, base } = request
  const ready = await setUpSandbox(deps, context, request)
  const { project } = ready
  const watch = createChangeWatch(context, { ...ready, baseTree })
  const work =
    recallWork(ready.work) ??
    (await context.step('agent', 'Working on the task', async () => {
      const value = await workWithAgent(deps, { context, access, ready, watch }).catch((error: unknown) =>
        salvageWork(deps, context, error),
      )
      return { value, message: value.summary }
    }))
  const { kind } = work.outcome
  if (!work.mayHaveChanged && kind !== 'blocked' && kind !== 'no_change')
    return reportWithoutChange(work.outcome)

  const changes = await readChanges(context, watch)
  if (changes.files.length === 0) return reportWithoutChange(work.outcome)
  if (!work.mayHaveChanged) return reportWithoutChange(work.outcome, changes.diff)
  return publishRun(deps, context, { base, project, watch, changes, work })
}

/** Nothing can be collected any more: what was kept is shown instead. */
async function showCheckpoint({ store }: ExecuteRunDeps, { run, emit }: RunContext): Promise<void> {
  const checkpoint = await store.loadCheckpoint(run.id)
  const changes = checkpoint && describePatch(checkpoint.patch)
  if (changes) emit(changes)
}
