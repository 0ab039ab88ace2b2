import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Database } from '../../../src/db/database.ts'
import { appliedMigrations, MIGRATIONS, migrate } from '../../../src/runs/store/migrate.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'

onEachDatabase(({ db, openAgain, kind }) => {
  if (kind === 'postgres') {
    test('processes that start together on an empty database all get on', async () => {
      const others = await Promise.all([openAgain(), openAgain()])
      await Promise.all([db(), ...others].map((each) => each && migrate(each)))
      const { rows } = await sql`select name from backspace_migrations`.execute(db().sql)
      expect(rows).toEqual(Object.keys(MIGRATIONS).map((name) => ({ name })))
    })
  }

  test('migrating again changes nothing', async () => {
    await migrate(db())
    await sql`
      insert into runs (id, status, repository, request, created_at)
      values ('r', 'queued', 'acme/api', '{}', now())`.execute(db().sql)
    await migrate(db())
    expect(await db().sql.selectFrom('runs').select('id').execute()).toEqual([{ id: 'r' }])
  })

  test('tables that a newer version only added to are worked on, and left as they are', async () => {
    await migrate(db())
    await addNewer(db())
    await migrate(db())
    expect((await appliedMigrations(db().sql)).at(-1)).toBe('9999-later')
  })

  test('tables that a newer version took something from are refused, with what to do', async () => {
    await migrate(db())
    await addNewer(db())
    await db().sql.updateTable('schema_floor').set({ migration: '9998-before' }).execute()
    await expect(migrate(db())).rejects.toMatchObject(refused)
    await db().sql.updateTable('schema_floor').set({ migration: '0014-schema-floor' }).execute()
  })

  test('tables that lack what this version adds are refused when there are migrations that it does not know', async () => {
    await migrate(db())
    await addNewer(db())
    await sql`delete from backspace_migrations where name = '0013-statistics'`.execute(db().sql)
    await expect(migrate(db())).rejects.toMatchObject(refused)
  })
})

async function addNewer({ sql: tables }: Database): Promise<void> {
  await sql`
    insert into backspace_migrations values ('9999-later', '2030-01-01') on conflict do nothing`.execute(
    tables,
  )
}

const refused = {
  code: 'config_invalid',
  userMessage: expect.stringMatching(/newer Backspace .*9999-later.* Start that version/),
}
