import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The rest of a large checkpoint. Columns are described in `db/schema.ts`. */
export const checkpointParts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table checkpoint_parts (
        run_id text not null references checkpoints (run_id) on delete cascade,
        position integer not null,
        bytes bytea not null,
        primary key (run_id, position)
      )`.execute(db)
  },
}
