import { readdirSync } from 'node:fs'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { createReceiptKeys } from '../../src/receipts/receipt-keys.ts'
import type { Script } from '../stand-ins/models/script.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { createSharedDatabase, databaseOfTest } from '../support/shared-postgres.ts'
import { launchService, type Service, startService } from '../support/start-service.ts'
import { createGreeter, eventually, FIX_GREETER, observe, startStandIns } from '../support/start-world.ts'

const missing = postgresBinaries() === undefined

/** A process that listens and one that works, on one database, for more than one story. */
async function launchBoth() {
  const database = await createSharedDatabase('tables')
  // In the second repository the model never ends its answer.
  const anthropic: Script = ({ body }, index) =>
    JSON.stringify(body).includes('beta/greeter')
      ? { fault: 'stall', at: 'text' }
      : (FIX_GREETER[index] ?? FIX_GREETER[3])
  const standIns = await startStandIns({ anthropic })
  const env = { ...standIns.env, DATABASE_URL: database?.url ?? '', LOG_LEVEL: 'info' }
  const web = await launchService({ ...env, BACKSPACE_ROLE: 'web' })
  const url = await web.listening
  standIns.github.setWebhookTarget(`${url}/api/github/webhooks`)
  let launched: Promise<Service> | undefined
  const launchWorker = () => launchService({ ...env, BACKSPACE_ROLE: 'worker', PUBLIC_URL: url })
  async function worker(): Promise<Service> {
    launched ??= launchWorker()
    await (await launched).listening
    return launched
  }
  async function end(): Promise<void> {
    const all = [web, await worker()]
    await stop(...all).finally(() => Promise.all(all.map(({ remove }) => remove())))
    await standIns.close()
    await database?.drop()
  }
  return { ...standIns, url, worker, end }
}

async function stop(...services: readonly Service[]): Promise<void> {
  for (const service of services) service.signal('SIGTERM')
  expect(await Promise.all(services.map(({ ended }) => ended))).toEqual(services.map(() => 0))
}

describe.skipIf(missing)('on PostgreSQL, one process that listens and one that works', () => {
  let both: Awaited<ReturnType<typeof launchBoth>>
  beforeAll(async () => {
    both = await launchBoth()
  })
  afterAll(() => both.end())

  test('what web accepts, a worker brings to a pull request, and web shows it', async () => {
    const { github, url } = both
    const repo = await createGreeter(github)
    const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
    await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
    expect(await observe(url).runs()).toEqual([])

    const workerUrl = await (await both.worker()).listening
    const frames = await observe(url).frames()
    const [pull] = github.pullRequests(repo)
    expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull?.htmlUrl } })
    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
    await github.waitFor(() => github.comments(repo, number)[1]?.body.includes(pull?.htmlUrl ?? '?'))
    expect(github.comments(repo, number)).toHaveLength(2)
    expect(github.comments(repo, number)[1]?.body).toContain(`${url}/runs/`)

    for (const path of ['/healthz', '/readyz', '/metrics']) {
      expect((await fetch(workerUrl + path)).status, path).toBe(200)
    }
    for (const path of ['/', '/runs', '/code', '/api/github/webhooks']) {
      const answer = await fetch(workerUrl + path)
      expect([path, answer.status, await answer.text()]).toEqual([path, 404, expect.stringContaining('web')])
    }
  })

  test('web stops a run of a worker', async () => {
    const { github, url } = both
    await both.worker()
    const repo = await createGreeter(github, { owner: 'beta' })
    const before = both.anthropic?.turns().length ?? 0
    const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
    await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
    await eventually(
      () => both.anthropic?.turns(),
      (turns = []) => turns.length > before,
    )
    await github.waitFor(() => github.comments(repo, number).length === 2)

    const [run] = await observe(url).runs()
    const cancelled = await fetch(`${url}/runs/${run?.id}/cancel`, { method: 'POST' })
    expect(cancelled.status).toBeLessThan(300)
    expect((await observe(url).frames()).at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
    await github.waitFor(() => /cancelled|stopped/i.test(github.comments(repo, number)[1]?.body ?? ''))
    expect(github.comments(repo, number)).toHaveLength(2)
    expect(Object.keys(await github.branches(repo))).toEqual(['main'])
  })
})

describe.skipIf(missing)('on PostgreSQL', () => {
  test('four processes that start at once on an empty database all get on', async () => {
    const DATABASE_URL = await databaseOfTest('empty')
    const roles = ['all', 'web', 'worker', 'all']
    const services = await Promise.all(
      roles.map((BACKSPACE_ROLE) => startService({ DATABASE_URL, BACKSPACE_ROLE })),
    )
    for (const url of await Promise.all(services.map(({ listening }) => listening))) {
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
    }
    const db = await openDatabase({ url: DATABASE_URL })
    const { rows } = await sql<{ name: string }>`
      select name from backspace_migrations order by 1`.execute(db.sql)
    const migrations = readdirSync(new URL('../../src/runs/store/migrations', import.meta.url))
    expect(rows.map(({ name }) => `${name}.ts`)).toEqual(migrations.sort())
    expect(await createReceiptKeys(db).list(), 'the first of them made the key').toHaveLength(1)

    await sql`insert into backspace_migrations values ('9999-later', '2030-01-01')`.execute(db.sql)
    await db.sql.updateTable('schema_floor').set({ migration: '9999-later' }).execute()
    await db.close()
    const older = await startService({ DATABASE_URL })
    expect(await older.ended).toBe(1)
    expect(older.output()).toMatch(/newer Backspace \(it has 9999-later\)\. Start that version/)
    expect(older.output()).not.toMatch(/^\s+at /m)
    await stop(...services)
  })
})
