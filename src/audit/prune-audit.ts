import { sql } from 'kysely'
import type { Database } from '../db/database.ts'
import { storeAuditEntries } from './audit-log.ts'
import { chainSome, lockHead } from './hash-chain.ts'

/**
 * Deletes the oldest entries, up to the first one that is young enough. The entry that records the pruning has the hash
 * of the last deleted one, so the rest of the chain can still be verified.
 *
 * @returns how many entries were deleted.
 */
export async function pruneAudit(
  db: Database,
  { keepDays, now = () => new Date() }: { readonly keepDays: number; readonly now?: () => Date },
): Promise<number> {
  const at = now()
  const cutoff = new Date(at.getTime() - keepDays * 24 * 60 * 60_000).toISOString()
  return await db.sql.transaction().execute(async (tx) => {
    const head = await lockHead(tx)
    const { rows } = await sql<{ through: string; hash: string; entries: number }>`
      with old as (
        select sequence, hash from audit_log where sequence < coalesce(
          (select min(sequence) from audit_log where at >= ${cutoff}::timestamptz), ${head.sequence + 1}::bigint))
      select sequence::text as through, hash, (select count(*)::int from old) as entries
      from old order by sequence desc limit 1`.execute(tx)
    const [last] = rows
    if (last === undefined) return 0
    const { hash, entries } = last
    const facts = { through: Number(last.through), hash, entries }
    await storeAuditEntries(tx, [{ at, actor: 'backspace', kind: 'log.pruned', facts }])
    await chainAll(tx, head)
    await sql`select set_config('backspace.audit_pruned_through', ${last.through}, true)`.execute(tx)
    await sql`delete from audit_log where sequence <= ${last.through}::bigint`.execute(tx)
    return entries
  })
}

/** Chains all waiting entries, since the entry about the pruning comes after them. */
async function chainAll(tx: Parameters<typeof chainSome>[0], head: Parameters<typeof chainSome>[1]) {
  for (let end = head; ; ) {
    const chained = await chainSome(tx, end)
    if (chained.moved === 0) return
    end = chained.head
  }
}
