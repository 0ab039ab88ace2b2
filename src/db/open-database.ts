import type { Database } from './database.ts'

/** `dataDir: ':memory:'` is a PGlite whose data are lost when it is closed. */
export type DatabaseLocation = { readonly url: string } | { readonly dataDir: string }

export interface OpenDatabaseOptions {
  /** Called for lost connections and failed maintenance, which throw nothing. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Called when an embedded database has crashed; every query of this process fails from then on. */
  readonly onCrash?: ((error: unknown) => void) | undefined
  /** Whether this process is a function, which its host freezes between requests; PostgreSQL only. */
  readonly inFunction?: boolean | undefined
}

/**
 * Opens the database; does not create tables (see `migrate`).
 *
 * @throws {BackspaceError} `database_locked` when another process holds the directory; `unavailable` when the
 * directory cannot be written or the server does not answer; `config_invalid` for a database that is too old or does
 * not hold UTF-8.
 */
export async function openDatabase(
  location: DatabaseLocation,
  { onError = () => {}, onCrash = () => {}, inFunction = false }: OpenDatabaseOptions = {},
): Promise<Database> {
  if ('url' in location) {
    const { openPostgresDatabase } = await import('./postgres-database.ts')
    return openPostgresDatabase({ url: location.url, onError, inFunction })
  }
  const { openPgliteDatabase } = await import('./pglite-database.ts')
  return openPgliteDatabase({ dataDir: location.dataDir, onError, onCrash })
}
