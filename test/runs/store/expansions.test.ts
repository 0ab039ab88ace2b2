import { sql } from 'kysely'
import packageOfBoss from 'pg-boss/package.json' with { type: 'json' }
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { MIGRATIONS, migrateTo } from '../../../src/runs/store/migrate.ts'
import { postgresBinaries } from '../../support/postgres.ts'
import { databaseOfTest, openSharedDatabase } from '../../support/shared-postgres.ts'
import { readPreviousRelease } from '../../upgrade/previous-release.ts'
import { narrowings, shapeOf } from './narrowings.ts'

/** The newest migration of the code in test/fixtures/releases. */
const PREVIOUS = readPreviousRelease().migrations.at(-1) ?? ''
/** Tables of pg-boss with which that code starts. */
const BOSS_SCHEMA = 46

let db: Database
beforeAll(async () => {
  db = await openSharedDatabase()
})
afterAll(() => db.close())

/** Undone at the end. */
async function inTransaction<T>(work: (tx: Database['sql']) => Promise<T>): Promise<T> {
  const tx = await db.sql.startTransaction().execute()
  try {
    return await work(tx)
  } finally {
    await tx.rollback().execute()
  }
}

describe.skipIf(postgresBinaries() === undefined)('migrations after the previous release', () => {
  const names = Object.keys(MIGRATIONS)
  const later = names.slice(names.indexOf(PREVIOUS) + 1)

  test('only add, or say which versions may go on', async () => {
    const empty = await openDatabase({ url: await databaseOfTest('empty') })
    onTestFinished(() => empty.close())
    await migrateTo(empty.sql, PREVIOUS)
    let shape = await shapeOf(empty.sql)
    const found: string[] = []
    for (const name of later) {
      await migrateTo(empty.sql, name)
      const next = await shapeOf(empty.sql)
      if (MIGRATIONS[name]?.needs === undefined) {
        found.push(...narrowings(shape, next).map((each) => `${name}: ${each}`))
      }
      shape = next
    }
    expect(found, 'split it: add now, take away in a later release, and say `needs` there').toEqual([])
  })

  test('take away only what the previous release can do without', () => {
    for (const name of later) {
      const needs = MIGRATIONS[name]?.needs ?? PREVIOUS
      expect(names, name).toContain(needs)
      expect(needs <= PREVIOUS, `${name} needs ${needs}`).toBe(true)
    }
  })

  test('leave the tables of pg-boss as they are', () => {
    // Its own migrations need not be expansions. With a new number an upgrade has to stop every process first: say so in CHANGELOG.
    expect(packageOfBoss.pgboss.schema).toBe(BOSS_SCHEMA)
  })
})

describe('a narrowing is', () => {
  const CASES: Readonly<Record<string, string>> = {
    'drop table workers': 'table workers is gone',
    'alter table runs drop column losses': 'column runs.losses is gone',
    'alter table runs rename column losses to deaths': 'column runs.losses is gone',
    'alter table run_events alter seq type bigint': 'column run_events.seq: bigint, required',
    'alter table runs alter cancel_reason set not null': 'column runs.cancel_reason: text, required',
    'alter table runs add column later text not null': 'column runs.later: text, required',
    'alter table runs alter losses drop default': 'column runs.losses: integer, required',
    'alter table runs add constraint few check (losses < 9)': 'constraint runs.few: CHECK ((losses < 9))',
    'create unique index one_each on runs (repository)':
      'unique index runs.one_each: CREATE UNIQUE INDEX one_each ON public.runs USING btree (repository)',
    'create table later (run_id text references runs (id))':
      'constraint later.later_run_id_fkey: FOREIGN KEY (run_id) REFERENCES runs(id)',
    'create trigger later before insert on runs for each row execute function suppress_redundant_updates_trigger()':
      'trigger runs.later: CREATE TRIGGER later BEFORE INSERT ON public.runs FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  }

  test.each(Object.entries(CASES))('%s', async (statement, narrowing) => {
    expect(await narrowingsOf(statement)).toContain(narrowing)
  })

  test.each([
    'alter table runs add column later text',
    "alter table runs add column later text not null default ''",
    'alter table runs alter repository drop not null',
    'alter table run_events alter attempt set default 1',
    'create index more on runs (repository)',
    'create table later (id text primary key, run_id text not null references runs (id) on delete cascade)',
    'drop index runs_of_thread',
  ])('not %s', async (statement) => {
    expect(await narrowingsOf(statement)).toEqual([])
  })

  async function narrowingsOf(statement: string): Promise<readonly string[]> {
    return await inTransaction(async (tx) => {
      const before = await shapeOf(tx)
      await sql.raw(statement).execute(tx)
      return narrowings(before, await shapeOf(tx))
    })
  }
})
