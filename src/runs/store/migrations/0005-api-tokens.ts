import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** API tokens that an operator makes, and the logins of browsers. Columns are described in `db/schema.ts`. */
export const apiTokens: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table api_tokens (
        id text primary key,
        name text not null,
        owner text,
        digest text not null unique,
        repositories json not null,
        rights json not null,
        runs_per_hour integer,
        created_at timestamptz not null,
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      )`.execute(db)
    // A name may be used again once its token is revoked.
    await sql`
      create unique index api_tokens_name on api_tokens (lower(name)) where revoked_at is null`.execute(db)
    await sql`
      create table web_logins (
        digest text primary key,
        credential text not null,
        created_at timestamptz not null,
        expires_at timestamptz not null
      )`.execute(db)
    await sql`create index web_logins_of_credential on web_logins (credential, created_at)`.execute(db)
  },
}
