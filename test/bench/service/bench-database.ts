import { rm } from 'node:fs/promises'
import { type DatabaseLocation, openDatabase } from '../../../src/db/open-database.ts'
import { postgresBinaries, startPostgres } from '../../support/postgres.ts'
import { copyTemplateDatabase } from '../../support/template-database.ts'

/** A kind of database that services are measured on. */
export interface BenchBackend {
  readonly name: 'PGlite' | 'PostgreSQL'
  /** A new one, empty. */
  createDatabase(): Promise<BenchDatabase>
  close(): Promise<void>
}

export interface BenchDatabase {
  readonly location: DatabaseLocation
  /** What tells a service to use it. */
  readonly env: Readonly<Record<string, string>>
  /** Deliveries in it; no service may have it open. */
  countDeliveries(): Promise<number>
  remove(): Promise<void>
}

/** PGlite, and PostgreSQL where it is installed. */
export async function startBackends(): Promise<readonly BenchBackend[]> {
  const pglite: BenchBackend = {
    name: 'PGlite',
    async createDatabase() {
      const dataDir = await copyTemplateDatabase()
      const remove = () => rm(dataDir, { recursive: true, force: true })
      return describe({ dataDir }, { env: { DATA_DIR: dataDir }, remove })
    },
    close: async () => {},
  }
  if (postgresBinaries() === undefined) return [pglite]
  const server = await startPostgres({ durable: true })
  const postgres: BenchBackend = {
    name: 'PostgreSQL',
    async createDatabase() {
      const url = await server.createDatabase()
      return describe({ url }, { env: { DATABASE_URL: url }, remove: async () => {} })
    },
    close: () => server.stop(),
  }
  return [pglite, postgres]
}

function describe(
  location: DatabaseLocation,
  { env, remove }: Pick<BenchDatabase, 'env' | 'remove'>,
): BenchDatabase {
  return {
    location,
    env,
    remove,
    async countDeliveries() {
      const db = await openDatabase(location)
      try {
        const counted = db.sql.selectFrom('deliveries').select((eb) => eb.fn.countAll().as('count'))
        return Number((await counted.executeTakeFirstOrThrow()).count)
      } finally {
        await db.close()
      }
    },
  }
}
