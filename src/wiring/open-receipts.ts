import packageJson from '../../package.json' with { type: 'json' }
import type { Database } from '../db/database.ts'
import { createReceiptIssuer, type ReceiptIssuer } from '../receipts/receipt-issuer.ts'
import { createReceiptKeys, type ReceiptKeys } from '../receipts/receipt-keys.ts'
import { createReceiptStore, type ReceiptStore } from '../receipts/receipt-store.ts'

interface Receipts {
  readonly keys: ReceiptKeys
  readonly find: ReceiptStore['find']
  readonly has: ReceiptStore['has']
  readonly issuer: ReceiptIssuer
}

interface ReceiptOptions {
  readonly db: Database
  /** Address of a run's page; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  readonly redact: (text: string) => string
  readonly onError: (error: unknown, facts: object) => void
}

/** Opens the receipts and their keys. The first process on a database makes the first key. */
export async function openReceipts({ db, ...options }: ReceiptOptions): Promise<Receipts> {
  const keys = createReceiptKeys(db)
  await keys.ensure()
  const store = createReceiptStore(db)
  const issuer = createReceiptIssuer({ store, version: packageJson.version, ...options })
  return { keys, find: store.find, has: store.has, issuer }
}
