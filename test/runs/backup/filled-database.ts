import { sql } from 'kysely'
import { storeAuditEntries } from '../../../src/audit/audit-log.ts'
import { chainWaiting } from '../../../src/audit/hash-chain.ts'
import type { Database } from '../../../src/db/database.ts'
import { createReceiptKeys } from '../../../src/receipts/receipt-keys.ts'
import { BACKUP_TABLES } from '../../../src/runs/backup/backup-format.ts'
import { migrate } from '../../../src/runs/store/migrate.ts'

/** What no detour through JavaScript would keep: NUL, key order, microseconds, bytes, large numbers. */
export async function fill(db: Database): Promise<void> {
  await migrate(db)
  await sql`
    insert into runs (id, status, repository, request, attempt, created_at, started_at, admitted_at,
      finished_at, budget_usd)
    select 'run-' || n, (array['queued', 'running', 'succeeded'])[1 + n % 3], 'acme/api', '{"b":1,"a":"\\u0000","10":1,"2":2}',
      n % 3, timestamptz '2026-11-22 10:00:00.123456+02' + n * interval '1 second', now(), now(),
      case n % 3 when 2 then now() end, 0.1 + n
    from generate_series(1, 7) n`.execute(db.sql)
  await sql`delete from runs where id = 'run-2'`.execute(db.sql)
  await sql`
    insert into run_events (run_id, seq, attempt, type, at, body)
    select 'run-1', n, 1, 'agent.text', now(), json_build_object('text', repeat('ä"' || n, 150))
    from generate_series(1, 1500) n`.execute(db.sql)
  await sql`insert into transcripts (run_id, system) values ('run-1', 'You are {"a", NULL}')`.execute(db.sql)
  await sql`
    insert into transcript_entries (run_id, position, entry) values ('run-1', 0, '[1.10, 1e3, "x"]')`.execute(
    db.sql,
  )
  await sql`
    insert into transcript_parts (run_id, position, part, bytes) values ('run-1', 0, 0, '\\x00ff')`.execute(
    db.sql,
  )
  await sql`
    insert into checkpoints (run_id, attempt, base_sha, sandbox_id, tree, patch, excludes, behind, at)
    values ('run-1', 1, 'abc', 'box', 'def', '\\x00ff5c0a', '', false, now())`.execute(db.sql)
  await sql`
    insert into checkpoint_parts (run_id, position, bytes) values ('run-1', 1, '\\x00ff')`.execute(db.sql)
  await sql`
    insert into deliveries (id, content_key, event, payload, received_at)
    values ('d', 'key', 'ping', ${'{"line":"a\nb\\\\"}'}, now())`.execute(db.sql)
  await sql`insert into chores (name, ran_at, note) values ('sweep', now(), '{"cursor": null}')`.execute(
    db.sql,
  )
  await sql`
    insert into run_effects (run_id, name, attempt, holder, intended_at)
    values ('run-1', 'pull_request', 1, 'me', now())`.execute(db.sql)
  await sql`
    insert into run_notes (key, run_id, author, text, request, created_at)
    values ('note', 'run-1', 'ada', 'a\nb', '{"b":1,"a":2}', now())`.execute(db.sql)
  const started = { kind: 'run.started', actor: 'backspace', runId: 'run-1', facts: { attempt: 1 } } as const
  await storeAuditEntries(db.sql, [{ ...started, at: new Date() }])
  await chainWaiting(db)
  await storeAuditEntries(db.sql, [{ ...started, at: new Date() }])
  await sql`
    insert into api_tokens (id, name, digest, repositories, rights, created_at)
    values ('t-1', 'ci', 'abc', '["acme/*"]', '["start"]', now())`.execute(db.sql)
  await createReceiptKeys(db).rotate()
  await sql`
    insert into receipts (run_id, attempt, commit, key_id, envelope, issued_at)
    select 'run-1', 1, 'abc', id, '{"payload":"…"}\n', now() from receipt_keys`.execute(db.sql)
  // A restore retires the key in use.
  await sql`update receipt_keys set retired_at = now()`.execute(db.sql)
  await sql`insert into operator_pause (reason, stop_running, at) values ('A key leaked', true, now())`.execute(
    db.sql,
  )
  const place = { id: '9007199254740993', installation_id: '2', owner: 'acme', name: 'api' }
  const times = { watched_since: new Date(), checked_at: new Date() }
  await db.sql
    .insertInto('watched_repositories')
    .values({ ...place, ...times })
    .execute()
}

/** Every value of every table as text. */
export async function contents(db: Database): Promise<Record<string, unknown>> {
  const tables: Record<string, unknown> = {}
  await sql`set timezone = 'UTC'`.execute(db.sql)
  for (const table of BACKUP_TABLES) {
    const { rows } = await sql<{ text: string }>`
      select t::text as text from ${sql.table(table)} t order by 1`.execute(db.sql)
    tables[table] = rows.map(({ text }) => text)
  }
  return tables
}
