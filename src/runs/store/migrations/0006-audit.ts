import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The audit log: `audit_waiting` takes an entry in the transaction of what it records, `audit_log` has it in the chain of
 * hashes, and `audit_head` says where the chain ends, which is also the lock for going on from there. Triggers refuse to
 * change or delete what is in the chain. A person who may drop triggers is found out by the hashes.
 */
export const audit: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`
      create table audit_waiting (
        id bigint generated always as identity primary key,
        at timestamptz not null,
        run_id text,
        actor text not null,
        kind text not null,
        facts jsonb not null)`.execute(db)
    await sql`
      create table audit_log (
        sequence bigint primary key,
        at timestamptz not null,
        run_id text,
        actor text not null,
        kind text not null,
        facts jsonb not null,
        previous_hash text not null,
        hash text not null)`.execute(db)
    await sql`create index audit_log_of_run on audit_log (run_id) where run_id is not null`.execute(db)
    await sql`
      create table audit_head (
        single boolean primary key default true check (single),
        sequence bigint not null,
        hash text not null)`.execute(db)
    await refuseChanges(db)
  },
}

/** Pruning names the last entry that it deletes in a setting of its transaction. */
async function refuseChanges(db: Kysely<unknown>): Promise<void> {
  await sql`
    create or replace function backspace_keep_audit_log() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and tg_level = 'ROW'
        and old.sequence <= nullif(current_setting('backspace.audit_pruned_through', true), '')::bigint
      then
        return old;
      end if;
      raise exception 'the audit log is append-only: % is refused', lower(tg_op);
    end $$`.execute(db)
  await sql`
    create or replace function backspace_keep_audit_head() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and tg_level = 'ROW' and new.sequence > old.sequence then
        return new;
      end if;
      raise exception 'the end of the audit log only moves forward: % is refused', lower(tg_op);
    end $$`.execute(db)
  for (const table of ['audit_log', 'audit_head'] as const) {
    const keep = sql.raw(`backspace_keep_${table}`)
    await sql`
      create trigger keep_rows before update or delete on ${sql.table(table)}
      for each row execute function ${keep}()`.execute(db)
    await sql`
      create trigger keep_all before truncate on ${sql.table(table)}
      for each statement execute function ${keep}()`.execute(db)
  }
}
