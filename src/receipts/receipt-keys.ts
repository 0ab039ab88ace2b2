import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import type { AuditActor } from '../audit/audit-entry.ts'
import { storeAuditEntries } from '../audit/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { ReceiptKeysTable } from '../db/receipt-tables.ts'
import { retryDatabase } from '../db/retry-database.ts'
import type { Schema } from '../db/schema.ts'
import { keyIdOf, type ReceiptKey } from './key-list.ts'

/** The keys that sign receipts. Every call asks the database, so that every process uses a new key at once. */
export interface ReceiptKeys {
  /** Makes a key unless there is one. Any number of processes may call it at the same time. */
  ensure(): Promise<void>
  /** All keys, even retired ones, oldest first. */
  list(): Promise<readonly ReceiptKey[]>
  /** Retires the current key, deletes its private half, and makes a new key. */
  rotate(): Promise<ReceiptKey>
}

/** How long a reader waits for the database. */
const READ = { forMs: 10_000 } as const

export function createReceiptKeys(db: Database): ReceiptKeys {
  const change = <T>(work: (tx: Kysely<Schema>) => Promise<T>) =>
    retryDatabase(() => db.sql.transaction().execute(work), READ)
  return {
    ensure: () => change(ensureKey),
    async list() {
      const select = db.sql.selectFrom('receipt_keys').selectAll().orderBy('created_at')
      return (await retryDatabase(() => select.execute(), READ)).map(toKey)
    },
    rotate: () =>
      change(async (tx) => {
        await waitForOthers(tx)
        return replaceKey(tx, 'operator')
      }),
  }
}

/**
 * Makes a key unless there is one that can sign. After a restore the private half of a key is missing, since backups do
 * not contain it.
 */
export async function ensureKey(tx: Kysely<Schema>): Promise<void> {
  if (await hasKey(tx)) return
  await waitForOthers(tx)
  if (!(await hasKey(tx))) await replaceKey(tx, 'backspace')
}

async function hasKey(tx: Kysely<Schema>): Promise<boolean> {
  const select = tx
    .selectFrom('receipt_keys')
    .innerJoin('receipt_secrets', 'key_id', 'id')
    .select('id')
    .where('retired_at', 'is', null)
  return (await select.executeTakeFirst()) !== undefined
}

/** Keeps other transactions from changing keys until this one ends. Signing goes on. */
async function waitForOthers(tx: Kysely<Schema>): Promise<void> {
  await sql`lock table receipt_secrets in share row exclusive mode`.execute(tx)
}

/** The time of the database, whose clock all processes share, in the milliseconds that receipts state. */
export const NOW = sql<Date>`date_trunc('milliseconds', clock_timestamp())`

async function replaceKey(tx: Kysely<Schema>, actor: AuditActor): Promise<ReceiptKey> {
  // Waits for receipts that are being signed with the old key, so that none is newer than the end of its key.
  const old = await tx
    .selectFrom('receipt_keys')
    .select('id')
    .where('retired_at', 'is', null)
    .forUpdate()
    .execute()
  await tx.updateTable('receipt_keys').set({ retired_at: NOW }).where('retired_at', 'is', null).execute()
  await tx.deleteFrom('receipt_secrets').execute()
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const id = keyIdOf(publicKey)
  const row = await tx
    .insertInto('receipt_keys')
    .values({
      id,
      public_key: publicKey.export({ type: 'spki', format: 'der' }),
      created_at: NOW,
      retired_at: null,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  await tx
    .insertInto('receipt_secrets')
    .values({ key_id: id, private_key: privateKey.export({ type: 'pkcs8', format: 'der' }) })
    .execute()
  const fact = {
    kind: 'receipt_key.made',
    facts: { key: id, replaces: old.at(0)?.id },
  } as const
  await storeAuditEntries(tx, [{ ...fact, actor, at: row.created_at }])
  return toKey(row)
}

function toKey(row: Selectable<ReceiptKeysTable>): ReceiptKey {
  const publicKey = createPublicKey({ key: Buffer.from(row.public_key), type: 'spki', format: 'der' })
  return { keyid: row.id, publicKey, createdAt: row.created_at, retiredAt: row.retired_at }
}
