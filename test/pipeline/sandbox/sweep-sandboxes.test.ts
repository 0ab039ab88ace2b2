import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { sweepSandboxes } from '../../../src/pipeline/sandbox/sweep-sandboxes.ts'
import { createE2bSandboxProvider } from '../../../src/sandbox/e2b/e2b-sandbox.ts'
import { FAILED, startRuns, type TestRuns } from '../../runs/start-runs.ts'
import { type E2bStandIn, startE2b } from '../../stand-ins/e2b/start-e2b.ts'
import { openSharedDatabase } from '../../support/shared-postgres.ts'

const OURS = { app: 'backspace', deployment: 'blue' }
const LONG_AGO = new Date(Date.now() - 3_600_000)
let db: Database
let e2b: E2bStandIn

beforeAll(async () => {
  db = await openSharedDatabase()
  e2b = await startE2b({ apiKey: 'e2b_key' })
})
afterAll(async () => {
  await e2b.close()
  await db.close()
})

const alive = () => e2b.sandboxes().flatMap(({ id, state }) => (state === 'running' ? [id] : []))

test('the sweep ends 50 orphans, and leaves what others made and what runs use', async () => {
  const runs = await startRuns(db)
  const held = await runs.claim()
  const starting = await runs.claim()
  const ended = await endedRun(runs)
  const add = (marks: Readonly<Record<string, string>>, startedAt?: Date) => e2b.addSandbox(marks, startedAt)

  const kept = [
    add({ ...OURS, run: held.id }, LONG_AGO),
    add({ ...OURS, run: held.id }, LONG_AGO), // A clean one, in which the change is being verified.
    add({ ...OURS, run: starting.id }, LONG_AGO), // It is not written down yet which one it has.
    add({ ...OURS, run: ended.id }), // Young: its run may be about to end it.
    ...[
      { ...OURS, deployment: 'green', run: ended.id },
      { ...OURS, app: 'other', run: ended.id },
    ].map((marks) => add(marks, LONG_AGO)),
    ...[{ deployment: 'blue', run: ended.id }, OURS, {}].map((marks) => add(marks, LONG_AGO)),
  ]
  await runs.store.setProgress(held.id, held.attempt, { sandboxId: kept[0] ?? '', rooms: [kept[1] ?? ''] })
  const orphans = [ended.id, held.id].flatMap((run) =>
    Array.from({ length: 25 }, () => add({ ...OURS, run }, LONG_AGO)),
  )
  expect(orphans).toHaveLength(50)

  await sweep(runs)
  expect(alive().sort()).toEqual([...kept].sort())
})

test('a sandbox that cannot be ended now is ended the next time, and does not hold up the others', async () => {
  const runs = await startRuns(db)
  const ended = await endedRun(runs)
  const before = alive()
  for (let count = 0; count < 12; count++) e2b.addSandbox({ ...OURS, run: ended.id }, LONG_AGO)
  e2b.failNext({ call: /^GET \/sandboxes\/.+/, status: 500, times: 2 })
  await sweep(runs)
  expect(alive().filter((id) => !before.includes(id))).toHaveLength(2)
  await sweep(runs)
  expect(alive().filter((id) => !before.includes(id))).toEqual([])
})

function sweep({ store }: TestRuns, now?: () => Date): Promise<void> {
  const sandboxes = createE2bSandboxProvider({
    ...{ apiKey: 'e2b_key', apiUrl: e2b.url, sandboxUrl: e2b.url, template: 'base', reachesGitHub: true },
    ...{ deployment: 'blue', maxSandboxes: 20, createsPerSecond: 100 },
  })
  return sweepSandboxes({ sandboxes, store, deployment: 'blue', now }).run(new AbortController().signal)
}

async function endedRun({ claim, log }: TestRuns) {
  const run = await claim()
  await log.append(run.id, run.attempt, FAILED)
  return run
}

test('a paused sandbox waits until its time, and then as long as a run works in it', async () => {
  const runs = await startRuns(db)
  const parent = await runs.claim()
  const child = await runs.claim()
  const id = e2b.addSandbox({ ...OURS, run: parent.id }, LONG_AGO)
  const other = e2b.addSandbox({ ...OURS, run: parent.id }, LONG_AGO)
  const pausedUntil = new Date(Date.now() + 60_000).toISOString()
  await runs.store.setProgress(parent.id, parent.attempt, { sandboxId: id, pausedUntil })
  await runs.log.append(parent.id, parent.attempt, FAILED)
  await sweep(runs)
  expect(alive()).toContain(id)
  expect(alive()).not.toContain(other)

  await runs.store.setProgress(child.id, child.attempt, { sandboxId: id })
  const later = () => new Date(Date.now() + 120_000)
  await sweep(runs, later)
  expect(alive()).toContain(id)
  await runs.log.append(child.id, child.attempt, FAILED)
  await sweep(runs, later)
  expect(alive()).not.toContain(id)
})
