import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import type { Run } from '../../../src/runs/run.ts'
import { fillFacts } from '../../../src/runs/stats/fill-facts.ts'
import { listRepositories } from '../../../src/runs/stats/known-repositories.ts'
import { listRuns, type RunFilter } from '../../../src/runs/store/list-runs.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'
import { aRequest, FAILED, NO_TOTALS, onIssue, SUCCEEDED, startRuns, type TestRuns } from '../start-runs.ts'

const REPOSITORIES = ['acme/api', 'Acme/Web', 'other/api']
const REQUESTERS = ['ada', 'Bob']
const PROMPTS = ['Fix the LOGIN', 'add a test', 'İstanbul 100%_done']
const VERDICTS = ['good', 'bad', undefined] as const

/** Twenty runs of every sort. */
async function fill(runs: TestRuns): Promise<readonly Run[]> {
  const made: string[] = []
  for (let n = 0; n < 20; n++) {
    const [owner = '', name = ''] = (REPOSITORIES[n % 3] ?? '').split('/')
    const request = onIssue(n, {
      trigger: n % 2 === 0 ? 'comment' : 'label',
      repository: { owner, name },
      prompt: PROMPTS[n % 3] ?? '',
      requester: { login: REQUESTERS[n % 2] ?? '' },
    })
    if (n % 4 === 0) {
      made.push((await runs.submit({ request })).run.id)
      continue
    }
    const run = await runs.claim({ request })
    made.push(run.id)
    const tone = VERDICTS[n % 3]
    const totals = {
      ...NO_TOTALS,
      models: [`openai:gpt-${n % 2}`, 'anthropic:claude'],
      verdict: tone && { tone, line: 'All pass' },
    }
    if (n % 4 === 1) await runs.log.append(run.id, 1, { ...FAILED, totals })
    if (n % 4 === 2) await runs.log.append(run.id, 1, { ...SUCCEEDED, totals })
  }
  const found = await Promise.all(made.map((id) => runs.store.get(id)))
  return found.filter((run) => run !== undefined).reverse()
}

function matches({ status, request, ending }: Run, filter: RunFilter): boolean {
  const { repository, requester, trigger, outcome, verdict, model, text } = filter
  const { owner, name } = request.repository
  const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase()
  return (
    (filter.status === undefined || filter.status === status) &&
    (repository === undefined || same(`${owner}/${name}`, `${repository.owner}/${repository.name}`)) &&
    (requester === undefined || same(request.requester.login, requester)) &&
    (trigger === undefined || request.trigger === trigger) &&
    (outcome === undefined || ending?.outcome === outcome) &&
    (verdict === undefined || ending?.totals.verdict?.tone === verdict) &&
    (model === undefined || (ending?.totals.models.includes(model) ?? false)) &&
    (text === undefined || request.prompt.toLowerCase().includes(text.toLowerCase()))
  )
}

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const filters = fc.record({
  status: maybe(fc.constantFrom('queued', 'running', 'succeeded', 'failed')),
  repository: maybe(fc.constantFrom({ owner: 'ACME', name: 'api' }, { owner: 'other', name: 'api' })),
  requester: maybe(fc.constantFrom('ADA', 'bob', 'eve')),
  trigger: maybe(fc.constantFrom('comment', 'label')),
  outcome: maybe(fc.constantFrom('answer', 'plan')),
  verdict: maybe(fc.constantFrom('good', 'bad')),
  model: maybe(fc.constantFrom('openai:gpt-1', 'anthropic:claude')),
  text: maybe(fc.constantFrom('login', 'TEST', '100%_', '%', 'İs')),
}) satisfies fc.Arbitrary<RunFilter>

/** Every page of a list. */
async function allPages(db: Database, query: Parameters<typeof listRuns>[1]): Promise<readonly string[]> {
  const ids: string[] = []
  for (let before: string | undefined; ; ) {
    const { runs, next } = await listRuns(db, { ...query, before })
    ids.push(...runs.map(({ id }) => id))
    if (next === null) return ids
    before = next
  }
}

onEachDatabase(({ db }) => {
  test('pages of a filtered list hold exactly what matches, newest first, for all and for some repositories', async () => {
    const runs = await startRuns(db())
    const all = await fill(runs)
    const known = await listRepositories(db())
    const mine = known.filter(({ owner }) => owner.toLowerCase() === 'acme').map(({ ref }) => ref)
    const some = fc.record({ filter: filters, limit: fc.integer({ min: 1, max: 7 }), mine: fc.boolean() })
    const check = async (query: { filter: RunFilter; limit: number; mine: boolean }) => {
      const seen = query.mine ? all.filter(({ request }) => request.repository.owner !== 'other') : all
      const expected = seen.filter((run) => matches(run, query.filter)).map(({ id }) => id)
      const { filter, limit } = query
      expect(await allPages(db(), { filter, limit, refs: query.mine ? mine : undefined })).toEqual(expected)
    }
    await fc.assert(fc.asyncProperty(some, check), { numRuns: 40 })
  })

  test('a search for something rare takes several pages, each of the same size, and says how far back it was', async () => {
    const runs = await startRuns(db())
    const rare = (await runs.submit({ request: aRequest({ prompt: 'The needle' }) })).run.id
    const other = await runs.submit({ request: aRequest({ repository: { owner: 'eve', name: 'x' } }) })
    await manyFacts(db(), 4_500)
    const search = { limit: 5, filter: { text: 'needle' } }
    const first = await listRuns(db(), search)
    expect(first).toMatchObject({ runs: [], next: expect.any(String), searchedTo: expect.any(Date) })
    const second = await listRuns(db(), { ...search, before: first.next ?? '' })
    expect(second.runs.map(({ id }) => id)).toEqual([rare])
    expect(second).toMatchObject({ next: null, searchedTo: null })
    const refs = (await listRepositories(db())).filter(({ owner }) => owner === 'acme').map(({ ref }) => ref)
    expect(await listRuns(db(), { limit: 5, refs, before: other.run.id })).toMatchObject({ runs: [] })
    expect(await allPages(db(), { ...search, refs })).toEqual([rare])
  })

  test('runs from before there were facts get them, and so do runs that an older version stored or ended', async () => {
    const runs = await startRuns(db())
    const all = await fill(runs)
    const tables = ['run_facts', 'run_repositories'] as const
    const facts = () =>
      sql<object>`
      select run_id, requester, kind, words, status, outcome, verdict, models, providers, finished_at
      from run_facts order by ordinal`.execute(db().sql)
    const { rows: written } = await facts()
    for (const table of tables) await db().sql.deleteFrom(table).execute()
    await sql`delete from chores where name = 'run-facts'`.execute(db().sql)
    await sql`insert into chores (name, ran_at) values ('run-facts', now())`.execute(db().sql)
    await fillFacts(db()).run(new AbortController().signal)
    expect((await facts()).rows).toEqual(written)
    expect(await allPages(db(), { limit: 3 })).toEqual(all.map(({ id }) => id))

    const late = await runs.submit()
    await sql`delete from run_facts where run_id = ${late.run.id}`.execute(db().sql)
    const ended = all.find(({ status }) => status === 'failed')?.id ?? ''
    await sql`update run_facts set finished_at = null, status = null where run_id = ${ended}`.execute(
      db().sql,
    )
    await sql`update runs set finished_at = now() - interval '1 hour' where id = ${ended}`.execute(db().sql)
    await fillFacts(db()).run(new AbortController().signal)
    const failed = await allPages(db(), { limit: 3, filter: { status: 'failed' } })
    expect(failed).toContain(ended)
    expect((await listRuns(db(), { limit: 1 })).runs[0]?.id).toBe(late.run.id)
  })
})

/** Facts of runs that are of no interest here, newer than the others. */
async function manyFacts(db: Database, count: number): Promise<void> {
  await sql`
    with made as (
      insert into runs (id, status, repository, request, created_at)
      select 'many-' || n, 'queued', 'acme/api', '{}', now() from generate_series(1, ${count}::int) n
      returning id, ordinal
    )
    insert into run_facts (run_id, ordinal, ref, requester, trigger, kind, words, created_at)
    select id, ordinal, (select ref from run_repositories where repository = 'acme/api'), 'ada', 'code', 'request',
      'nothing', now() from made`.execute(db.sql)
}
