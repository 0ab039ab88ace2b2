import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/**
 * The terminal event and the end in the run's row become one write, and the row keeps the event's body. Earlier versions
 * made two writes; a process that died in between left a run with only one of them, which is completed here. Old
 * backups pass through here too. `log_closed` said the same as `status`, so it goes.
 */
export const oneEnding: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await appendMissingEvents(db)
    await addMissingCosts(db)
    await sql`
      update runs set
        status = substr(event.type, 5),
        result = event.body,
        finished_at = event.at
      from run_events event
      where event.run_id = runs.id and event.seq = runs.last_seq
        and event.type in ('run.succeeded', 'run.failed', 'run.cancelled')`.execute(db)
    await sql`alter table runs drop column log_closed`.execute(db)
    await sql`
      alter table runs add constraint runs_end_at_once check (
        (status in ('queued', 'running')) = (finished_at is null))`.execute(db)
  },
}

interface EndedRow {
  readonly id: string
  readonly attempt: number
  readonly status: string
  readonly result: Readonly<Record<string, unknown>> | null
  readonly created_at: Date
  readonly started_at: Date | null
  readonly finished_at: Date | null
}

/** Runs that ended without a terminal event: it is written from what the row says. Few, if any. */
async function appendMissingEvents(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<EndedRow>`
    select id, attempt, status, result, created_at, started_at, finished_at from runs
    where status not in ('queued', 'running') and not exists (
      select from run_events event where event.run_id = runs.id and event.seq = runs.last_seq
        and event.type in ('run.succeeded', 'run.failed', 'run.cancelled'))`.execute(db)
  for (const row of rows) {
    const body = terminalBody(row)
    await sql`
      with run as (update runs set last_seq = last_seq + 1 where id = ${row.id} returning last_seq)
      insert into run_events (run_id, seq, attempt, type, at, body)
      select ${row.id}, run.last_seq, ${row.attempt}::int, ${body.type},
        ${(row.finished_at ?? row.created_at).toISOString()}::timestamptz, ${JSON.stringify(body)}::json
      from run`.execute(db)
  }
}

/** What a row of an earlier version says, as a terminal event. What the run used is no longer known, but for the cost. */
function terminalBody({ status, result, created_at, started_at, finished_at }: EndedRow) {
  const {
    outcome,
    message = '',
    code,
    pullRequestUrl = null,
    commentUrl = null,
    costUsd = null,
  } = result ?? {}
  const totals = {
    ...NOTHING_USED,
    durationMs: (finished_at ?? created_at).getTime() - (started_at ?? created_at).getTime(),
    costUsd,
    knownCostUsd: costUsd ?? 0,
  }
  switch (status) {
    case 'succeeded':
      return {
        type: 'run.succeeded',
        outcome: outcome ?? 'answer',
        message,
        pullRequestUrl,
        commentUrl,
        draft: false,
        totals,
      }
    case 'cancelled':
      return { type: 'run.cancelled', message, totals }
    default:
      return { type: 'run.failed', code: code ?? 'internal', message, totals }
  }
}

const NOTHING_USED = {
  attempts: 1,
  turns: 0,
  toolCalls: 0,
  toolErrors: 0,
  editsOk: 0,
  editsFailed: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  cacheShare: null,
  providers: [],
  retries: 0,
  fallbacks: 0,
  bounces: 0,
  checksBefore: null,
  checksAfter: null,
  limitsUsed: null,
  models: [],
  modelMs: 0,
  firstTokenMs: null,
  toolMs: 0,
  harnessMs: 0,
  langsmithEnabled: false,
}

/** Runs whose row has no end yet: the cost is in the event's body, which PostgreSQL cannot read if it has a NUL escape. */
async function addMissingCosts(db: Kysely<unknown>): Promise<void> {
  const { rows } = await sql<{ id: string; body: { totals?: { costUsd?: number | null } } }>`
    select run.id, event.body from runs run
    join run_events event on event.run_id = run.id and event.seq = run.last_seq
    where run.status in ('queued', 'running')
      and event.type in ('run.succeeded', 'run.failed', 'run.cancelled')`.execute(db)
  for (const { id, body } of rows) {
    const costUsd = body.totals?.costUsd ?? null
    await sql`update runs set cost_usd = ${costUsd}::double precision where id = ${id}`.execute(db)
  }
}
