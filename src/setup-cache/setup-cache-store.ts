import { z } from 'zod'
import type { Database } from '../db/database.ts'
import { retryDatabase } from '../db/retry-database.ts'

/** A snapshot with the result of setup for one set of lock files and manifests. */
export interface SetupEntry {
  readonly key: string
  readonly repositoryId: number
  readonly snapshotId: string
  /** Commands of the setup, in order. */
  readonly commands: readonly string[]
  /** Hash of the environment variables of the commands. */
  readonly variables: string
  /** Id of the tree for which setup ran. */
  readonly tree: string
  /** How long setup took, in milliseconds. */
  readonly setupMs: number
  /** Size on disk in bytes; null if the sandbox service does not say. */
  readonly bytes: number | null
  readonly madeAt: Date
  readonly usedAt: Date
}

type NewSetupEntry = Omit<SetupEntry, 'madeAt' | 'usedAt'>

export interface SetupCacheStore {
  /** Finds an entry and records that it was used. */
  use(key: string): Promise<SetupEntry | undefined>
  /** @returns false if another run has already added a snapshot for this key, which is kept. */
  add(entry: NewSetupEntry): Promise<boolean>
  /** Removes an entry, but only if it still has this snapshot. */
  forget(key: string, snapshotId: string): Promise<void>
  /** All entries, the most recently used first. */
  list(): Promise<readonly SetupEntry[]>
}

/** After this time a run goes on without the cache. */
const READ = { forMs: 2_000 } as const

const commandList = z.array(z.string())

export function createSetupCacheStore(db: Database, now: () => Date = () => new Date()): SetupCacheStore {
  return {
    async use(key) {
      const query = db.sql
        .updateTable('setup_cache')
        .set({ used_at: now() })
        .where('key', '=', key)
        .returningAll()
      const row = await retryDatabase(() => query.executeTakeFirst(), READ)
      return row && toEntry(row)
    },
    async add({ key, repositoryId, snapshotId, commands, variables, tree, setupMs, bytes }) {
      const at = now()
      const { numInsertedOrUpdatedRows } = await db.sql
        .insertInto('setup_cache')
        .values({
          key,
          repository_id: String(repositoryId),
          snapshot_id: snapshotId,
          commands: JSON.stringify(commands),
          variables,
          tree,
          setup_ms: Math.round(setupMs),
          bytes: bytes === null ? null : String(bytes),
          made_at: at,
          used_at: at,
        })
        .onConflict((conflict) => conflict.column('key').doNothing())
        .executeTakeFirst()
      return numInsertedOrUpdatedRows === 1n
    },
    async forget(key, snapshotId) {
      await db.sql
        .deleteFrom('setup_cache')
        .where('key', '=', key)
        .where('snapshot_id', '=', snapshotId)
        .execute()
    },
    async list() {
      const rows = await db.sql.selectFrom('setup_cache').selectAll().orderBy('used_at', 'desc').execute()
      return rows.map(toEntry)
    },
  }
}

interface Row {
  readonly key: string
  readonly repository_id: string
  readonly snapshot_id: string
  readonly commands: unknown
  readonly variables: string
  readonly tree: string
  readonly setup_ms: number
  readonly bytes: string | null
  readonly made_at: Date
  readonly used_at: Date
}

function toEntry(row: Row): SetupEntry {
  return {
    key: row.key,
    repositoryId: Number(row.repository_id),
    snapshotId: row.snapshot_id,
    commands: commandList.parse(row.commands),
    variables: row.variables,
    tree: row.tree,
    setupMs: row.setup_ms,
    bytes: row.bytes === null ? null : Number(row.bytes),
    madeAt: row.made_at,
    usedAt: row.used_at,
  }
}
