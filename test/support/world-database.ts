import { rm } from 'node:fs/promises'
import type { DatabaseLocation } from '../../src/db/open-database.ts'
import { createSharedDatabase } from './shared-postgres.ts'
import type { WorldOptions } from './start-world.ts'
import { copyTemplateDatabase } from './template-database.ts'

export interface WorldDatabase {
  /** The settings that make Backspace use it. */
  readonly env: Readonly<Record<string, string>>
  readonly location: DatabaseLocation
  remove(): Promise<void>
}

/**
 * A database for a story. One that does not name its sandbox is not about databases either: unless it says otherwise, it
 * shares a PostgreSQL with the others of this process, where PostgreSQL is installed. To start an embedded database and to ask it takes half a
 * second of a core for each run, this a fifth of that. All others have a database embedded in the product.
 */
export async function createWorldDatabase({
  sandbox,
  database = sandbox === undefined ? 'shared' : 'embedded',
  env,
}: Pick<WorldOptions, 'sandbox' | 'database' | 'env'>): Promise<WorldDatabase> {
  const isShared = database === 'shared' && env?.DATA_DIR === undefined
  const shared = isShared ? await createSharedDatabase('tables') : undefined
  if (shared !== undefined) {
    const { url, drop } = shared
    return { env: { DATABASE_URL: url }, location: { url }, remove: drop }
  }
  const directory = await copyTemplateDatabase()
  return {
    env: { DATA_DIR: directory },
    location: { dataDir: directory },
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
