import { setTimeout as delay } from 'node:timers/promises'
import { sql } from 'kysely'
import { expect, test, vi } from 'vitest'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { type Chore, startChores } from '../../../src/runs/upkeep/chores.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'

onEachDatabase(({ db }) => {
  const start = (chore: Chore) => startChores({ db: db(), chores: [chore], lookEveryMs: 10, onError() {} })

  test('of several processes one does a chore, and not again before its time', async () => {
    await migrate(db())
    let done = 0
    const chore = { name: `once-${Date.now()}`, everyMs: 60_000, run: async () => void done++ }
    const processes = [start(chore), start(chore), start(chore)]
    await vi.waitFor(() => expect(done).toBe(1))
    await delay(100)
    for (const chores of processes) await chores.stop()
    expect(done).toBe(1)
  })

  test('what was done before a process started is done at its start, and by one of several', async () => {
    await migrate(db())
    const name = `start-${Date.now()}`
    let done = 0
    const chore = { name, everyMs: 3_600_000, run: async () => void done++ }
    await sql`
      insert into chores (name, ran_at) values (${name}, now() - interval '1 minute')`.execute(db().sql)
    const [usual, first, second] = [
      start(chore),
      start({ ...chore, atStart: true }),
      start({ ...chore, atStart: true }),
    ]
    await vi.waitFor(() => expect(done).toBe(1))
    await delay(100)
    for (const chores of [usual, first, second]) await chores.stop()
    expect(done).toBe(1)
  })

  test('a chore comes again when its time has come, also after it failed', async () => {
    await migrate(db())
    let done = 0
    const problems: unknown[] = []
    const run = async () => {
      done++
      throw new Error('not this time')
    }
    const chores = startChores({
      db: db(),
      chores: [{ name: `again-${Date.now()}`, everyMs: 20, run }],
      lookEveryMs: 10,
      onError: (_error, { chore }) => problems.push(chore),
    })
    await vi.waitFor(() => expect(done).toBeGreaterThan(2))
    await chores.stop()
    expect(problems.length).toBe(done)
  })
})
