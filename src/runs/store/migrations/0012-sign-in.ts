import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Logins of people, and links that share one run. Columns are described in `db/access-tables.ts`. */
export const signIn: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table web_logins add column login text`.execute(db)
    await sql`alter table web_logins add column seen_at timestamptz`.execute(db)
    await sql`create index web_logins_of_age on web_logins (expires_at)`.execute(db)
    await sql`
      create table share_links (
        id text primary key,
        run_id text not null references runs (id) on delete cascade,
        digest text not null unique,
        made_by text not null,
        credential text not null,
        login text,
        created_at timestamptz not null,
        expires_at timestamptz not null,
        revoked_at timestamptz
      )`.execute(db)
    await sql`create index share_links_of_run on share_links (run_id, created_at)`.execute(db)
  },
}
