import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { gatherCalls } from '../db/gather-calls.ts'
import { retryDatabase } from '../db/retry-database.ts'
import type { Schema } from '../db/schema.ts'
import { inTurns, type Pieces } from '../time/pieces.ts'
import type { AuditEntry } from './audit-entry.ts'
import { type ChainHead, chainWaiting } from './hash-chain.ts'

/**
 * Records what was decided and done, for people who must be able to prove it later. The log is append-only, and each
 * entry's hash covers the entry before. An entry is stored at once, if possible in the transaction of what it records,
 * and moves into the chain within seconds. So no request waits for the lock on the chain, which all processes share.
 */
export interface AuditLog {
  /**
   * Resolves when the entry is stored.
   *
   * @throws {DatabaseAway} after ten seconds.
   */
  append(entry: AuditEntry): Promise<void>
  /** Like `append`, for callers that need not wait. A failure is reported to `onError`. */
  note(entry: AuditEntry): void
  /** Moves stored entries into the chain soon. Call it after a transaction that used `storeAuditEntries`. */
  chainSoon(): void
  /** Moves all stored entries into the chain. */
  chain(): Promise<ChainHead>
  /** Waits for entries that are being stored, and chains them. */
  close(): Promise<void>
}

interface AuditLogOptions {
  readonly db: Database
  /** Masks secrets in every text of an entry. */
  readonly redact: (text: string) => string
  readonly now?: (() => Date) | undefined
  readonly onError: (error: unknown) => void
  /** Whether this process chains entries; false if others chain what it stores. Default: true. */
  readonly chains?: boolean | undefined
  /** How many milliseconds stored entries wait before they are chained; default 1,000. */
  readonly chainAfterMs?: number | undefined
}

const STORE_FOR_MS = 10_000
const CHAIN_AFTER_MS = 1_000

export function createAuditLog(options: AuditLogOptions): AuditLog {
  const { db, redact, now = () => new Date(), onError, chains = true } = options
  const { chainAfterMs = CHAIN_AFTER_MS } = options
  const noted = new Set<Promise<void>>()
  let timer: NodeJS.Timeout | undefined
  let chaining: Promise<unknown> = Promise.resolve()
  let closed = false

  const store = gatherCalls({
    async work(entries: readonly TimedEntry[]) {
      await retryDatabase(() => storeAuditEntries(db.sql, entries, redact), { forMs: STORE_FOR_MS })
      chainSoon()
      return entries
    },
  })

  function chainSoon(): void {
    // An entry that is stored after this is chained by another process.
    if (closed || !chains) return
    timer ??= setTimeout(() => {
      timer = undefined
      chaining = chainWaiting(db).catch(onError)
    }, chainAfterMs).unref()
  }

  async function append(entry: AuditEntry): Promise<void> {
    await store({ ...entry, at: now() })
  }

  return {
    append,
    note(entry) {
      const stored = append(entry)
        .catch(onError)
        .finally(() => noted.delete(stored))
      noted.add(stored)
    },
    chainSoon,
    chain: () => chainWaiting(db),
    async close() {
      await Promise.all(noted)
      closed = true
      clearTimeout(timer)
      await chaining
      await chainWaiting(db)
    },
  }
}

export type TimedEntry = AuditEntry & { readonly at: Date }

/**
 * Stores entries, in a caller's transaction or in a statement of their own. `chainSoon` takes them from there.
 *
 * @param redact default: no masking, for entries without text from outside.
 */
export async function storeAuditEntries(
  tables: Kysely<Schema>,
  entries: readonly TimedEntry[],
  redact: (text: string) => string = (text) => text,
): Promise<void> {
  if (entries.length === 0) return
  const facts: string[] = []
  for (const entry of entries) facts.push(JSON.stringify(await inTurns(bounded(entry.facts, redact))))
  await sql`
    insert into audit_waiting (at, run_id, actor, kind, facts)
    select at::timestamptz, run_id, actor, kind, facts::jsonb from unnest(
      ${entries.map(({ at }) => at.toISOString())}::text[],
      ${entries.map(({ runId }) => runId ?? null)}::text[],
      ${entries.map(({ actor }) => storable(actor, redact))}::text[],
      ${entries.map(({ kind }) => kind)}::text[],
      ${facts}::text[]
    ) with ordinality as entry (at, run_id, actor, kind, facts, position)
    order by position`.execute(tables)
}

const LONGEST_TEXT = 500
const LONGEST_LIST = 50
/** Masking covers this much text beyond the cut: half a secret is secret as well, but does not look like one. */
const LONGEST_SECRET = 8192

/** Cuts long lists and texts, so that no single entry can fill the table. */
function* bounded(value: unknown, redact: (text: string) => string): Pieces<unknown> {
  if (typeof value === 'string') {
    yield
    return storable(value, redact)
  }
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) {
    const items: unknown[] = []
    for (const item of value.slice(0, LONGEST_LIST)) items.push(yield* bounded(item, redact))
    return items
  }
  const fields: [string, unknown][] = []
  for (const [key, item] of Object.entries(value)) fields.push([key, yield* bounded(item, redact)])
  return Object.fromEntries(fields)
}

/** Removes what PostgreSQL cannot store: NUL and halves of surrogate pairs. */
function storable(text: string, redact: (text: string) => string): string {
  return redact(text.slice(0, LONGEST_TEXT + LONGEST_SECRET))
    .slice(0, LONGEST_TEXT)
    .replaceAll('\0', '')
    .toWellFormed()
}
