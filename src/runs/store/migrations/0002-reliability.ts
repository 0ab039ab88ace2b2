import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What admission, exactly-once effects, take-over in a new sandbox and upkeep need. Columns are described in
 * `db/schema.ts`.
 */
export const reliability: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      alter table runs
        add column account text not null default '',
        add column requester text not null default '',
        add column budget_usd double precision,
        add column cost_usd double precision,
        add column admitted_at timestamptz,
        add column last_batch text,
        add column events_pruned boolean not null default false`.execute(db)
    // Before this there was no admission: whatever was queued then is in the queue already.
    await sql`
      update runs set
        account = split_part(repository, '/', 1),
        requester = case request ->> 'trigger' when 'code' then 'token:' else '' end
          || lower(coalesce(request -> 'requester' ->> 'login', '')),
        cost_usd = (result ->> 'costUsd')::double precision,
        admitted_at = created_at`.execute(db)
    // What the gate asks for with each admission: who waits, who holds a place, whose turn it is.
    await sql`
      create index runs_waiting on runs (account, ordinal)
      where admitted_at is null and status = 'queued'`.execute(db)
    await sql`
      create index runs_holding on runs (account, repository)
      where admitted_at is not null and status in ('queued', 'running')`.execute(db)
    await sql`create index runs_admitted on runs (account, admitted_at)`.execute(db)
    await sql`
      create index runs_unfinished_of_thread on runs (thread_key, ordinal)
      where status in ('queued', 'running')`.execute(db)
    await sql`create index runs_of_requester on runs (requester, created_at)`.execute(db)
    await sql`
      create index runs_finished on runs (finished_at) include (account, repository, cost_usd, budget_usd)
      where finished_at is not null`.execute(db)
    await sql`
      create table workers (
        id text primary key,
        concurrency integer not null,
        started_at timestamptz not null,
        seen_at timestamptz not null
      )`.execute(db)
    await sql`
      create table run_effects (
        run_id text not null references runs (id) on delete cascade,
        name text not null,
        attempt integer not null,
        holder text not null,
        intended_at timestamptz not null,
        done_at timestamptz,
        result json,
        primary key (run_id, name)
      )`.execute(db)
    await sql`
      create table checkpoints (
        run_id text primary key references runs (id) on delete cascade,
        attempt integer not null,
        base_sha text not null,
        sandbox_id text not null,
        tree text not null,
        patch bytea not null,
        excludes bytea not null,
        behind boolean not null,
        work json,
        at timestamptz not null
      )`.execute(db)
    await sql`
      create table chores (
        name text primary key,
        ran_at timestamptz not null,
        note json
      )`.execute(db)
    await sql`
      create table watched_repositories (
        id bigint primary key,
        installation_id bigint not null,
        owner text not null,
        name text not null,
        watched_since timestamptz not null,
        checked_at timestamptz not null,
        looked_at timestamptz
      )`.execute(db)
    await sql`create index deliveries_open on deliveries (received_at) where handled_at is null`.execute(db)
  },
}
