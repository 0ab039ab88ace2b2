import { type Kysely, sql } from 'kysely'
import type { Database } from '../db/database.ts'
import type { Schema } from '../db/schema.ts'
import { parseAuditEntry } from './audit-entry.ts'
import { type ChainedEntry, type ChainHead, hashEntry, NO_HASH } from './hash-chain.ts'

/** The result of checking the whole chain. */
export interface ChainReport {
  /** Number of stored entries. */
  readonly entries: number
  /**
   * The last entry's number and hash. If they are kept elsewhere, they prove later that nothing up to there was
   * changed.
   */
  readonly head: ChainHead
  /** Number of entries that are not chained yet. */
  readonly waiting: number
  /** Number of the last entry that was deleted because of its age; 0 if none was. */
  readonly prunedThrough: number
  /** The first fault in the chain; undefined when it is intact. */
  readonly problem: ChainProblem | undefined
}

export interface ChainProblem {
  readonly sequence: number
  /** The fault in a sentence. */
  readonly text: string
}

interface VerifyOptions {
  /** Hash of an earlier head, which the chain must still contain. */
  readonly sinceHead?: string | undefined
}

const PAGE = 1_000

/**
 * Computes every hash again. It finds entries that were changed, inserted, deleted or moved, and a missing end as far
 * as the database can tell. If someone rewrites the whole chain, only a head that is kept elsewhere reveals it.
 */
export async function verifyChain(db: Database, { sinceHead }: VerifyOptions = {}): Promise<ChainReport> {
  return await db.sql.transaction().execute(async (tx) => {
    await sql`set transaction isolation level repeatable read, read only`.execute(tx)
    const walk = createWalk(sinceHead)
    for (let after = 0, more = true; more; ) {
      const page = await readPage(tx, after)
      for (const entry of page) walk.visit(entry)
      after = page.at(-1)?.sequence ?? after
      more = page.length === PAGE
    }
    const waiting = await sql<{ count: number }>`select count(*)::int as count from audit_waiting`.execute(tx)
    return { ...walk.end(await readHead(tx)), waiting: waiting.rows[0]?.count ?? 0 }
  })
}

function createWalk(sinceHead: string | undefined) {
  let first: ChainedEntry | undefined
  let last: ChainedEntry | undefined
  let entries = 0
  let problem: ChainProblem | undefined
  let explained = false
  let found = sinceHead === undefined || sinceHead === NO_HASH

  return {
    visit(entry: ChainedEntry): void {
      first ??= entry
      entries += 1
      problem ??= whatIsWrong(entry, last)
      explained ||= explainsStart(entry, first)
      found ||= entry.hash === sinceHead || first.previousHash === sinceHead
      last = entry
    },
    end(head: ChainHead | undefined): Omit<ChainReport, 'waiting'> {
      const start = first?.sequence ?? 1
      if (start > 1 && !explained) {
        problem = {
          sequence: start,
          text: `The entries before ${start} are missing, and no entry says that they were deleted for their age.`,
        }
      }
      problem ??= wrongEnd(last, head)
      if (!found) {
        problem ??= {
          sequence: last?.sequence ?? 0,
          text: 'The given head is not in the log: its entry was deleted, or the whole log was written again.',
        }
      }
      const end = { sequence: last?.sequence ?? 0, hash: last?.hash ?? NO_HASH }
      return { entries, head: end, prunedThrough: start - 1, problem }
    },
  }
}

function whatIsWrong(entry: ChainedEntry, before: ChainedEntry | undefined): ChainProblem | undefined {
  const { sequence } = entry
  if (before !== undefined && sequence !== before.sequence + 1) {
    const missing = before.sequence + 1
    const upTo =
      sequence - 1 === missing ? `Entry ${missing} is` : `Entries ${missing} to ${sequence - 1} are`
    return { sequence: missing, text: `${upTo} missing.` }
  }
  if (hashEntry(entry) !== entry.hash) {
    return { sequence, text: `Entry ${sequence} was changed, or put there later: its hash does not fit it.` }
  }
  if (before !== undefined && entry.previousHash !== before.hash) {
    const text = `Entry ${sequence} does not continue entry ${sequence - 1}: one of the two was replaced.`
    return { sequence, text }
  }
  if (sequence === 1 && entry.previousHash !== NO_HASH) {
    return { sequence, text: 'Entry 1 continues another entry, which is missing.' }
  }
  return undefined
}

/** Whether an entry says that everything before the first one was deleted because of its age. */
function explainsStart(entry: ChainedEntry, first: ChainedEntry): boolean {
  const parsed = entry.kind === 'log.pruned' ? parseAuditEntry(entry) : undefined
  if (parsed?.kind !== 'log.pruned') return false
  return parsed.facts.through === first.sequence - 1 && parsed.facts.hash === first.previousHash
}

function wrongEnd(last: ChainedEntry | undefined, head: ChainHead | undefined): ChainProblem | undefined {
  const sequence = last?.sequence ?? 0
  if (head === undefined) {
    return last && { sequence, text: 'The record of where the log ends is missing.' }
  }
  if (head.sequence > sequence) {
    return {
      sequence: sequence + 1,
      text: `The log ends at entry ${sequence}, but it had ${head.sequence}: the last ones were deleted.`,
    }
  }
  if (head.sequence < sequence || (last !== undefined && head.hash !== last.hash)) {
    return { sequence, text: `Entry ${sequence} is not the one that the log ended with.` }
  }
  return undefined
}

async function readPage(tx: Kysely<Schema>, after: number): Promise<readonly ChainedEntry[]> {
  const { rows } = await sql<Omit<ChainedEntry, 'sequence'> & { sequence: string }>`
    select sequence::text, at, run_id as "runId", actor, kind, facts, previous_hash as "previousHash", hash
    from audit_log where sequence > ${after}::bigint order by audit_log.sequence limit ${PAGE}`.execute(tx)
  return rows.map((row) => ({ ...row, sequence: Number(row.sequence) }))
}

async function readHead(tx: Kysely<Schema>): Promise<ChainHead | undefined> {
  const { rows } = await sql<{ sequence: string; hash: string }>`
    select sequence::text, hash from audit_head`.execute(tx)
  return rows[0] && { sequence: Number(rows[0].sequence), hash: rows[0].hash }
}
