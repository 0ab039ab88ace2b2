import type { Chore } from '../runs/upkeep/chores.ts'
import type { SandboxSnapshots } from '../sandbox/snapshots.ts'
import type { SetupCacheStore, SetupEntry } from './setup-cache-store.ts'
import { takenAt } from './setup-key.ts'

export interface SetupCacheLimits {
  /** Snapshots of the whole deployment; 0: none are kept. */
  readonly entries: number
  /** Of all of them together, if their size is known. */
  readonly bytes: number
  /** Days without use. */
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
/** Even what is used gets old: the template and the registries change. */
const MAX_AGE_DAYS = 30
/** A younger snapshot may not be in the store yet. */
const ORPHAN_MS = 60 * 60_000

/** Removes what is too old, too much or too large, least recently used first, and snapshots that no entry names. */
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
        // In this order: a run that finds the entry must find the snapshot too.
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
