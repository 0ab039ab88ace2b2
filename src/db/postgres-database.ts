import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { BackspaceError } from '../errors.ts'
import type { Database } from './database.ts'
import { createPostgresListener } from './postgres-listener.ts'
import type { Schema } from './schema.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** As `server_version_num` has it. */
const OLDEST = 150_000
/** A process that was suspended within a transaction must not keep its rows locked forever. */
const IDLE_IN_TRANSACTION_MS = 10_000

/** A PostgreSQL server (15 or newer), which any number of processes may share. */
export async function openPostgresDatabase(options: {
  readonly url: string
  readonly onError: (error: unknown) => void
}): Promise<Database> {
  const { url, onError } = options
  const pool = new Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    application_name: 'backspace',
    keepAlive: true,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
  })
  // The pool replaces a broken connection and its user gets an error; without a listener the event would end the process.
  pool.on('error', onError)
  pool.on('connect', (client) => client.on('error', () => {}))
  await answers(pool)
  const tables = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) })
  const listener = createPostgresListener({ url, onError })

  return {
    kind: 'postgres',
    sql: tables,
    boss: { connectionString: url, max: 5 },
    listen: (channel, handler) => listener.listen(channel, handler),
    async notify(channel, payload) {
      await sql`select pg_notify(${channel}, ${payload})`.execute(tables)
    },
    async ping() {
      await sql`select 1`.execute(tables)
    },
    async close() {
      await listener.close()
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
  /** 150004 is 15.4. */
  readonly version: number
}

async function ask(pool: Pool): Promise<ServerFacts | undefined> {
  try {
    const { rows } = await pool.query<ServerFacts>(`
      select current_setting('server_encoding') as encoding,
        current_setting('server_version_num')::int as version`)
    return rows[0]
  } catch (error) {
    throw new BackspaceError(
      'unavailable',
      'PostgreSQL does not answer at DATABASE_URL. Check that the server runs, and its host, port, user, password and database name.',
      { cause: error },
    )
  }
}

/** Found at the start instead of at the first emoji in a request. */
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
