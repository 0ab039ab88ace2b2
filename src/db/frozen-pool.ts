import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { PostgresPool } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import { within } from '../time/within.ts'

interface FrozenPool extends PostgresPool {
  connect(): Promise<PoolClient>
}

/** A connection that was used this recently is still open. */
const TRUSTED_MS = 1_000
const ANSWER_MS = 2_000

/**
 * Checks idle connections before they are used, in a process that its host freezes between requests. While it is
 * frozen, the server or the network may end its connections, and no timer of the pool notices.
 */
export function checkBeforeUse(pool: Pool): FrozenPool {
  const releasedAt = new WeakMap<PoolClient, number>()
  // By the clock of the machine, since other clocks may stop while the process is frozen.
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

/** Resolves when no connection of the pool is in use. A process that is frozen then holds no lock. */
export async function poolSettled(pool: Pool): Promise<void> {
  for (;;) {
    // A query that follows another one at once belongs to the same work.
    await nextTurn()
    if (pool.totalCount === pool.idleCount && pool.waitingCount === 0) return
    await once(pool, 'release')
  }
}
