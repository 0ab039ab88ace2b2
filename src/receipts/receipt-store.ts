import { createHash, createPrivateKey } from 'node:crypto'
import { type Kysely, type Selectable, sql } from 'kysely'
import { storeAuditEntries } from '../audit/audit-log.ts'
import type { Database } from '../db/database.ts'
import type { ReceiptsTable } from '../db/receipt-tables.ts'
import { retryDatabase } from '../db/retry-database.ts'
import type { Schema } from '../db/schema.ts'
import { BackspaceError } from '../errors.ts'
import { type SigningKey, sealEnvelope } from './envelope.ts'
import { ensureKey, NOW } from './receipt-keys.ts'

export interface StoredReceipt {
  readonly runId: string
  /** The commit that the receipt describes. */
  readonly commit: string
  readonly keyid: string
  /** The exact text of the envelope, as it is served. */
  readonly envelope: string
  /** SHA-256 of the envelope's bytes, in hexadecimal. */
  readonly sha256: string
  readonly issuedAt: Date
}

export interface ReceiptStore {
  /**
   * Signs and stores the receipt of a run, once: a repeated call for the same commit finds the first one. A later attempt
   * that published another commit replaces the receipt.
   *
   * @param statementAt returns the bytes to sign. It is synchronous because a transaction is open.
   * @throws {BackspaceError} `conflict` if a later attempt has issued the receipt; `change_too_large`; `unavailable`.
   */
  sign(
    issue: Pick<StoredReceipt, 'runId' | 'commit'> & { readonly attempt: number },
    statementAt: (issuedAt: Date) => Uint8Array,
  ): Promise<StoredReceipt>
  find(runId: string): Promise<StoredReceipt | undefined>
  /** Whether a run has a receipt, without reading it: a receipt may have megabytes. */
  has(runId: string): Promise<boolean>
}

const WRITE = { forMs: 60_000 } as const
const READ = { forMs: 10_000 } as const

export function createReceiptStore(db: Database): ReceiptStore {
  return {
    async sign({ runId, commit, attempt }, statementAt) {
      const row = await retryDatabase(
        () =>
          db.sql.transaction().execute(async (tx) => {
            const first = await receiptOf(tx, runId)
            if (first?.commit === commit) return first
            await ensureKey(tx)
            const { issuedAt, key } = await keyInUse(tx)
            const envelope = sealEnvelope(statementAt(issuedAt), key)
            const values = { commit, attempt, key_id: key.keyid, envelope, issued_at: issuedAt }
            const kept = await tx
              .insertInto('receipts')
              .values({ run_id: runId, ...values })
              .onConflict((conflict) =>
                conflict.column('run_id').doUpdateSet(values).where('receipts.attempt', '<=', attempt),
              )
              .returningAll()
              .executeTakeFirst()
            if (kept === undefined) {
              throw new BackspaceError('conflict', 'A later attempt of this run has issued its receipt.')
            }
            const facts = { commit, key: key.keyid, sha256: digestOf(envelope) }
            await storeAuditEntries(tx, [
              { kind: 'receipt.issued', actor: 'backspace', runId, facts, at: issuedAt },
            ])
            return kept
          }),
        WRITE,
      )
      return toReceipt(row)
    },

    async find(runId) {
      const row = await retryDatabase(() => receiptOf(db.sql, runId), READ)
      return row && toReceipt(row)
    },

    async has(runId) {
      const select = db.sql.selectFrom('receipts').select('run_id').where('run_id', '=', runId)
      return (await retryDatabase(() => select.executeTakeFirst(), READ)) !== undefined
    },
  }
}

async function receiptOf(
  tables: Kysely<Schema>,
  runId: string,
): Promise<Selectable<ReceiptsTable> | undefined> {
  return await tables.selectFrom('receipts').selectAll().where('run_id', '=', runId).executeTakeFirst()
}

/** The current key. Its row is locked until the transaction ends, so that the key is not retired before the receipt is stored. */
async function keyInUse(tx: Kysely<Schema>): Promise<{ readonly issuedAt: Date; readonly key: SigningKey }> {
  const select = tx
    .selectFrom('receipt_keys')
    .innerJoin('receipt_secrets', 'key_id', 'id')
    .select(['id', 'private_key'])
    .where('retired_at', 'is', null)
    .forShare('receipt_keys')
  // A query that waited while the key was replaced finds none; the second query sees the new key.
  const row = (await select.executeTakeFirst()) ?? (await select.executeTakeFirstOrThrow())
  const { rows } = await sql<{ at: Date }>`select ${NOW} as at`.execute(tx)
  const issuedAt = rows[0]?.at ?? new Date()
  const privateKey = createPrivateKey({ key: Buffer.from(row.private_key), type: 'pkcs8', format: 'der' })
  return { issuedAt, key: { keyid: row.id, privateKey } }
}

function toReceipt(row: Selectable<ReceiptsTable>): StoredReceipt {
  const { run_id: runId, commit, key_id: keyid, envelope, issued_at: issuedAt } = row
  return { runId, commit, keyid, envelope, sha256: digestOf(envelope), issuedAt }
}

function digestOf(envelope: string): string {
  return createHash('sha256').update(envelope).digest('hex')
}
