import { afterAll, beforeAll, describe } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { createSharedDatabase, type SharedDatabase } from '../support/shared-postgres.ts'
import { openTestDatabase } from '../support/template-database.ts'

/** What tests get: the database of their file, opened before the first and closed after the last of them. */
export interface TestDatabase {
  readonly kind: Database['kind']
  /** The one database. */
  readonly db: () => Database
  /** Where its server is; undefined on PGlite. */
  readonly url: () => string | undefined
  /** A second connection to it, as another process would have; undefined on PGlite, where there is none. */
  readonly openAgain: () => Promise<Database | undefined>
}

/** Runs the same tests on PGlite and, where it is installed, on PostgreSQL. */
export function onEachDatabase(tests: (database: TestDatabase) => void): void {
  describe('on PGlite', () => {
    let db: Database | undefined
    beforeAll(async () => {
      db = await openTestDatabase()
    })
    afterAll(() => db?.close())
    tests({
      kind: 'pglite',
      db: () => opened(db),
      url: () => undefined,
      openAgain: () => Promise.resolve(undefined),
    })
  })

  const missing = postgresBinaries() === undefined
  const name = missing ? 'on PostgreSQL (not installed: apt-get install postgresql)' : 'on PostgreSQL'
  describe.skipIf(missing)(name, () => {
    let shared: SharedDatabase | undefined
    const open: Database[] = []
    beforeAll(async () => {
      shared = await createSharedDatabase('empty')
      open.push(await openDatabase({ url: shared?.url ?? '' }))
    })
    afterAll(async () => {
      for (const db of open) await db.close()
      await shared?.drop()
    })
    tests({
      kind: 'postgres',
      db: () => opened(open[0]),
      url: () => shared?.url,
      async openAgain() {
        const again = await openDatabase({ url: shared?.url ?? '' })
        open.push(again)
        return again
      },
    })
  })
}

function opened(db: Database | undefined): Database {
  if (db === undefined) throw new Error('the database is not open yet')
  return db
}
