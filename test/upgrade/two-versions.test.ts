import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/db/open-database.ts'
import { appliedMigrations, MIGRATIONS } from '../../src/runs/store/migrate.ts'
import type { Script } from '../stand-ins/models/script.ts'
import { postgresBinaries } from '../support/postgres.ts'
import { databaseOfTest } from '../support/shared-postgres.ts'
import { type Service, startService } from '../support/start-service.ts'
import { createGreeter, eventually, FIX_GREETER, observe, startStandIns } from '../support/start-world.ts'
import { unpackPreviousRelease } from './previous-release.ts'

/** The model has made its change, and is silent at the next turn while it is held. */
const HELD_AT = 2
let isHeld = true
const anthropic: Script = ({ body }) => {
  const { messages } = body as { readonly messages: readonly { readonly role: string }[] }
  const turn = messages.filter(({ role }) => role === 'assistant').length
  return isHeld && turn === HELD_AT ? { fault: 'stall', at: 'start' } : (FIX_GREETER[turn] ?? FIX_GREETER[3])
}

let standIns: Awaited<ReturnType<typeof startStandIns>>
let previous: ReturnType<typeof unpackPreviousRelease>
beforeAll(async () => {
  standIns = await startStandIns({ anthropic })
  previous = unpackPreviousRelease()
})
afterAll(async () => {
  previous.remove()
  await standIns.close()
})

/** Asks for a change of a repository, and waits until the agent has made it and the model is silent. */
async function beginRun(owner: string, service: Service) {
  const { github } = standIns
  isHeld = true
  const url = await service.listening
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  const repo = await createGreeter(github, { owner })
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello, nobody' })
  const before = standIns.anthropic?.turns().length ?? 0
  await github.comment({ repo, number, author: 'ada', body: '/backspace make the failing test pass' })
  await eventually(
    () => (standIns.anthropic?.turns().length ?? 0) - before,
    (turns) => turns > HELD_AT,
  )
  return repo
}

/** Stops the one that works on the run; the other one ends it. */
async function endRun(repo: string, { from, to }: { readonly from: Service; readonly to: Service }) {
  from.signal('SIGTERM')
  expect(await from.ended, from.output()).toBe(0)
  isHeld = false
  const frames = await observe(await to.listening, { repository: repo }).frames()
  const [pull, ...others] = standIns.github.pullRequests(repo)
  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull?.htmlUrl } })
  expect(others).toEqual([])
  expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
  return frames
}

describe.skipIf(postgresBinaries() === undefined)('on one PostgreSQL', () => {
  test('a run that begins on the previous release ends on this one, and the other way round', async () => {
    const DATABASE_URL = await databaseOfTest('empty')
    const env = { ...standIns.env, DATABASE_URL, LOG_LEVEL: 'info', BACKSPACE_GRACE_SECONDS: '10' }
    const startPrevious = () => startService(env, previous.start)
    const old = await startPrevious()
    const first = await beginRun('acme', old)
    const db = await openDatabase({ url: DATABASE_URL })
    onTestFinished(() => db.close())
    expect(await appliedMigrations(db.sql)).toEqual(previous.migrations)

    const present = await startService(env)
    await present.listening
    expect(await appliedMigrations(db.sql)).toEqual(Object.keys(MIGRATIONS))
    await endRun(first, { from: old, to: present })

    const second = await beginRun('beta', present)
    // What a version after this one may leave behind: a migration that only added, and a kind of event.
    await sql`insert into backspace_migrations values ('9999-later', '2030-01-01')`.execute(db.sql)
    await sql`alter table runs add column later text`.execute(db.sql)
    await sql`
      with run as (
        update runs set last_seq = last_seq + 1 where repository = ${second}
        returning id, last_seq, attempt)
      insert into run_events (run_id, seq, attempt, type, at, body)
      select id, last_seq, attempt, 'agent.later', now(), '{"type":"agent.later"}' from run`.execute(db.sql)
    const back = await startPrevious()
    await back.listening
    const frames = await endRun(second, { from: present, to: back })
    expect(frames.map(({ message }) => message)).toContain(
      'A newer version of Backspace noted something that this one cannot show (agent.later)',
    )
    expect(back.output()).not.toMatch(/"level":50/)
    back.signal('SIGTERM')
    expect(await back.ended).toBe(0)
  })
})
