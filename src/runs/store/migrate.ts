import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import type { Database } from '../../db/database.ts'
import { BackspaceError } from '../../errors.ts'
import { runs } from './migrations/0001-runs.ts'
import { reliability } from './migrations/0002-reliability.ts'

/** Every migration there ever was, in order. Append only: what has been released is never edited. */
const MIGRATIONS = { '0001-runs': runs, '0002-reliability': reliability }

/**
 * Brings the tables to this version's shape. Any number of processes may do so at once: one does, the others wait.
 *
 * @throws {BackspaceError} `config_invalid` when a newer version of Backspace has already changed them.
 */
export async function migrate(db: Database): Promise<void> {
  await refuseNewerSchema(db)
  const migrator = new Migrator({
    db: db.sql,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    migrationTableName: 'backspace_migrations',
    migrationLockTableName: 'backspace_migrations_lock',
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw error
}

async function refuseNewerSchema(db: Database): Promise<void> {
  const table = await sql<{ exists: boolean }>`
    select to_regclass('backspace_migrations') is not null as exists`.execute(db.sql)
  if (!table.rows[0]?.exists) return
  const { rows } = await sql<{ name: string }>`select name from backspace_migrations order by name`.execute(
    db.sql,
  )
  const unknown = rows.map((row) => row.name).filter((name) => !Object.hasOwn(MIGRATIONS, name))
  if (unknown.length === 0) return
  throw new BackspaceError(
    'config_invalid',
    `The database was written by a newer Backspace (it has ${unknown.join(', ')}). Start that version or a newer one, or restore a backup made before the upgrade.`,
    { facts: { unknown } },
  )
}
