import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'

/** What the audit log holds of a run, or of all that happened: each kind once. Entries that are not chained yet count. */
export async function auditedKinds(db: Database, runId?: string): Promise<readonly string[]> {
  const { rows } = await sql<{ kind: string; run_id: string | null }>`
    select kind, run_id from audit_log union select kind, run_id from audit_waiting`.execute(db.sql)
  const wanted = rows.filter((row) => runId === undefined || row.run_id === runId)
  return [...new Set(wanted.map(({ kind }) => kind))]
}

/** The same of a service that has stopped, or works on PostgreSQL. */
export async function auditedIn(place: Parameters<typeof openDatabase>[0]): Promise<readonly string[]> {
  const db = await openDatabase(place)
  try {
    return await auditedKinds(db)
  } finally {
    await db.close()
  }
}
