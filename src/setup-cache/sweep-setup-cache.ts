import type { Chore } from '../runs/upkeep/chores.ts'
import type { SandboxSnapshots } from '../sandbox/snapshots.ts'
import type { SetupCacheStore, SetupEntry } from './setup-cache-store.ts'
import { takenAt } from './setup-key.ts'

export interface SetupCacheLimits {
  /** The most snapshots in the whole deployment; 0 means that none are kept. */
  readonly entries: number
  /** The most bytes of all snapshots together, as far as their sizes are known. */
  readonly bytes: number
  /** Days without use after which a snapshot is removed. */
  readonly days: number
}

interface SweepSetupCacheDeps {
  readonly snapshots: Pick<SandboxSnapshots, 'list' | 'remove'>
  readonly store: Pick<SetupCacheStore, 'list' | 'forget'>
  readonly limits: SetupCacheLimits
  readonly now?: (() => Date) | undefined
}

const EVERY_MS = 60 * 60_000
const DAY_MS = 24 * 60 * 60_000
/** Even a used snapshot is removed after so many days, since templates and registries change. */
const MAX_AGE_DAYS = 30
/** Milliseconds; a younger snapshot may not be in the store yet. */
const ORPHAN_MS = 60 * 60_000

/** Removes old snapshots, those beyond the limits, least recently used first, and those that no entry names. */
export function sweepSetupCache({ snapshots, store, limits, now }: SweepSetupCacheDeps): Chore {
  const clock = now ?? (() => new Date())
  return {
    name: 'sweep-setup-cache',
    everyMs: EVERY_MS,
    async run(signal) {
      const entries = await store.list()
      const { kept, dropped } = split(entries, limits, clock().getTime())
      for (const { key, snapshotId } of dropped) {
        if (signal.aborted) return
        // The entry goes first, because a run that finds an entry must find its snapshot, too.
        await store.forget(key, snapshotId)
        await snapshots.remove(snapshotId)
      }
      const known = new Set(kept.map(({ snapshotId }) => snapshotId))
      for (const { id, name } of await snapshots.list()) {
        const taken = takenAt(name)
        const isOld = taken !== undefined && clock().getTime() - taken.getTime() > ORPHAN_MS
        if (isOld && !known.has(id) && !signal.aborted) await snapshots.remove(id)
      }
    },
  }
}

function split(
  entries: readonly SetupEntry[],
  { entries: most, bytes, days }: SetupCacheLimits,
  nowMs: number,
): { readonly kept: readonly SetupEntry[]; readonly dropped: readonly SetupEntry[] } {
  const kept: SetupEntry[] = []
  const dropped: SetupEntry[] = []
  let total = 0
  for (const entry of entries) {
    const isOld =
      nowMs - entry.usedAt.getTime() > days * DAY_MS || nowMs - entry.madeAt.getTime() > MAX_AGE_DAYS * DAY_MS
    const size = entry.bytes ?? 0
    if (isOld || kept.length >= most || total + size > bytes) dropped.push(entry)
    else {
      kept.push(entry)
      total += size
    }
  }
  return { kept, dropped }
}
