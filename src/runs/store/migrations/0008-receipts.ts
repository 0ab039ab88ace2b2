import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Receipts, and the keys that sign them. Columns are described in `db/receipt-tables.ts`. */
export const receipts: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table receipt_keys (
        id text primary key,
        public_key bytea not null,
        created_at timestamptz not null,
        retired_at timestamptz
      )`.execute(db)
    await sql`
      create unique index receipt_keys_in_use on receipt_keys ((true)) where retired_at is null`.execute(db)
    await sql`
      create table receipt_secrets (
        key_id text primary key references receipt_keys (id) on delete cascade,
        private_key bytea not null
      )`.execute(db)
    await sql`
      create table receipts (
        run_id text primary key references runs (id) on delete cascade,
        attempt integer not null,
        commit text not null,
        key_id text not null references receipt_keys (id),
        envelope text not null,
        issued_at timestamptz not null
      )`.execute(db)
  },
}
