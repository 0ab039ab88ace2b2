import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'

/**
 * What a backup holds, each table after those that it refers to. Not `workers`, which says who is alive now, and not
 * the queue: what has not ended is put into it again from `runs`.
 */
export const BACKUP_TABLES = [
  'runs',
  'run_events',
  'transcripts',
  'transcript_entries',
  'run_effects',
  'checkpoints',
  'deliveries',
  'chores',
  'watched_repositories',
  'run_notes',
] as const satisfies readonly (keyof Schema)[]

export interface Column {
  readonly name: string
  /** As SQL names it: `timestamp with time zone`. */
  readonly type: string
  readonly isIdentity: boolean
}

/** The columns of a table as it is now; none when there is no such table. */
export async function columnsOf(tables: Kysely<Schema>, table: string): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select attname as name, format_type(atttypid, atttypmod) as type, attidentity <> '' as "isIdentity"
    from pg_attribute
    where attrelid = to_regclass(${table}) and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`.execute(tables)
  return rows
}
