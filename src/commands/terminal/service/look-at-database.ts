import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type DatabaseLocation, openDatabase } from '../../../db/open-database.ts'
import { knownError } from '../../../errors.ts'
import type { DatabaseLook } from '../../../readiness/check-storage.ts'
import { connectOperatorOffice } from '../../../wiring/operator-socket.ts'

/** Opens the configured database for a command that only reads: creates no database, and does not disturb a running Backspace. */
export function lookAtDatabase(location: DatabaseLocation): {
  /** Opens it on the first call. */
  open(): Promise<DatabaseLook>
  close(): Promise<void>
} {
  let opened: Promise<DatabaseLook> | undefined

  async function open(): Promise<DatabaseLook> {
    if ('dataDir' in location && !existsSync(join(location.dataDir, 'pglite'))) return { is: 'not_made' }
    try {
      return { is: 'open', db: await openDatabase(location) }
    } catch (error) {
      const office = 'dataDir' in location ? connectOperatorOffice(location.dataDir) : undefined
      if (office === undefined || knownError(error)?.code !== 'database_locked') throw error
      await office.pauses.read()
      return { is: 'in_use' }
    }
  }

  return {
    open() {
      opened ??= open()
      return opened
    },
    async close() {
      const found = await opened?.catch(() => undefined)
      if (found?.is === 'open') await found.db.close()
    },
  }
}
