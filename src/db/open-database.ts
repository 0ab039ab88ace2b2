import type { Database } from './database.ts'

/**
 * The address of a server, or the directory of a PGlite. `':memory:'` is a PGlite that loses its data when it is
 * closed.
 */
export type DatabaseLocation = { readonly url: string } | { readonly dataDir: string }

export interface OpenDatabaseOptions {
  /** Called for lost connections and failed maintenance, which no caller would otherwise learn of. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Called when an embedded database has crashed. From then on, every query of this process fails. */
  readonly onCrash?: ((error: unknown) => void) | undefined
  /** Whether this process is a function, which its host freezes between requests. For PostgreSQL only. */
  readonly inFunction?: boolean | undefined
}

/**
 * Opens the database. It does not create tables; see `migrate`.
 *
 * @throws {BackspaceError} `database_locked` when another process holds the directory; `unavailable` when the directory
 * cannot be written or the server does not answer; `config_invalid` when the database is too old or does not hold
 * UTF-8.
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
