import { sql } from 'kysely'
import type { Database } from '../../src/db/database.ts'

/** Makes PostgreSQL note which process wrote the latest event of each run, by the name of its connection. */
export async function noteCarriers({ sql: db }: Database): Promise<void> {
  await sql`create table chaos_carriers (run_id text primary key, writer text not null)`.execute(db)
  await sql`
    create function chaos_note_carrier() returns trigger language plpgsql as $$
    begin
      insert into chaos_carriers values (new.run_id, current_setting('application_name'))
      on conflict (run_id) do update set writer = excluded.writer;
      return new;
    end $$`.execute(db)
  await sql`
    create trigger chaos_note_carrier after insert on run_events
    for each row when (new.attempt > 0) execute function chaos_note_carrier()`.execute(db)
}

export async function carrierOf({ sql: db }: Database, runId: string): Promise<string | undefined> {
  const { rows } = await sql<{
    writer: string
  }>`select writer from chaos_carriers where run_id = ${runId}`.execute(db)
  return rows[0]?.writer
}

/** Runs that are under way in this process. */
export async function runsCarriedBy({ sql: db }: Database, name: string): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from runs join chaos_carriers on run_id = id
    where status = 'running' and writer = ${name}`.execute(db)
  return rows.map(({ id }) => id)
}
