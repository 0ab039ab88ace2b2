import { BackspaceError } from '../errors.ts'
import { getTree, type TreeListing } from '../github/get-tree.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import { SandboxError } from '../sandbox/sandbox.ts'
import { readChanges } from './changes/read-changes.ts'
import { createChangeWatch } from './changes/watch-changes.ts'
import { describePatch } from './checkpoint/describe-patch.ts'
import { concludeWithoutChange, type Ending } from './conclude-run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { isLost, type OpenSandbox } from './open-sandbox.ts'
import { publishKept } from './publish-kept.ts'
import { publishRun } from './publish-run.ts'
import type { RunContext } from './run-context.ts'
import { salvageWork } from './salvage-work.ts'
import { setUpSandbox } from './set-up-sandbox.ts'
import { recallWork, workWithAgent } from './work-with-agent.ts'
import type { Base } from './workspace/workspace.ts'

export interface WorkInSandboxRequest {
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
export async function workInSandbox(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: WorkInSandboxRequest,
): Promise<Ending> {
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
): Promise<Ending | undefined> {
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
): Promise<Ending> {
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
    return concludeWithoutChange(work.outcome)

  const changes = await readChanges(context, watch)
  if (changes.files.length === 0) return concludeWithoutChange(work.outcome)
  if (!work.mayHaveChanged) return concludeWithoutChange(work.outcome, changes.diff)
  return publishRun(deps, context, { base, project, watch, changes, work })
}

/** Nothing can be collected any more: what was kept is shown instead. */
async function showCheckpoint({ store }: ExecuteRunDeps, { run, emit }: RunContext): Promise<void> {
  const checkpoint = await store.loadCheckpoint(run.id)
  const changes = checkpoint && describePatch(checkpoint.patch)
  if (changes) emit(changes)
}
