import { isTerminal, type Run } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import type { Chore } from '../../runs/upkeep/chores.ts'
import { SandboxError, type SandboxInfo, type SandboxProvider } from '../../sandbox/sandbox.ts'

export interface SweepSandboxesDeps {
  readonly sandboxes: Pick<SandboxProvider, 'list' | 'kill'>
  readonly store: Pick<RunStore, 'get'>
  /** Whose sandboxes are looked at; those of others are never touched. */
  readonly deployment: string
  readonly now?: () => Date
}

const EVERY_MS = 60_000
/** A younger one may belong to a run that has not written down yet that it has it. */
const SETTLED_MS = 2 * 60_000
/** Ended at once; a cloud's limits are for all of us. */
const PARALLEL = 5

/**
 * Ends sandboxes that nobody works in: their run has ended, or goes on in another one. They would die by themselves
 * minutes later; until then they cost money, and places of the plan. One of a run that we know nothing of is left to
 * that: if somebody keeps it alive, it is at work for another installation of the same name with the same key.
 */
export function sweepSandboxes({ sandboxes, store, deployment, now }: SweepSandboxesDeps): Chore {
  const clock = now ?? (() => new Date())

  async function isOrphan(info: SandboxInfo): Promise<boolean> {
    if (clock().getTime() - info.startedAt.getTime() < SETTLED_MS) return false
    return isLeft(await store.get(info.runId), info)
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
  const { sandboxId } = run.progress
  return sandboxId !== undefined && sandboxId !== id
}

/** The next sweep tries again. */
function ignoreUnreachable(error: unknown): void {
  if (!(error instanceof SandboxError)) throw error
}
