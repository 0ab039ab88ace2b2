import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What setup made, kept for later runs. Columns are described in `db/schema.ts`. */
export const setupCache: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table setup_cache (
        key text primary key,
        repository_id bigint not null,
        snapshot_id text not null,
        commands json not null,
        variables text not null,
        tree text not null,
        setup_ms integer not null,
        bytes bigint,
        made_at timestamptz not null,
        used_at timestamptz not null
      )`.execute(db)
  },
}
