import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PostgresPool } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { within } from '../time/within.ts'

interface FrozenPool extends PostgresPool {
  connect(): Promise<PoolClient>
}

/** A connection that was used a moment ago is still there. */
const TRUSTED_MS = 1_000
const ANSWER_MS = 2_000

/**
 * For a process that its host freezes between requests: meanwhile the server, or something on the way to it, may have ended
 * its connections, and no timer of the pool has noticed. So each that was idle is asked for an answer before it is used.
 */
export function checkBeforeUse(pool: Pool): FrozenPool {
  const releasedAt = new WeakMap<PoolClient, number>()
  // By the clock of the machine: others may stand still with the process.
  pool.on('release', (_error, client) => void releasedAt.set(client, Date.now()))

  async function connect(): Promise<PoolClient> {
    for (;;) {
      const client = await pool.connect()
      const released = releasedAt.get(client)
      const isFresh = released === undefined || Math.abs(Date.now() - released) < TRUSTED_MS
      if (isFresh || (await within(ANSWER_MS, client.query('select 1')))) return client
      client.release(true)
    }
  }

  return { connect, end: () => pool.end(), options: pool.options }
}

/** Resolves when no connection of the pool is in use: a process that is frozen then holds no lock. */
export async function poolSettled(pool: Pool): Promise<void> {
  for (;;) {
    // What follows a query at once is part of it.
    await nextTurn()
    if (pool.totalCount === pool.idleCount && pool.waitingCount === 0) return
    await once(pool, 'release')
  }
}
