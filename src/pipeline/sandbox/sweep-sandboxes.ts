import { isTerminal, type Run } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import type { Chore } from '../../runs/upkeep/chores.ts'
import { SandboxError, type SandboxInfo, type SandboxProvider } from '../../sandbox/sandbox.ts'

export interface SweepSandboxesDeps {
  readonly sandboxes: Pick<SandboxProvider, 'list' | 'kill'>
  readonly store: Pick<RunStore, 'get' | 'isSandboxInUse'>
  /** Only sandboxes of this deployment are looked at. */
  readonly deployment: string
  readonly now?: (() => Date) | undefined
}

const EVERY_MS = 60_000
/** A younger sandbox may belong to a run that has not stored its id yet. */
const MIN_AGE_MS = 2 * 60_000
/** How many sandboxes are ended at the same time, since the provider's rate limits are shared. */
const PARALLEL = 5

/**
 * Ends sandboxes that no run uses, because their run has ended or goes on in another sandbox. They would die minutes later
 * anyway, but until then they cost money and count towards the plan's limit. A sandbox of an unknown run is left alone:
 * it may belong to another deployment with the same name and key.
 */
export function sweepSandboxes({ sandboxes, store, deployment, now }: SweepSandboxesDeps): Chore {
  const clock = now ?? (() => new Date())

  async function isOrphan(info: SandboxInfo): Promise<boolean> {
    if (clock().getTime() - info.startedAt.getTime() < MIN_AGE_MS) return false
    const run = await store.get(info.runId)
    if (!isLeft(run, info)) return false
    if (run?.progress.pausedUntil === undefined || run.progress.sandboxId !== info.id) return true
    // A paused sandbox waits for the run that will continue in it, unless that run has it already.
    return clock() > new Date(run.progress.pausedUntil) && !(await store.isSandboxInUse(info.id))
  }

  return {
    name: 'sweep-sandboxes',
    everyMs: EVERY_MS,
    async run(signal) {
      const found = [...(await sandboxes.list({ deployment }))]
      async function sweepNext(): Promise<void> {
        for (let info = found.pop(); info && !signal.aborted; info = found.pop()) {
          if (await isOrphan(info)) await sandboxes.kill(info.id).catch(ignoreUnreachable)
        }
      }
      await Promise.all(Array.from({ length: PARALLEL }, sweepNext))
    },
  }
}

function isLeft(run: Run | undefined, { id }: SandboxInfo): boolean {
  if (!run) return false
  if (isTerminal(run.status)) return true
  const { sandboxId, rooms = [] } = run.progress
  return sandboxId !== undefined && sandboxId !== id && !rooms.includes(id)
}

/** Ignores sandboxes that cannot be reached, since the next sweep tries again. */
function ignoreUnreachable(error: unknown): void {
  if (!(error instanceof SandboxError)) throw error
}
