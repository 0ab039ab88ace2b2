import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { type Chore, startChores } from '../../../src/runs/upkeep/chores.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'

let started = 0

onEachDatabase(({ db }) => {
  /** A process with this chore. `looked` waits until it has found the chore due or not due, twice more. */
  function start(chore: Chore) {
    let looks = 0
    // Always due, and looked at after the other one.
    const every = { name: `look-${++started}`, everyMs: 0, run: async () => void looks++ }
    const { stop } = startChores({ db: db(), chores: [chore, every], lookEveryMs: 10, onError() {} })
    async function looked(): Promise<void> {
      const enough = looks + 2
      await expect.poll(() => looks).toBeGreaterThanOrEqual(enough)
    }
    return { looked, stop }
  }

  test('of several processes one does a chore, and not again before its time', async () => {
    await migrate(db())
    let done = 0
    const chore = { name: `once-${Date.now()}`, everyMs: 60_000, run: async () => void done++ }
    const processes = [start(chore), start(chore), start(chore)]
    await expect.poll(() => done).toBe(1)
    for (const { looked } of processes) await looked()
    for (const { stop } of processes) await stop()
    expect(done).toBe(1)
  })

  test('what was done before a process started is done at its start, and by one of several', async () => {
    await migrate(db())
    const name = `start-${Date.now()}`
    let done = 0
    const chore = { name, everyMs: 3_600_000, run: async () => void done++ }
    await sql`
      insert into chores (name, ran_at) values (${name}, now() - interval '1 minute')`.execute(db().sql)
    const processes = [start(chore), start({ ...chore, atStart: true }), start({ ...chore, atStart: true })]
    await expect.poll(() => done).toBe(1)
    for (const { looked } of processes) await looked()
    for (const { stop } of processes) await stop()
    expect(done).toBe(1)
  })

  test('a chore comes again when its time has come, also after it failed', async () => {
    await migrate(db())
    const name = `again-${Date.now()}`
    let done = 0
    const problems: unknown[] = []
    const run = async () => {
      done++
      throw new Error('not this time')
    }
    const chores = startChores({
      db: db(),
      chores: [{ name, everyMs: 20, run }],
      lookEveryMs: 10,
      onError: (_error, { chore }) => problems.push(chore),
    })
    await expect.poll(() => problems.length).toBeGreaterThan(2)
    await chores.stop()
    expect(done).toBeGreaterThanOrEqual(problems.length)
    expect(new Set(problems)).toEqual(new Set([name]))
  })
})
