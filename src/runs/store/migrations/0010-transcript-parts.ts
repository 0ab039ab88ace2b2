import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Long entries of a transcript. Columns are described in `db/transcript-tables.ts`. */
export const transcriptParts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table transcript_parts (
        run_id text not null,
        position integer not null,
        part integer not null,
        bytes bytea not null,
        primary key (run_id, position, part),
        foreign key (run_id, position) references transcript_entries (run_id, position) on delete cascade
      )`.execute(db)
  },
}
