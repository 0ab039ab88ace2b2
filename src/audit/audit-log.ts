import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { gatherCalls } from '../db/gather-calls.ts'
import { retryDatabase } from '../db/retry-database.ts'
import type { Schema } from '../db/schema.ts'
import { inTurns, type Pieces } from '../time/pieces.ts'
import type { AuditEntry } from './audit-entry.ts'
import { type ChainHead, chainWaiting } from './hash-chain.ts'

/**
 * What was decided and done, for people who must be able to prove it later: append-only, and each entry's hash covers the
 * one before. An entry is stored at once, in the transaction of what it records where there is one, and moves into the
 * chain within seconds: so no request waits for a lock that all processes share.
 */
export interface AuditLog {
  /**
   * Resolves when the entry is stored.
   *
   * @throws {DatabaseAway} after ten seconds.
   */
  append(entry: AuditEntry): Promise<void>
  /** As `append`, for what need not wait; a failure is reported to `onError`. */
  note(entry: AuditEntry): void
  /** Moves what is stored into the chain soon; call it after a transaction that used `storeAuditEntries`. */
  chainSoon(): void
  /** Moves everything that is stored into the chain. */
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
  /** False: other processes chain what this one stores. Default: true. */
  readonly chains?: boolean | undefined
  /** Milliseconds until stored entries are chained; default 1,000. */
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
    // What is stored later is chained by the next process.
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
 * Stores entries within a caller's transaction, or in a statement of their own; `chainSoon` takes them from there.
 *
 * @param redact default: none, for entries that hold no text from outside.
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
/** What is masked reaches so far beyond the cut: the first half of a secret is one as well, and looks like none. */
const LONGEST_SECRET = 8192

/** No single entry may fill the table: long lists and texts are cut. */
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

/** PostgreSQL stores neither NUL nor half a surrogate pair. */
function storable(text: string, redact: (text: string) => string): string {
  return redact(text.slice(0, LONGEST_TEXT + LONGEST_SECRET))
    .slice(0, LONGEST_TEXT)
    .replaceAll('\0', '')
    .toWellFormed()
}
