import { knownError } from '../../errors.ts'
import type { RunEvent } from '../../runs/run-event.ts'
import type { Checkpoint } from '../../runs/store/kept-work.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { type Sandbox, SandboxError } from '../../sandbox/sandbox.ts'
import type { Attempt } from '../attempt.ts'
import type { Journal } from '../journal.ts'
import { earlierProjectFacts } from '../setup/earlier-facts.ts'
import type { ProjectFacts } from '../setup/set-up-project.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { patchCommand, type ReadPatch, readPatch } from './read-patch.ts'
import { rideAlong } from './ride-along.ts'

/** Keeps a copy of the agent's changes outside of the sandbox, so that a run outlives its sandbox. */
export interface CheckpointKeeper {
  /** The sandbox for the agent. After its commands it also reads the changes for `keepFiles`, in the same request. */
  readonly sandbox: Sandbox
  /** Stores the files as they are now; writes nothing when they have not changed. */
  keepFiles(): Promise<void>
  /** Stores the files together with the agent's result. */
  keepWork(work: unknown): Promise<void>
}

const MAX_PATCH_BYTES = 10 * 1024 * 1024
const TOO_LARGE =
  'The change is now larger than 10 MiB, too large to keep outside of the sandbox. If the sandbox is lost, the work since the last checkpoint has to be repeated.'
const NOT_READ =
  'The change could not be kept outside of the sandbox. If the sandbox is lost, the work since the last checkpoint has to be repeated.'

interface CheckpointKeeperParts {
  readonly store: Pick<RunStore, 'saveCheckpoint'>
  readonly attempt: Pick<Attempt, 'run' | 'number' | 'signal'>
  readonly notice: Journal['notice']
  /** The checkpoint that is stored already. */
  readonly start: Checkpoint
}

/** A change that cannot be stored leaves the last checkpoint in place, marked as `behind`. Every write carries the attempt. */
export function createCheckpointKeeper(
  workspace: Workspace,
  { store, attempt, notice, start }: CheckpointKeeperParts,
): CheckpointKeeper {
  const { run, number, signal } = attempt
  let kept = start
  const request = () => ({ known: kept.tree, maxBytes: MAX_PATCH_BYTES })
  // The patch is read after the agent's command, so what the watch knows now would be outdated.
  const unwatched = { ...workspace, watch: undefined }
  const riding = rideAlong(workspace.sandbox, () => patchCommand(unwatched, request()))

  async function save(next: Checkpoint): Promise<void> {
    await store.saveCheckpoint(run.id, number, next)
    kept = next
  }

  async function read(): Promise<ReadPatch | { readonly kind: 'not_read' }> {
    try {
      return await readPatch(workspace, { ...request(), signal, ridden: await riding.take() })
    } catch (error) {
      signal.throwIfAborted()
      // The agent may have broken Backspace's git directory. In that case collecting the change ends the run later.
      if (knownError(error)) return { kind: 'not_read' }
      if (error instanceof SandboxError && error.class === 'path_not_found') return { kind: 'not_read' }
      throw error
    }
  }

  /** The next checkpoint; undefined when nothing has changed since the last one. */
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
    sandbox: riding.sandbox,
    async keepFiles() {
      const checkpoint = await next()
      if (checkpoint) await save(checkpoint)
    },
    async keepWork(work) {
      await save({ ...((await next()) ?? kept), work })
    },
  }
}

/** The state from which a run can continue even if its sandbox is gone. */
export interface ResumePoint {
  readonly project: ProjectFacts
  readonly checkpoint: Checkpoint
  /** True when an agent has done some work; otherwise changed files have no meaning and are dropped. */
  readonly begun: boolean
}

/** @returns undefined when no sandbox was ready for the agent yet, or when the checkpoint is of another base commit. */
export async function loadResumePoint(
  store: Pick<RunStore, 'loadCheckpoint' | 'loadTranscript'>,
  events: readonly RunEvent[],
  { runId, baseSha }: { readonly runId: string; readonly baseSha: string },
): Promise<ResumePoint | undefined> {
  const project = earlierProjectFacts(events)
  const checkpoint = await store.loadCheckpoint(runId)
  if (!project || checkpoint?.baseSha !== baseSha) return undefined
  const transcript = await store.loadTranscript(runId)
  const begun = checkpoint.work !== null || (transcript?.entries.some(isAnswer) ?? false)
  return { project, checkpoint, begun }
}

/**
 * Whether an entry shows that an agent has begun to work: an answer of a model, or Claude Code's own record, which comes
 * before its first text.
 */
function isAnswer(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null || !('role' in entry)) return false
  return entry.role === 'assistant' || ('about' in entry && entry.about === 'session')
}

const NOTHING = new Uint8Array()
/** A longer list of files that setup left behind is not stored; the checks then have to keep them out of the change. */
const MAX_EXCLUDES_BYTES = 1024 * 1024

/** The first checkpoint of a sandbox, without any change. */
export function emptyCheckpoint({ base, sandbox }: Workspace, excludes: Uint8Array): Checkpoint {
  return {
    baseSha: base.sha,
    sandboxId: sandbox.id,
    tree: base.tree,
    patch: NOTHING,
    excludes: excludes.length <= MAX_EXCLUDES_BYTES ? excludes : NOTHING,
    behind: false,
    work: null,
  }
}
