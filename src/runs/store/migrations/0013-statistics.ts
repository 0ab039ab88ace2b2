import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * What lists and statistics read. Columns are described in `db/statistics-tables.ts`. Older runs get their rows from a
 * chore, in small steps: their requests may hold what only JavaScript can read.
 */
export const statistics: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table run_repositories (
        ref integer generated always as identity primary key,
        repository text not null,
        github_id bigint not null,
        name text not null,
        requested_at timestamptz not null,
        unique (repository, github_id)
      )`.execute(db)
    await sql`create index run_repositories_of_id on run_repositories (github_id)`.execute(db)
    await sql`create index run_repositories_recent on run_repositories (requested_at)`.execute(db)
    await sql`
      create table run_facts (
        run_id text primary key references runs (id) on delete cascade,
        ordinal bigint not null unique,
        ref integer not null references run_repositories (ref),
        requester text not null,
        trigger text not null,
        kind text not null,
        thread_kind text,
        thread_number integer,
        words text not null,
        created_at timestamptz not null,
        started_at timestamptz,
        finished_at timestamptz,
        status text,
        outcome text,
        verdict text,
        models text[],
        cost_usd double precision,
        known_cost_usd double precision,
        providers jsonb,
        setup_cache text
      )`.execute(db)
    // Statistics read many rows and no words, which lie elsewhere when a row is longer than this.
    await sql`alter table run_facts alter column words set storage external`.execute(db)
    await sql`alter table run_facts set (toast_tuple_target = 256)`.execute(db)
    for (const column of ['ref', 'requester', 'status', 'outcome', 'verdict']) {
      await sql`
        create index ${sql.ref(`run_facts_by_${column}`)} on run_facts (${sql.ref(column)}, ordinal)`.execute(
        db,
      )
    }
    await sql`create index run_facts_open on run_facts (run_id) where finished_at is null`.execute(db)
    await sql`
      create index run_facts_finished on run_facts (finished_at) where finished_at is not null`.execute(db)
    await sql`
      create index run_facts_alike on run_facts (ref, kind, finished_at) where status = 'succeeded'`.execute(
      db,
    )
    await sql`
      create table pull_request_outcomes (
        ref integer not null references run_repositories (ref),
        number integer not null,
        run_id text not null,
        opened_at timestamptz not null,
        opened_sha text,
        state text not null check (state in ('open', 'merged', 'closed', 'unknown')),
        base text,
        ended_at timestamptz,
        merge_sha text,
        head_sha text,
        reworked boolean,
        reverted_at timestamptz,
        looked_at timestamptz,
        look_at timestamptz,
        primary key (ref, number)
      )`.execute(db)
    await sql`create index pull_request_outcomes_opened on pull_request_outcomes (opened_at)`.execute(db)
    await sql`
      create index pull_request_outcomes_due on pull_request_outcomes (look_at)
      where look_at is not null`.execute(db)
  },
}
