import type { Insertable, Transaction } from 'kysely'
import { type RawBuilder, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import type { RunFactsTable } from '../../db/statistics-tables.ts'
import { type Ending, endingOf } from '../ending.ts'
import { isProof } from '../proof-request.ts'
import type { Run, RunRequest } from '../run.ts'
import type { TerminalEvent } from '../run-event.ts'
import { isSettingsRun } from '../settings-request.ts'
import { repositoryKey } from '../store/run-rows.ts'
import type { ProviderCost, ProviderTrouble } from '../summary/provider-usage.ts'

/**
 * Runs are compared with runs of the same kind. A run that may change something is of the kind of the place where it
 * was requested: an issue, a pull request, or the API.
 */
export type RunKind = 'issue' | 'pull_request' | 'request' | 'plan' | 'proof' | 'settings'

export function runKind(request: Pick<RunRequest, 'thread' | 'options'>): RunKind {
  if (isProof(request)) return 'proof'
  if (isSettingsRun(request)) return 'settings'
  if (request.options.plan === true) return 'plan'
  return request.thread?.kind ?? 'request'
}

/** How much one run used one provider. */
type ProviderUse = ProviderCost & ProviderTrouble

/** How many characters of the prompt can be searched. */
const SEARCHED = 2_000

/** Brings stored words, and the words that are searched for, into the same form. */
export function searchWords(text: string): string {
  return storable(text).toLowerCase()
}

/**
 * Removes what PostgreSQL cannot store, NUL and halves of surrogate pairs, because the end of a run must always be
 * stored.
 */
function storable(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

type EndFacts = Pick<
  RunFactsTable,
  'status' | 'outcome' | 'verdict' | 'models' | 'cost_usd' | 'known_cost_usd' | 'setup_cache'
> & { readonly providers: string }

function endFacts({ status, outcome, totals }: Ending): EndFacts {
  return {
    status,
    outcome,
    verdict: totals.verdict?.tone ?? null,
    models: totals.models.map(storable),
    cost_usd: totals.costUsd,
    known_cost_usd: totals.knownCostUsd,
    providers: JSON.stringify(
      providerUses(totals).map((own) => ({ ...own, provider: storable(own.provider) })),
    ),
    setup_cache: totals.setupCache ?? null,
  }
}

function providerUses({ providers, troubles = [] }: Ending['totals']): readonly ProviderUse[] {
  const silent = troubles.filter(({ provider }) => !providers.some((own) => own.provider === provider))
  return [
    ...providers.map(({ provider, turns, costUsd }) => {
      const trouble = troubles.find((own) => own.provider === provider)
      return {
        provider,
        turns,
        costUsd,
        retries: trouble?.retries ?? 0,
        fallbacks: trouble?.fallbacks ?? 0,
      }
    }),
    ...silent.map((trouble) => ({ ...trouble, turns: 0, costUsd: 0 })),
  ]
}

/**
 * Stores the facts that follow from a run's row; does nothing if they exist.
 *
 * @param ordinal of the run's row.
 */
export async function insertFacts(
  tx: Transaction<Schema>,
  { run, ordinal, requester }: { readonly run: Run; readonly ordinal: string; readonly requester: string },
): Promise<void> {
  const { request, ending } = run
  const ref = await refOf(tx, request.repository, run.createdAt)
  const end = ending === null ? undefined : endFacts(ending)
  const row: Insertable<RunFactsTable> = {
    run_id: run.id,
    ordinal,
    ref,
    requester,
    trigger: request.trigger,
    kind: runKind(request),
    thread_kind: request.thread?.kind ?? null,
    thread_number: request.thread?.number ?? null,
    words: searchWords(`${request.prompt.slice(0, SEARCHED)}\n${request.thread?.title ?? ''}`),
    created_at: run.createdAt,
    started_at: run.startedAt,
    finished_at: run.finishedAt,
    status: end?.status ?? null,
    outcome: end?.outcome ?? null,
    verdict: end?.verdict ?? null,
    models: end?.models ?? null,
    cost_usd: end?.cost_usd ?? null,
    known_cost_usd: end?.known_cost_usd ?? null,
    providers: end?.providers ?? null,
    setup_cache: end?.setup_cache ?? null,
  }
  await tx
    .insertInto('run_facts')
    .values(row)
    .onConflict((conflict) => conflict.column('run_id').doNothing())
    .execute()
  if (ending !== null) {
    await sql`with run as (select id, started_at, finished_at, progress from runs where id = ${run.id})
      ${openedPullRequest(ending, 'unknown')}`.execute(tx)
  }
}

/** The `ref` of a repository for which a run was requested at `at`; adds the repository if it is new. */
async function refOf(
  tx: Transaction<Schema>,
  { owner, name, id = 0 }: RunRequest['repository'],
  at: Date,
): Promise<number> {
  const repository = { repository: repositoryKey({ owner, name }), github_id: id, name: `${owner}/${name}` }
  const { rows } = await sql<{ ref: number }>`
    insert into run_repositories (repository, github_id, name, requested_at)
    values (${repository.repository}, ${id}::bigint, ${repository.name}, ${at.toISOString()}::timestamptz)
    on conflict (repository, github_id) do update
      set requested_at = greatest(run_repositories.requested_at, excluded.requested_at), name = excluded.name
    returning ref`.execute(tx)
  const [row] = rows
  if (row === undefined) throw new Error('the repository of a run has no row')
  return row.ref
}

/**
 * SQL, part of the statement that stores the end of a run: it stores the facts for lists and statistics, so that
 * neither is ever there without the other. It follows a table expression `run` with the columns id, started_at,
 * finished_at and progress.
 */
export function endedWith(event: TerminalEvent): RawBuilder<unknown> {
  const ending = endingOf(event)
  const end = endFacts(ending)
  return sql`, ended_facts as (
      update run_facts set
        started_at = run.started_at,
        finished_at = run.finished_at,
        status = ${end.status}::text,
        outcome = ${end.outcome}::text,
        verdict = ${end.verdict}::text,
        models = ${end.models}::text[],
        cost_usd = ${end.cost_usd}::double precision,
        known_cost_usd = ${end.known_cost_usd}::double precision,
        providers = ${end.providers}::jsonb,
        setup_cache = ${end.setup_cache}::text
      from run where run_facts.run_id = run.id
    ), opened_pull_request as (${openedPullRequest(ending, 'open')})`
}

/**
 * SQL: adds the pull request that a run opened to the ledger. A run that worked on an existing pull request adds to
 * that one's row. GitHub is asked about it soon, because someone may merge it right away.
 */
function openedPullRequest(
  { outcome, pullRequestUrl }: Ending,
  state: 'open' | 'unknown',
): RawBuilder<unknown> {
  const found = /\/pull\/(\d{1,9})\/?$/.exec(pullRequestUrl ?? '')?.[1]
  const number = outcome === 'pull_request' && found !== undefined ? Number(found) : null
  return sql`
    insert into pull_request_outcomes (ref, number, run_id, opened_at, opened_sha, state, look_at)
    select facts.ref, ${number}::int, run.id, run.finished_at, run.progress ->> 'commitSha', ${state}::text, now()
    from run join run_facts facts on facts.run_id = run.id
    where ${number}::int is not null
      and (facts.thread_kind is distinct from 'pull_request' or facts.thread_number <> ${number}::int)
    on conflict (ref, number) do nothing`
}
