import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import type { StoredAuditEntry } from './audit-entry.ts'

/** An entry with its place in the chain. */
export interface ChainedEntry extends StoredAuditEntry {
  /** Number of the entry: from 1, without gaps. */
  readonly sequence: number
  /** Hash of the entry before; `NO_HASH` for the first one. */
  readonly previousHash: string
  readonly hash: string
}

/** The end of the chain: how many entries were ever chained, and the last one's hash. */
export interface ChainHead {
  readonly sequence: number
  readonly hash: string
}

export const NO_HASH = '0'.repeat(64)

/**
 * The hash of an entry: SHA-256, hexadecimal, over the canonical JSON of all its fields and the hash of the entry
 * before.
 */
export function hashEntry(entry: Omit<ChainedEntry, 'hash'>): string {
  const { sequence, at, runId, actor, kind, facts, previousHash } = entry
  const text = canonicalJson([sequence, at.toISOString(), runId, actor, kind, facts, previousHash])
  return createHash('sha256').update(text).digest('hex')
}

/**
 * JSON with sorted keys and without spaces. Equal values have equal text, even if a database changes the order of keys.
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value ?? null)
  const fields = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`)
  return `{${fields.join(',')}}`
}

const AT_ONCE = 500

/**
 * Moves every waiting entry into the chain. Any number of processes may do so at once, since the head's row is the
 * lock.
 */
export async function chainWaiting(db: Database): Promise<ChainHead> {
  for (;;) {
    const { moved, head } = await db.sql
      .transaction()
      .execute(async (tx) => chainSome(tx, await lockHead(tx)))
    if (moved < AT_ONCE) return head
  }
}

/** Locks the end of the chain until the transaction ends. */
export async function lockHead(tx: Kysely<Schema>): Promise<ChainHead> {
  await sql`insert into audit_head (sequence, hash) values (0, ${NO_HASH}) on conflict do nothing`.execute(tx)
  const { rows } = await sql<{ sequence: string; hash: string }>`
    select sequence::text, hash from audit_head for update`.execute(tx)
  const [row] = rows
  return { sequence: Number(row?.sequence ?? 0), hash: row?.hash ?? NO_HASH }
}

/** @param head as `lockHead` returned it in the same transaction. */
export async function chainSome(
  tx: Kysely<Schema>,
  head: ChainHead,
): Promise<{ readonly moved: number; readonly head: ChainHead }> {
  const waiting = await takeWaiting(tx)
  if (waiting.length === 0) return { moved: 0, head }
  let { sequence, hash } = head
  const chained = waiting.map((entry): ChainedEntry => {
    sequence += 1
    const linked = { ...entry, sequence, previousHash: hash }
    hash = hashEntry(linked)
    return { ...linked, hash }
  })
  await sql`
    insert into audit_log (sequence, at, run_id, actor, kind, facts, previous_hash, hash)
    select sequence::bigint, at::timestamptz, run_id, actor, kind, facts::jsonb, previous_hash, hash from unnest(
      ${chained.map((entry) => String(entry.sequence))}::text[],
      ${chained.map((entry) => entry.at.toISOString())}::text[],
      ${chained.map((entry) => entry.runId)}::text[],
      ${chained.map((entry) => entry.actor)}::text[],
      ${chained.map((entry) => entry.kind)}::text[],
      ${chained.map((entry) => JSON.stringify(entry.facts))}::text[],
      ${chained.map((entry) => entry.previousHash)}::text[],
      ${chained.map((entry) => entry.hash)}::text[]
    ) as entry (sequence, at, run_id, actor, kind, facts, previous_hash, hash)`.execute(tx)
  await sql`update audit_head set sequence = ${sequence}::bigint, hash = ${hash}`.execute(tx)
  return { moved: waiting.length, head: { sequence, hash } }
}

async function takeWaiting(tx: Kysely<Schema>): Promise<readonly StoredAuditEntry[]> {
  const { rows } = await sql<StoredAuditEntry & { id: string }>`
    delete from audit_waiting where id in (select id from audit_waiting order by id limit ${AT_ONCE})
    returning id::text, at, run_id as "runId", actor, kind, facts`.execute(tx)
  return rows
    .sort((one, other) => Number(one.id) - Number(other.id))
    .map(({ at, runId, actor, kind, facts }) => ({ at, runId, actor, kind, facts }))
}
