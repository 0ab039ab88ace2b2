import { knownError } from '../../errors.ts'
import { readEvents } from '../../runs/log/run-log.ts'
import type { Checkpoint } from '../../runs/store/kept-work.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { type Sandbox, SandboxError } from '../../sandbox/sandbox.ts'
import type { ExecuteRunDeps, RunContext } from '../run-context.ts'
import { type PreparedProject, recallProject } from '../workspace/prepare-project.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { type ReadPatch, readPatch } from './patch.ts'

/** Keeps what the agent has changed outside of the sandbox, so that a run outlives it. */
export interface CheckpointKeeper {
  /** Keeps the files as they are now; nothing is written when they are kept already. */
  keepFiles(): Promise<void>
  /** Keeps the files, and what the agent says at its end. */
  keepWork(work: unknown): Promise<void>
}

const MAX_PATCH_BYTES = 10 * 1024 * 1024
const TOO_LARGE =
  'The change is larger than 10 MiB by now, too large to keep outside of the sandbox. Should the sandbox be lost, what was changed since the last checkpoint has to be made again.'
const NOT_READ =
  'What was changed could not be kept outside of the sandbox. Should the sandbox be lost, it has to be made again since the last checkpoint.'

/**
 * Every write carries the attempt. A change that cannot be kept leaves the last checkpoint as it is, marked as behind.
 *
 * @param start what is kept already.
 */
export function createCheckpointKeeper(
  store: Pick<RunStore, 'saveCheckpoint'>,
  context: Pick<RunContext, 'run' | 'attempt' | 'signal' | 'notice'>,
  place: { readonly sandbox: Sandbox; readonly workspace: Workspace; readonly start: Checkpoint },
): CheckpointKeeper {
  const { run, attempt, signal, notice } = context
  let kept = place.start

  async function save(next: Checkpoint): Promise<void> {
    await store.saveCheckpoint(run.id, attempt, next)
    kept = next
  }

  async function read(): Promise<ReadPatch | { readonly kind: 'not_read' }> {
    try {
      return await readPatch({ ...place, known: kept.tree, maxBytes: MAX_PATCH_BYTES, signal })
    } catch (error) {
      signal.throwIfAborted()
      // The agent may have broken our git directory; that ends no run before collecting does.
      if (knownError(error)) return { kind: 'not_read' }
      if (error instanceof SandboxError && error.class === 'path_not_found') return { kind: 'not_read' }
      throw error
    }
  }

  /** The checkpoint as it is to be; undefined when it stays as it is. */
  async function next(): Promise<Checkpoint | undefined> {
    const now = await read()
    switch (now.kind) {
      case 'patch':
        return { ...kept, tree: now.tree, patch: now.patch, behind: false, work: null }
      case 'same':
        return kept.behind ? { ...kept, behind: false } : undefined
      case 'too_large':
      case 'not_read':
        if (kept.behind) return undefined
        notice('warning', now.kind === 'too_large' ? TOO_LARGE : NOT_READ)
        return { ...kept, behind: true, work: null }
    }
  }

  return {
    async keepFiles() {
      const checkpoint = await next()
      if (checkpoint) await save(checkpoint)
    },
    async keepWork(work) {
      await save({ ...((await next()) ?? kept), work })
    },
  }
}

/** How far a run has come in a sandbox that may be gone. */
export interface Past {
  readonly project: PreparedProject
  readonly checkpoint: Checkpoint
  /** True when there is work of an agent to go on from; only then do changed files mean anything. */
  readonly begun: boolean
}

/** @returns undefined when no sandbox was ready for the agent yet, or it held another commit. */
export async function recallPast(
  { log, store }: Pick<ExecuteRunDeps, 'log' | 'store'>,
  { run, flush }: Pick<RunContext, 'run' | 'flush'>,
  baseSha: string,
): Promise<Past | undefined> {
  await flush()
  const project = recallProject(await readEvents(log, run.id))
  const checkpoint = await store.loadCheckpoint(run.id)
  if (!project || checkpoint?.baseSha !== baseSha) return undefined
  const transcript = await store.loadTranscript(run.id)
  const begun = checkpoint.work !== null || (transcript?.entries.some(isAnswer) ?? false)
  return { project, checkpoint, begun }
}

/** An agent that has no model, or whose model has not answered yet, starts from the beginning. */
function isAnswer(entry: unknown): boolean {
  return typeof entry === 'object' && entry !== null && 'role' in entry && entry.role === 'assistant'
}
