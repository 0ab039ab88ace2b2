import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { onEachDatabase } from '../../db/on-each-database.ts'

onEachDatabase(({ db, openAgain, kind }) => {
  if (kind === 'postgres') {
    test('processes that start together on an empty database all get on', async () => {
      const others = await Promise.all([openAgain(), openAgain()])
      await Promise.all([db(), ...others].map((each) => each && migrate(each)))
      const { rows } = await sql`select name from backspace_migrations`.execute(db().sql)
      expect(rows).toEqual([
        { name: '0001-runs' },
        { name: '0002-reliability' },
        { name: '0003-agent' },
        { name: '0004-one-ending' },
        { name: '0005-api-tokens' },
        { name: '0006-audit' },
        { name: '0007-setup-cache' },
        { name: '0008-receipts' },
        { name: '0009-checkpoint-parts' },
        { name: '0010-transcript-parts' },
        { name: '0011-operator-pause' },
        { name: '0012-sign-in' },
        { name: '0013-statistics' },
      ])
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

  test('a database of a newer version is refused, with what to do', async () => {
    await migrate(db())
    await sql`insert into backspace_migrations values ('9999-later', '2030-01-01')`.execute(db().sql)
    await expect(migrate(db())).rejects.toMatchObject({
      code: 'config_invalid',
      userMessage: expect.stringMatching(/newer Backspace .*9999-later.* Start that version/),
    })
  })
})
