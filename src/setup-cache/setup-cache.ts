import type { TreeListing } from '../github/commits.ts'
import type { SandboxSnapshots } from '../sandbox/snapshots.ts'
import type { SetupCacheStore, SetupEntry } from './setup-cache-store.ts'
import { setupKey, snapshotName } from './setup-key.ts'

/** Keeps the results of setup for later runs of the same repository. A failure of the cache never ends a run. */
export interface SetupCache {
  /** @returns undefined if the setup of this commit can be neither found nor kept. */
  find(query: SetupQuery): Promise<FoundSetup | undefined>
  /**
   * Keeps the files of a sandbox that holds only the results of setup, without the files of the commit.
   *
   * @returns whether they were kept.
   */
  keep(made: MadeSetup): Promise<boolean>
  /** Removes an entry whose snapshot is gone. */
  forget(entry: SetupEntry): Promise<void>
  /** A setup that took fewer milliseconds is not kept. */
  readonly minSetupMs: number
}

interface SetupQuery {
  readonly repositoryId: number
  readonly tree: TreeListing
}

/** The cache key of a commit's setup, and the entry if the cache has one. */
export interface FoundSetup {
  readonly key: string
  readonly entry: SetupEntry | undefined
}

interface MadeSetup
  extends Pick<SetupEntry, 'key' | 'repositoryId' | 'commands' | 'variables' | 'tree' | 'setupMs'> {
  readonly sandboxId: string
  readonly signal: AbortSignal
}

interface SetupCacheParts {
  readonly snapshots: SandboxSnapshots
  readonly store: SetupCacheStore
  /** Kind of the sandboxes. */
  readonly kind: string
  readonly egressHosts: readonly string[]
  readonly onError: (error: unknown) => void
  /** Default: 5,000, since a faster setup is not worth the time that keeping takes. */
  readonly minSetupMs?: number | undefined
  readonly now?: (() => Date) | undefined
}

const MIN_SETUP_MS = 5_000

export function createSetupCache(parts: SetupCacheParts): SetupCache {
  const { snapshots, store, kind, egressHosts, onError } = parts
  const { minSetupMs = MIN_SETUP_MS, now = () => new Date() } = parts
  const or = <T>(work: Promise<T>, instead: T): Promise<T> =>
    work.catch((error: unknown) => {
      onError(error)
      return instead
    })

  async function find({ repositoryId, tree }: SetupQuery): Promise<FoundSetup | undefined> {
    const environment = await snapshots.environment()
    const key = setupKey({ repositoryId, kind, environment, egressHosts, tree })
    return key === undefined ? undefined : { key, entry: await store.use(key) }
  }

  async function keep({ sandboxId, signal, ...made }: MadeSetup): Promise<boolean> {
    const name = snapshotName(made.key, now())
    const taken = await snapshots.take(sandboxId, { name, signal })
    if (!taken) return false
    const added = await store.add({ ...made, snapshotId: taken.id, bytes: taken.bytes ?? null })
    if (!added) await snapshots.remove(taken.id)
    return added
  }

  return {
    minSetupMs,
    find: (query) => or(find(query), undefined),
    keep: (made) => or(keep(made), false),
    forget: ({ key, snapshotId }) => or(store.forget(key, snapshotId), undefined),
  }
}
