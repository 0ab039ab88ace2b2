import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** What an older version asks before it works on tables that a newer one has migrated; see `db/schema.ts`. */
export const schemaFloor: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table schema_floor (
        single boolean primary key default true check (single),
        migration text not null
      )`.execute(db)
    // Older versions do not ask: they refuse every migration that they do not know.
    await sql`insert into schema_floor (migration) values ('0014-schema-floor')`.execute(db)
  },
}
