import type { Config } from '../../../config.ts'
import type { Database } from '../../../db/database.ts'
import { openDatabase } from '../../../db/open-database.ts'
import { knownError } from '../../../errors.ts'
import { createReceiptKeys } from '../../../receipts/receipt-keys.ts'
import { createPauseStore } from '../../../runs/pause/operator-pause.ts'
import { migrate } from '../../../runs/store/migrate.ts'
import { createTokenStore } from '../../../web/access/token-store.ts'
import { connectOperatorOffice, type OperatorOffice } from '../../../wiring/operator-socket.ts'

/** Does the work on the database, or asks a running Backspace to do it if that holds the embedded database. */
export async function withOffice<T>(
  { database }: Pick<Config, 'database'>,
  use: (office: OperatorOffice) => Promise<T>,
): Promise<T> {
  let db: Database
  try {
    db = await openDatabase(database)
  } catch (error) {
    const office = 'dataDir' in database ? connectOperatorOffice(database.dataDir) : undefined
    if (office === undefined || knownError(error)?.code !== 'database_locked') throw error
    return use(office)
  }
  try {
    await migrate(db)
    return await use({
      tokens: createTokenStore(db),
      keys: createReceiptKeys(db),
      pauses: createPauseStore(db),
    })
  } finally {
    await db.close()
  }
}
