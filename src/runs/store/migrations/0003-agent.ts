import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What people add to a run under way. Columns are described in `db/schema.ts`. */
export const agent: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table run_notes (
        key text primary key,
        ordinal bigint generated always as identity unique,
        run_id text not null references runs (id) on delete cascade,
        author text not null,
        text text not null,
        request json not null,
        created_at timestamptz not null,
        taken_at timestamptz
      )`.execute(db)
    await sql`create index run_notes_waiting on run_notes (run_id, ordinal) where taken_at is null`.execute(
      db,
    )
  },
}
