import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** The operator's switch. Columns are described in `db/schema.ts`. */
export const operatorPause: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table operator_pause (
        single boolean primary key default true check (single),
        reason text not null,
        stop_running boolean not null,
        at timestamptz not null
      )`.execute(db)
  },
}
