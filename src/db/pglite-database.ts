import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Kysely, PGliteDialect, sql } from 'kysely'
import { fromPglite } from 'pg-boss'
import { BackspaceError } from '../errors.ts'
import { lockDataDir } from './data-dir-lock.ts'
import type { Database } from './database.ts'
import type { Schema } from './schema.ts'

const CHECKPOINT_EVERY_MS = 60_000
const VACUUM_EVERY_MS = 60 * 60_000

/** PGlite in `dataDir`, which only one process may use, or in memory. */
export async function openPgliteDatabase(options: {
  readonly dataDir: string
  readonly onError: (error: unknown) => void
}): Promise<Database> {
  const { dataDir, onError } = options
  const inMemory = dataDir === ':memory:'
  const unlock = inMemory ? () => {} : lockDataDir(dataDir)
  const lite = await startPglite(inMemory ? 'memory://' : join(dataDir, 'pglite'), unlock)
  const tables = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite: lite }) })
  const stopMaintenance = inMemory ? () => {} : startMaintenance(lite, onError)

  return {
    kind: 'pglite',
    sql: tables,
    boss: { db: fromPglite(lite), backend: 'pglite' },
    listen: (channel, handler) => lite.listen(channel, handler),
    async notify(channel, payload) {
      await sql`select pg_notify(${channel}, ${payload})`.execute(tables)
    },
    async ping() {
      await sql`select 1`.execute(tables)
    },
    async close() {
      stopMaintenance()
      if (!lite.closed) await lite.close()
      unlock()
    },
  }
}

async function startPglite(where: string, unlock: () => void): Promise<PGlite> {
  try {
    // The default of 128 MB is allocated at once, and the working set of this service is far smaller.
    return await PGlite.create(where, {
      startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=16MB'],
    })
  } catch (error) {
    unlock()
    throw new BackspaceError(
      'unavailable',
      'The database in the data directory does not start. Restore it from a backup, or set DATA_DIR to another directory to begin afresh.',
      { cause: error },
    )
  }
}

/** PGlite has no checkpointer and no autovacuum: without these its log and its dead rows grow for ever. */
function startMaintenance(lite: PGlite, onError: (error: unknown) => void): () => void {
  const every = (ms: number, statement: string) =>
    setInterval(() => {
      lite.exec(statement).catch(onError)
    }, ms).unref()
  const timers = [every(CHECKPOINT_EVERY_MS, 'checkpoint'), every(VACUUM_EVERY_MS, 'vacuum (analyze)')]
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}
