import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** Runs, their events and transcripts, and the webhooks that were accepted. Columns are described in `db/schema.ts`. */
export const runs: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table runs (
        id text primary key,
        ordinal bigint generated always as identity unique,
        key text unique,
        fingerprint text,
        key_expires_at timestamptz,
        status text not null check (status in ('queued', 'running', 'succeeded', 'failed', 'cancelled')),
        repository text not null,
        thread_key text,
        request json not null,
        attempt integer not null default 0,
        released boolean not null default false,
        losses integer not null default 0,
        last_seq integer not null default 0,
        log_closed boolean not null default false,
        cancel_reason text,
        result json,
        progress jsonb not null default '{}',
        created_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz
      )`.execute(db)
    await sql`create index runs_live on runs (ordinal) where status in ('queued', 'running')`.execute(db)
    await sql`create index runs_of_thread on runs (thread_key, ordinal)`.execute(db)
    await sql`create index runs_of_repository on runs (repository, ordinal)`.execute(db)
    await sql`
      create table run_events (
        run_id text not null references runs (id) on delete cascade,
        seq integer not null,
        attempt integer not null,
        type text not null,
        at timestamptz not null,
        body json not null,
        primary key (run_id, seq)
      )`.execute(db)
    await sql`
      create table transcripts (
        run_id text primary key references runs (id) on delete cascade,
        system text not null
      )`.execute(db)
    await sql`
      create table transcript_entries (
        run_id text not null references transcripts (run_id) on delete cascade,
        position integer not null,
        entry json not null,
        primary key (run_id, position)
      )`.execute(db)
    await sql`
      create table deliveries (
        id text primary key,
        content_key text not null unique,
        event text not null,
        payload text not null,
        received_at timestamptz not null,
        handled_at timestamptz
      )`.execute(db)
  },
}
