import type { Config } from '../../../config.ts'
import type { Database } from '../../../db/database.ts'
import { openDatabase } from '../../../db/open-database.ts'
import { BackspaceError, knownError } from '../../../errors.ts'

/**
 * Opens the configured database for a command. A running service shares PostgreSQL, but not an embedded database.
 *
 * @throws {BackspaceError} `database_locked` if the service runs on an embedded database; else as `openDatabase`.
 */
export async function openStopped({ database }: Pick<Config, 'database'>): Promise<Database> {
  try {
    return await openDatabase(database)
  } catch (error) {
    if (knownError(error)?.code !== 'database_locked') throw error
    throw new BackspaceError(
      'database_locked',
      'Backspace is running on this data directory, and the embedded database serves one process only. Stop Backspace first, or use the newest daily backup in DATA_DIR/backups.',
      { cause: error },
    )
  }
}
