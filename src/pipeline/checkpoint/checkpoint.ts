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

/** Keeps what the agent has changed outside of the sandbox, so that a run outlives its sandbox. */
export interface CheckpointKeeper {
  /** The same sandbox for the agent: the files are read together with its commands, for `keepFiles`. */
  readonly sandbox: Sandbox
  /** Keeps the files as they are now; writes nothing when they are kept already. */
  keepFiles(): Promise<void>
  /** Keeps the files, and what the agent says at its end. */
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
  /** What is kept already. */
  readonly start: Checkpoint
}

/** Every write carries the attempt. A change that cannot be kept leaves the last checkpoint, marked as behind. */
export function createCheckpointKeeper(
  workspace: Workspace,
  { store, attempt, notice, start }: CheckpointKeeperParts,
): CheckpointKeeper {
  const { run, number, signal } = attempt
  let kept = start
  const request = () => ({ known: kept.tree, maxBytes: MAX_PATCH_BYTES })
  // What is known now does not count after the command.
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
      // The agent may have broken Backspace's git directory; if so, collecting the change will end the run.
      if (knownError(error)) return { kind: 'not_read' }
      if (error instanceof SandboxError && error.class === 'path_not_found') return { kind: 'not_read' }
      throw error
    }
  }

  /** The next checkpoint; undefined when the last one still holds. */
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

/** Where a run can go on from, although its sandbox may be gone. */
export interface ResumePoint {
  readonly project: ProjectFacts
  readonly checkpoint: Checkpoint
  /** True when there is work of an agent to go on from; only then do changed files mean anything. */
  readonly begun: boolean
}

/** @returns undefined when no sandbox was ready for the agent yet, or it held another commit. */
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
 * An agent that has no model, or whose model has not answered yet, starts from the beginning. Claude Code's own record
 * holds what it did before it said a word.
 */
function isAnswer(entry: unknown): boolean {
  if (typeof entry !== 'object' || entry === null || !('role' in entry)) return false
  return entry.role === 'assistant' || ('about' in entry && entry.about === 'session')
}

const NOTHING = new Uint8Array()
/** A longer list of stray files is not kept; leaving them out of the change is then up to the checks. */
const MAX_EXCLUDES_BYTES = 1024 * 1024

/** The first one of a sandbox: no change yet. */
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
