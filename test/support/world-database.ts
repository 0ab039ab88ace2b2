import { rm } from 'node:fs/promises'
import { Client } from 'pg'
import { openDatabase } from '../../src/db/open-database.ts'
import { startBoss } from '../../src/runs/queue/start-boss.ts'
import { migrate } from '../../src/runs/store/migrate.ts'
import { postgresBinaries, startPostgres } from './postgres.ts'
import type { WorldOptions } from './start-world.ts'
import { copyTemplateDatabase } from './template-database.ts'

type Undefinable<T> = { [K in keyof T]?: T[K] | undefined }

export interface WorldDatabase {
  /** The settings that make Backspace use it. */
  readonly env: Readonly<Record<string, string>>
  remove(): Promise<void>
}

/**
 * A database for a story. One that does not name its sandbox is not about databases either: it shares a PostgreSQL with
 * the others of this process, where PostgreSQL is installed. To start an embedded database and to ask it takes half a
 * second of a core for each run, this a fifth of that. All others have a database embedded in the product.
 */
export async function createWorldDatabase({
  sandbox,
  env,
}: Undefinable<Pick<WorldOptions, 'sandbox' | 'env'>>): Promise<WorldDatabase> {
  const isOwn = sandbox !== undefined || env?.DATA_DIR !== undefined
  const database = isOwn ? undefined : await shared.create()
  if (database !== undefined) return database
  const directory = await copyTemplateDatabase()
  return {
    env: { DATA_DIR: directory },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}

const shared = createSharedServer()

function createSharedServer() {
  let template: Promise<URL> | undefined
  let databases = 0

  /** A database with every table, the queue's too: copies of it are ready for use. */
  async function makeTemplate(): Promise<URL> {
    const server = await startPostgres()
    const url = await server.createDatabase()
    const db = await openDatabase({ url })
    await migrate(db)
    const boss = await startBoss(db, { onError: () => {} })
    await boss.stop({ graceful: false })
    await db.close()
    return new URL(url)
  }

  return {
    /** Undefined where PostgreSQL is not installed. The server ends with this process. */
    async create(): Promise<WorldDatabase | undefined> {
      if (postgresBinaries() === undefined) return undefined
      template ??= makeTemplate()
      const url = new URL(await template)
      const [from, name] = [url.pathname.slice(1), `world_${++databases}`]
      await ask(url, `create database ${name} template ${from} strategy file_copy`)
      url.pathname = name
      return { env: { DATABASE_URL: url.href }, remove: () => ask(url, `drop database ${name} with (force)`) }
    },
  }
}

async function ask(server: URL, statement: string): Promise<void> {
  const client = new Client({ connectionString: new URL('/postgres', server).href })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
