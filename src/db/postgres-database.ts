import { Kysely, PostgresDialect, sql } from 'kysely'
import { Pool } from 'pg'
import { BackspaceError } from '../errors.ts'
import type { Database } from './database.ts'
import { createPostgresListener } from './postgres-listener.ts'
import type { Schema } from './schema.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** A process that was stopped in the middle of a transaction must not keep its rows locked for ever. */
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
  // A connection that breaks is replaced, and whoever was using it is told; without listeners it would end the process.
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
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw new BackspaceError(
      'unavailable',
      'PostgreSQL does not answer at DATABASE_URL. Check that the server runs, and its host, port, user, password and database name.',
      { cause: error },
    )
  }
}
