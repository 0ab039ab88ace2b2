import { Pool } from 'pg'
import { onTestFinished } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { startBoss } from '../../src/runs/queue/start-boss.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { postgresBinaries, startPostgres } from './postgres.ts'
import { openTestDatabase } from './template-database.ts'

export interface SharedDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** One PostgreSQL for all tests of this process, that starts with the first database and ends with the process. */
const shared = createServer()

/** A new database, empty or with every table, the queue's too; undefined where PostgreSQL is not installed. */
export async function createSharedDatabase(content: 'empty' | 'tables'): Promise<SharedDatabase | undefined> {
  return await shared.create(content)
}

/**
 * Address of a new database that goes when the test is over, for processes of its own.
 *
 * @throws {Error} where PostgreSQL is not installed.
 */
export async function databaseOfTest(content: 'empty' | 'tables'): Promise<string> {
  const database = await createSharedDatabase(content)
  if (database === undefined) throw new Error('PostgreSQL is not installed: apt-get install postgresql')
  onTestFinished(database.drop)
  return database.url
}

/**
 * A database with every table on the shared server, for tests that are not about databases; embedded where PostgreSQL is not
 * installed. To start an embedded one takes a third of a second of a core, and each query takes five times as long.
 */
export async function openSharedDatabase(): Promise<Database> {
  const place = await createSharedDatabase('tables')
  if (place === undefined) return await openTestDatabase()
  const db = await openDatabase({ url: place.url })
  async function close(): Promise<void> {
    await db.close()
    await place?.drop()
  }
  return { ...db, close }
}

function createServer() {
  let started: Promise<{ readonly template: URL; readonly operator: Pool }> | undefined
  let withTables: Promise<void> | undefined
  let databases = 0

  async function start() {
    const server = await startPostgres()
    const template = new URL(await server.createDatabase())
    // One connection for all: to open one takes as much of the processor as to make a small database.
    const connectionString = new URL('/postgres', template).href
    const operator = new Pool({ connectionString, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true })
    // The server and this process end in no order.
    operator.on('error', () => {})
    return { template, operator }
  }

  async function makeTables(url: string): Promise<void> {
    const db = await openDatabase({ url })
    await migrate(db)
    const boss = await startBoss(db, { onError: () => {} })
    await boss.stop({ graceful: false })
    await db.close()
  }

  return {
    async create(content: 'empty' | 'tables'): Promise<SharedDatabase | undefined> {
      if (postgresBinaries() === undefined) return undefined
      started ??= start()
      const { template, operator } = await started
      if (content === 'tables') {
        withTables ??= makeTables(template.href)
        await withTables
      }
      const name = `shared_${++databases}`
      const from = content === 'tables' ? template.pathname.slice(1) : 'template1'
      await operator.query(`create database ${name} template ${from} strategy file_copy`)
      const { href } = new URL(`/${name}`, template)
      async function drop(): Promise<void> {
        await operator.query(`drop database ${name} with (force)`)
      }
      return { url: href, drop }
    },
  }
}
