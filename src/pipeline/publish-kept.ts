import type { TreeListing } from '../github/get-tree.ts'
import { readChanges } from './changes/read-changes.ts'
import { createChangeWatch } from './changes/watch-changes.ts'
import type { Ending } from './conclude-run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import { publishRun } from './publish-run.ts'
import type { RunContext } from './run-context.ts'
import { type SetUpRequest, setUpSandbox } from './set-up-sandbox.ts'
import { unfinishedOutcome } from './unfinished-outcome.ts'

/**
 * Publishes what the last checkpoint holds, as unfinished, when the sandboxes that the agent worked in were lost. One
 * more sandbox only holds the files: neither the agent nor any code of the repository runs in it, since that may be
 * what ended the others.
 *
 * @returns undefined when nothing was kept, or it cannot be restored.
 * @throws {SandboxError} when this sandbox is lost, too.
 */
export async function publishKept(
  deps: ExecuteRunDeps,
  context: RunContext,
  request: SetUpRequest & { readonly baseTree: TreeListing },
): Promise<Ending | undefined> {
  const checkpoint = await deps.store.loadCheckpoint(context.run.id)
  if (!checkpoint || checkpoint.patch.length === 0) return undefined
  const ready = await setUpSandbox(deps, context, { ...request, onlyFiles: true })
  if (!ready.state || ready.state.kind === 'not_restored') return undefined
  const project = { ...ready.project, checks: [] }
  const watch = createChangeWatch(context, { ...ready, project, baseTree: request.baseTree })
  const changes = await readChanges(context, watch)
  if (changes.files.length === 0) return undefined
  const outcome = await unfinishedOutcome(deps, context, {
    summary:
      'These are the files as they were last kept outside of the sandbox. Nobody has looked at them since.',
    reason: 'The sandbox was lost twice while the agent worked, and no check was run on what is here.',
    code: 'sandbox_lost',
  })
  const work = { outcome, whyNoModel: [], mayHaveChanged: true, summary: '' }
  return publishRun(deps, context, { base: request.base, project, watch, changes, work })
}
