import type { ResumedWorkspace } from '../../agent/agent.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import type { ExecuteRunDeps } from '../execute-run-deps.ts'
import type { RunContext } from '../run-context.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { applyPatch } from './apply-patch.ts'
import { patchText } from './describe-patch.ts'

/**
 * Puts into a fresh workspace what the run had changed whose question this one answers: the transcript that it goes on
 * from tells of it.
 *
 * @returns how the files stand for the agent; undefined when nothing was to be put there.
 * @throws {SandboxError} when the sandbox is lost.
 */
export async function carryOver(
  { store }: Pick<ExecuteRunDeps, 'store'>,
  { run, signal, notice }: Pick<RunContext, 'run' | 'signal' | 'notice'>,
  place: { readonly sandbox: Sandbox; readonly workspace: Workspace },
): Promise<ResumedWorkspace | undefined> {
  const { parentRunId, options } = run.request
  if (parentRunId === undefined || options.plan === true) return undefined
  const parent = await store.get(parentRunId)
  if (parent?.result?.outcome !== 'question') return undefined
  const left = await store.loadCheckpoint(parent.id)
  if (!left || left.patch.length === 0) return undefined
  const { patch, tree, behind } = left
  // On top of a branch that moved, the same change makes another tree.
  const fits = left.baseSha === place.workspace.base.sha ? { patch, tree } : { patch }
  if (await applyPatch(place, fits, signal)) {
    notice('info', 'What the run that asked had changed was put into the workspace.')
    return { kind: 'restored', behind }
  }
  notice(
    'warning',
    'What the run that asked had changed does not fit the branch any more: this run begins without it.',
  )
  return { kind: 'not_restored', diff: patchText(patch) }
}
