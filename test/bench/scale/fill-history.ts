import { Client } from 'pg'
import { runTotals } from '../../../src/runs/summary/run-totals.ts'

export interface History {
  readonly runs: number
  readonly eventsEach: number
}

const RUNS_AT_ONCE = 5_000
/** Of each repository, at most this many runs in a small history. */
const RUNS_EACH = 60
const MOST_REPOSITORIES = 200
const DAYS = 25
const TOTALS = runTotals([], { endedAt: new Date(0), langsmithEnabled: false })
const RESULT = {
  ...{
    type: 'run.succeeded',
    outcome: 'pull_request',
    message: 'Fixed it, and the tests pass',
    draft: false,
  },
  ...{ pullRequestUrl: 'https://github.com/acme/r1/pull/7', commentUrl: null, totals: TOTALS },
}

/**
 * Fills a migrated database with runs that ended in the last weeks, in statements of the server's own: ten million events take
 * minutes. An event has about as much text as the median of real ones; most of what a run says is short.
 *
 * @returns ids of the runs, oldest first: the first three at most.
 */
export async function fillHistory(url: string, { runs, eventsEach }: History): Promise<readonly string[]> {
  const repositories = Math.min(MOST_REPOSITORIES, Math.ceil(runs / RUNS_EACH))
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    // Rows are right as they are made: keys need not be looked up, nor each commit wait for the disk.
    await client.query(`set session_replication_role = replica; set synchronous_commit = off`)
    await client.query(
      `insert into run_repositories (repository, github_id, name, requested_at)
       select 'acme/r' || n, n, 'acme/r' || n, now() from generate_series(1, ${repositories}) n`,
    )
    await client.query(
      `insert into chores (name, ran_at, note) values ('run-facts', 'epoch', '{"from":"0"}')`,
    )
    for (let from = 0; from < runs; from += RUNS_AT_ONCE) {
      const to = Math.min(runs, from + RUNS_AT_ONCE)
      await client.query(`begin`)
      await addRuns(client, { from: from + 1, to, of: runs, repositories, lastSeq: eventsEach })
      await client.query('commit')
    }
    await client.query('vacuum (analyze)')
    const { rows } = await client.query<{ id: string }>('select id from runs order by ordinal limit 3')
    return rows.map(({ id }) => id)
  } finally {
    await client.end()
  }
}

async function addRuns(
  client: Client,
  {
    from,
    to,
    of,
    repositories,
    lastSeq,
  }: {
    readonly from: number
    readonly to: number
    readonly of: number
    readonly repositories: number
    readonly lastSeq: number
  },
): Promise<void> {
  const result = JSON.stringify(RESULT).replaceAll("'", "''")
  await client.query(`
    create temporary table made on commit drop as
    select n, gen_random_uuid()::text as id, 'acme/r' || (n % ${repositories} + 1) as repository, n % ${repositories} + 1 as ref,
      case when n % 5 = 0 then 'failed' else 'succeeded' end as status, 'user' || n % 50 as requester,
      now() - (${DAYS} * (1 - n::float8 / ${of + 1})) * interval '1 day' as at
    from generate_series(${from}, ${to}) n`)
  await client.query(`
    insert into runs (id, status, repository, thread_key, request, attempt, last_seq, result, created_at, started_at, finished_at,
      account, requester, budget_usd, cost_usd, admitted_at)
    select id, status, repository, repository || '#' || n, json_build_object(
        'trigger', 'comment', 'prompt', 'Make the failing test number ' || n || ' pass, please',
        'repository', json_build_object('owner', 'acme', 'name', 'r' || ref),
        'thread', json_build_object('kind', 'issue', 'number', n, 'title', 'A test fails'),
        'requester', json_build_object('login', requester), 'options', json_build_object(), 'tainted', false),
      1, ${lastSeq}, '${result}', at, at + interval '1 second', at + interval '5 minutes', 'acme', requester, 5, 0.4, at
    from made order by n`)
  await client.query(`
    insert into run_facts (run_id, ordinal, ref, requester, trigger, kind, thread_kind, thread_number, words, created_at, started_at,
      finished_at, status, outcome, verdict, models, cost_usd, known_cost_usd, providers)
    select id, ordinal, ref, made.requester, 'comment', 'issue', 'issue', n,
      'make the failing test number ' || n || ' pass, please', at, at + interval '1 second', at + interval '5 minutes',
      made.status, 'pull_request', 'good', '{anthropic:claude-opus-5-5}', 0.4, 0.4, '[]'
    from made join runs using (id) order by n`)
  await client.query(`
    insert into run_events (run_id, seq, attempt, type, at, body)
    select id, seq, 1, event.type, at + seq * interval '3 seconds', event.body::json
    from made cross join generate_series(1, ${lastSeq}) seq cross join lateral (
      select 'run.queued' as type, json_build_object('type', 'run.queued', 'repository', repository, 'position', 1,
        'runUrl', 'http://localhost/runs/' || id, 'eventsUrl', 'http://localhost/runs/' || id || '/events')::text as body where seq = 1
      union all select 'run.succeeded', '${result}' where seq = ${lastSeq}
      union all select 'agent.message', json_build_object('type', 'agent.message', 'text',
        'Looking at part ' || seq || ' of the module and at its test. ' || repeat('It says what it does. ', seq % 9))::text
        where seq > 1 and seq < ${lastSeq}
    ) event order by n, seq`)
}
