import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { BackspaceError } from '../errors.ts'
import { bossDatabase } from './boss-database.ts'
import type { Database } from './database.ts'
import { checkBeforeUse, poolSettled } from './frozen-pool.ts'
import { createPostgresListener } from './postgres-listener.ts'
import type { Schema } from './schema.ts'
import { createConnectionWatch, KEEP_ALIVE_MS, type WatchPace } from './watch-connections.ts'

const CONNECT_TIMEOUT_MS = 10_000
const MOST = 10
const MOST_OF_QUEUE = 5
/** Most connections of one function, since hundreds may run at once. */
const MOST_IN_FUNCTION = 3
/** The oldest supported server, as in `server_version_num`. */
const OLDEST = 150_000
/** A process that was suspended in the middle of a transaction must not keep its rows locked forever. */
const IDLE_IN_TRANSACTION_MS = 10_000

/** A PostgreSQL server (15 or newer), which any number of processes may share. */
export async function openPostgresDatabase(options: {
  readonly url: string
  readonly onError: (error: unknown) => void
  /** See `OpenDatabaseOptions`. */
  readonly inFunction?: boolean
  /** How soon dead connections are noticed; for tests. */
  readonly watch?: WatchPace
}): Promise<Database> {
  const { url, onError, inFunction = false } = options
  const watch = createConnectionWatch(url, options.watch)
  function openPool(max: number, name: string): Pool {
    const pool = new Pool({
      connectionString: url,
      max,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      application_name: name,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
      onConnect: watch.onConnect,
    })
    // The pool replaces a broken connection, and its user gets an error. Without a listener, the event would end the
    // process.
    pool.on('error', onError)
    pool.on('connect', (client) => client.on('error', () => {}))
    watch.watch(pool)
    return pool
  }
  const pool = openPool(inFunction ? MOST_IN_FUNCTION : MOST, 'backspace')
  await answers(pool).catch((error: unknown) => {
    watch.stop()
    throw error
  })
  const frozen = inFunction ? checkBeforeUse(pool) : undefined
  const tables = new Kysely<Schema>({ dialect: new PostgresDialect({ pool: frozen ?? pool }) })
  const listener = inFunction ? undefined : createPostgresListener({ url, onError })
  // Claims have a pool of their own, so that they never wait behind pages.
  const queuePool = inFunction ? undefined : openPool(MOST_OF_QUEUE, 'backspace-queue')

  return {
    kind: 'postgres',
    sql: tables,
    boss: { db: bossDatabase(queuePool ?? frozen ?? pool), backend: 'postgres' },
    listens: listener !== undefined,
    listen: async (channel, handler) => (await listener?.listen(channel, handler)) ?? (async () => {}),
    async notify(channel, payload) {
      await sql`select pg_notify(${channel}, ${payload})`.execute(tables)
    },
    async ping() {
      await sql`select 1`.execute(tables)
    },
    settled: () => poolSettled(pool),
    async close() {
      watch.stop()
      await listener?.close()
      await queuePool?.end()
      await tables.destroy()
    },
  }
}

async function answers(pool: Pool): Promise<void> {
  try {
    requireSuitable(await ask(pool))
  } catch (error) {
    await pool.end()
    throw error
  }
}

interface ServerFacts {
  readonly encoding: string
  /** As in `server_version_num`: 150004 is 15.4. */
  readonly version: number
}

async function ask(pool: Pool): Promise<ServerFacts | undefined> {
  try {
    const { rows } = await pool.query<ServerFacts>(`
      select current_setting('server_encoding') as encoding,
        current_setting('server_version_num')::int as version`)
    return rows[0]
  } catch (error) {
    throw new BackspaceError('unavailable', whyNoServer(error), { cause: error })
  }
}

/**
 * Why the server cannot be used, by error code: those of PostgreSQL
 * (https://www.postgresql.org/docs/current/errcodes-appendix.html) and those of Node.
 */
const REASONS: readonly (readonly [RegExp, string])[] = [
  [
    /^28P01$/,
    'refuses the user or the password of DATABASE_URL. Check both; special characters in them are written as %40 and the like.',
  ],
  [
    /^28000$/,
    'does not let this user in: there is none of the name, or not from this machine. Check the user of DATABASE_URL, TLS (sslmode), and pg_hba.conf on the server.',
  ],
  [/^3D000$/, 'has no database of the name in DATABASE_URL. Create it, or correct the name.'],
  [/^53300$/, 'has no free connection. Raise max_connections, or set DATABASE_URL to a pooler.'],
  [/^57P0[1-3]$/, 'at DATABASE_URL is starting or stopping. Try again in a moment.'],
  [
    /^(ENOTFOUND|EAI_AGAIN)$/,
    'cannot be found: the host name of DATABASE_URL has no address. Check the name and the network.',
  ],
  [
    /^ECONNREFUSED$/,
    'does not answer at DATABASE_URL: the connection is refused. Check that the server runs, and its host and port.',
  ],
  [
    /does not support SSL/,
    'at DATABASE_URL has no TLS. Switch it on there, or take sslmode out of the address if the way there is safe.',
  ],
  [
    /CERT|^(UNABLE_TO|DEPTH_ZERO|SELF_SIGNED)/,
    'at DATABASE_URL has a certificate that is not trusted. Set NODE_EXTRA_CA_CERTS to the file with the one that signed it.',
  ],
]

function whyNoServer(error: unknown): string {
  const attempts = error instanceof AggregateError ? [error, ...error.errors] : [error]
  const codes = attempts.map((each) =>
    String((each as NodeJS.ErrnoException).code ?? (each as Error).message),
  )
  const [, reason] = REASONS.find(([pattern]) => codes.some((code) => pattern.test(code))) ?? []
  const any =
    'does not answer at DATABASE_URL. Check that the server runs, and its host, port, user, password and database name.'
  return `PostgreSQL ${reason ?? any}`
}

/** Checks version and encoding at the start. Otherwise the first emoji in a request would reveal a wrong encoding. */
function requireSuitable(server: ServerFacts | undefined): void {
  if (server && server.version < OLDEST) {
    throw new BackspaceError(
      'config_invalid',
      `PostgreSQL at DATABASE_URL is version ${Math.floor(server.version / 10_000)}. Backspace needs 15 or newer.`,
    )
  }
  if (server && server.encoding !== 'UTF8') {
    throw new BackspaceError(
      'config_invalid',
      `The database at DATABASE_URL stores text as ${server.encoding}, which cannot hold what people write. Make one with encoding UTF8.`,
    )
  }
}
