import { type Kysely, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { explainRefusal } from '../../db/explain-refusal.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { runs } from './migrations/0001-runs.ts'
import { reliability } from './migrations/0002-reliability.ts'
import { agent } from './migrations/0003-agent.ts'
import { oneEnding } from './migrations/0004-one-ending.ts'
import { apiTokens } from './migrations/0005-api-tokens.ts'
import { audit } from './migrations/0006-audit.ts'
import { setupCache } from './migrations/0007-setup-cache.ts'
import { receipts } from './migrations/0008-receipts.ts'
import { checkpointParts } from './migrations/0009-checkpoint-parts.ts'
import { transcriptParts } from './migrations/0010-transcript-parts.ts'
import { operatorPause } from './migrations/0011-operator-pause.ts'
import { signIn } from './migrations/0012-sign-in.ts'
import { statistics } from './migrations/0013-statistics.ts'

/** All migrations, in order. Append only: a released migration is never edited. */
const MIGRATIONS = {
  '0001-runs': runs,
  '0002-reliability': reliability,
  '0003-agent': agent,
  '0004-one-ending': oneEnding,
  '0005-api-tokens': apiTokens,
  '0006-audit': audit,
  '0007-setup-cache': setupCache,
  '0008-receipts': receipts,
  '0009-checkpoint-parts': checkpointParts,
  '0010-transcript-parts': transcriptParts,
  '0011-operator-pause': operatorPause,
  '0012-sign-in': signIn,
  '0013-statistics': statistics,
}

export const MIGRATIONS_TABLE = 'backspace_migrations'
export const MIGRATIONS_LOCK_TABLE = 'backspace_migrations_lock'

/**
 * Migrates the tables to this version. Any number of processes may call it at once: one migrates, the others wait.
 *
 * @throws {BackspaceError} `config_invalid` when a newer version of Backspace has migrated them, or the server refuses.
 */
export async function migrate(db: Database): Promise<void> {
  const applied = await appliedMigrations(db.sql)
  refuseNewerSchema(applied, 'database')
  // True at nearly every start. The migrator would need a dozen queries and locks to find that out.
  if (applied.length < Object.keys(MIGRATIONS).length) await migrateTo(db.sql)
}

/** @param tables may be a transaction. @param last the migration to stop at; default: the latest. */
export async function migrateTo(tables: Kysely<Schema>, last?: string): Promise<void> {
  const { Migrator } = await import('kysely/migration')
  const migrator = new Migrator({
    db: tables,
    provider: { getMigrations: () => Promise.resolve(MIGRATIONS) },
    migrationTableName: MIGRATIONS_TABLE,
    migrationLockTableName: MIGRATIONS_LOCK_TABLE,
  })
  const { error } = await (last === undefined ? migrator.migrateToLatest() : migrator.migrateTo(last))
  if (error !== undefined) throw explainRefusal(error)
}

/** Names of the migrations that were applied to the tables, in order. */
export async function appliedMigrations(tables: Kysely<Schema>): Promise<readonly string[]> {
  const table = await sql<{ exists: boolean }>`
    select to_regclass(${MIGRATIONS_TABLE}) is not null as exists`.execute(tables)
  if (!table.rows[0]?.exists) return []
  const { rows } = await sql<{ name: string }>`
    select name from ${sql.table(MIGRATIONS_TABLE)} order by name`.execute(tables)
  return rows.map((row) => row.name)
}

/**
 * @param what the thing that these migrations were applied to.
 * @throws {BackspaceError} `config_invalid` when this version does not know one of them.
 */
export function refuseNewerSchema(applied: readonly string[], what: 'database' | 'backup'): void {
  const unknown = applied.filter((name) => !Object.hasOwn(MIGRATIONS, name))
  if (unknown.length === 0) return
  const advice =
    what === 'backup'
      ? 'Restore it with that version or a newer one.'
      : 'Start that version or a newer one, or restore a backup made before the upgrade.'
  throw new BackspaceError(
    'config_invalid',
    `The ${what} was written by a newer Backspace (it has ${unknown.join(', ')}). ${advice}`,
    { facts: { unknown } },
  )
}
