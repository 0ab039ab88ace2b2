import { Socket } from 'node:net'
import { Client, type ClientBase, type Pool, type PoolClient } from 'pg'
import { z } from 'zod'

/**
 * After this many milliseconds of silence, the kernel asks whether the other end is still there. Ten seconds later it
 * gives the connection up.
 */
export const KEEP_ALIVE_MS = 5_000

/** When connections are examined; times in milliseconds. */
export interface WatchPace {
  readonly everyMs: number
  /** A connection that has been in use for longer than this is examined. */
  readonly heldMs: number
  /**
   * If the server has not worked for a connection for this long, it has sent the answer or never received the query.
   */
  readonly idleMs: number
  /** If the server cannot be asked for this long, the connections are given up. */
  readonly unreachableMs: number
}

export interface ConnectionWatch {
  /** Call it for each new connection of the pool, before the connection is used. */
  onConnect(client: ClientBase): Promise<void>
  watch(pool: Pool): void
  stop(): void
}

const PACE: WatchPace = { everyMs: 2_500, heldMs: 10_000, idleMs: 5_000, unreachableMs: 30_000 }

/**
 * Ends connections that no longer reach the server, because a firewall forgot them or the server moved. Neither side
 * notices, and the kernel repeats its packets for a quarter of an hour while a query waits. So if a query takes long,
 * the server is asked over a new connection whether it works on it. A query that is merely slow goes on; one whose
 * connection is ended fails as if the database were away.
 */
export function createConnectionWatch(url: string, pace: WatchPace = PACE): ConnectionWatch {
  const held = new Map<PoolClient, number>()
  /**
   * The server's process for each connection, as the server reports it; the connection itself may report a pooler's id.
   */
  const backends = new WeakMap<ClientBase, number>()

  async function look(): Promise<void> {
    const now = performance.now()
    const long = [...held].filter(([, since]) => now - since >= pace.heldMs)
    if (long.length === 0) return
    const busy = await busyBackends(url, pace).catch(() => undefined)
    for (const [client, since] of long) {
      const backend = backends.get(client)
      const isDead = busy && backend !== undefined ? !busy.has(backend) : now - since >= pace.unreachableMs
      // Meanwhile the connection may have got its answer, and another query.
      if (isDead && held.get(client) === since) cut(client)
    }
  }

  let isLooking = false
  const timer = setInterval(() => {
    if (isLooking) return
    isLooking = true
    void look().finally(() => {
      isLooking = false
    })
  }, pace.everyMs).unref()

  return {
    async onConnect(client) {
      const { rows } = await client.query('select pg_backend_pid() as pid')
      backends.set(client, BACKENDS.parse(rows)[0]?.pid ?? 0)
    },
    watch(pool) {
      pool.on('acquire', (client) => void held.set(client, performance.now()))
      pool.on('release', (_error, client) => void held.delete(client))
      pool.on('remove', (client) => void held.delete(client))
    },
    stop: () => clearInterval(timer),
  }
}

const BACKENDS = z.array(z.object({ pid: z.number() }))

/** The server's processes that work for this user's connections, or did a moment ago. */
async function busyBackends(url: string, { idleMs, heldMs }: WatchPace): Promise<ReadonlySet<number>> {
  const client = new Client({
    connectionString: url,
    application_name: 'backspace-watch',
    connectionTimeoutMillis: heldMs,
    query_timeout: heldMs,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query(
      `select pid from pg_stat_activity
        where usename = current_user
          and (state = 'active' or state_change > clock_timestamp() - $1 * interval '1 millisecond')`,
      [idleMs],
    )
    return new Set(BACKENDS.parse(rows).map(({ pid }) => pid))
  } finally {
    // An orderly end would wait for an answer.
    cut(client)
  }
}

/** Destroys a connection whose other end does not answer, for which there is no public way. */
function cut(client: ClientBase): void {
  const connection: unknown = Reflect.get(client, 'connection')
  const stream: unknown =
    typeof connection === 'object' && connection !== null && Reflect.get(connection, 'stream')
  if (stream instanceof Socket) stream.destroy()
}
