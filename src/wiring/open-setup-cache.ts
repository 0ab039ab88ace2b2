import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { Chore } from '../runs/upkeep/chores.ts'
import type { SandboxProvider } from '../sandbox/sandbox.ts'
import { createSetupCache, type SetupCache } from '../setup-cache/setup-cache.ts'
import { createSetupCacheStore } from '../setup-cache/setup-cache-store.ts'
import { sweepSetupCache } from '../setup-cache/sweep-setup-cache.ts'

interface SetupCacheDeps {
  readonly db: Database
  readonly sandboxes: Pick<SandboxProvider, 'kind' | 'snapshots'>
  readonly minSetupMs: number | undefined
  readonly onError: (error: unknown) => void
}

/** The setup cache and its upkeep; no cache if the operator wants none, or the sandboxes keep nothing. */
export function openSetupCache(
  { sandbox }: Config,
  { db, sandboxes, minSetupMs, onError }: SetupCacheDeps,
): { readonly setupCache: SetupCache | undefined; readonly chores: readonly Chore[] } {
  const { kind, snapshots } = sandboxes
  const { egressHosts, setupCache: limits } = sandbox
  if (!snapshots || limits.entries === 0) return { setupCache: undefined, chores: [] }
  const store = createSetupCacheStore(db)
  return {
    setupCache: createSetupCache({ snapshots, store, kind, egressHosts, minSetupMs, onError }),
    chores: [sweepSetupCache({ snapshots, store, limits })],
  }
}
