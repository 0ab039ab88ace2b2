import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'
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
import { schemaFloor } from './migrations/0014-schema-floor.ts'

/**
 * A migration that removes or narrows what earlier versions use must say which of them may go on: those that know the
 * migration `needs`. Every other migration only adds, and versions that do not know it can go on working.
 */
type OurMigration = Migration & { readonly needs?: string }

/** All migrations, in order. New ones are appended; one that was released is never edited. */
export const MIGRATIONS: Readonly<Record<string, OurMigration>> = {
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
  '0014-schema-floor': schemaFloor,
}

export const MIGRATIONS_TABLE = 'backspace_migrations'
export const MIGRATIONS_LOCK_TABLE = 'backspace_migrations_lock'

/**
 * Migrates the tables to this version. Any number of processes may call it at once: one migrates, the others wait.
 * Tables that a newer version has migrated stay as they are, if this version may work on them.
 *
 * @throws {BackspaceError} `config_invalid` when this version may not, or when the server refuses.
 */
export async function migrate(db: Database): Promise<void> {
  const applied = await appliedMigrations(db.sql)
  await refuseBelowFloor(db.sql, applied)
  // Nothing is missing at nearly every start. The migrator would need a dozen queries and locks to find that out.
  if (missingFrom(applied).length > 0) await migrateTo(db.sql)
}

/**
 * @param tables may be a transaction.
 * @param last name of the migration to stop at; default: the latest.
 */
export async function migrateTo(tables: Kysely<Schema>, last?: string): Promise<void> {
  const { Migrator } = await import('kysely/migration')
  const migrator = new Migrator({
    db: tables,
    provider: { getMigrations: () => Promise.resolve(raisingTheFloor(MIGRATIONS)) },
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

/** Commits a migration that has `needs` together with the row that stops older versions. */
function raisingTheFloor(migrations: typeof MIGRATIONS): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(migrations).map(([name, { up, needs }]) => [
      name,
      {
        async up(tables) {
          await up(tables)
          if (needs === undefined) return
          await sql`update schema_floor set migration = greatest(migration, ${needs})`.execute(tables)
        },
      } satisfies Migration,
    ]),
  )
}

function missingFrom(applied: readonly string[]): readonly string[] {
  return Object.keys(MIGRATIONS).filter((name) => !applied.includes(name))
}

function unknownIn(applied: readonly string[]): readonly string[] {
  return applied.filter((name) => !Object.hasOwn(MIGRATIONS, name))
}

/** @throws {BackspaceError} `config_invalid` when the tables lack what this version uses. */
async function refuseBelowFloor(tables: Kysely<Schema>, applied: readonly string[]): Promise<void> {
  const unknown = unknownIn(applied)
  if (unknown.length === 0) return
  const isOlder = missingFrom(applied).length === 0
  const floor = isOlder
    ? await tables.selectFrom('schema_floor').select('migration').executeTakeFirst()
    : undefined
  if (floor !== undefined && Object.hasOwn(MIGRATIONS, floor.migration)) return
  throw newerSchema(
    unknown,
    'database',
    'Start that version or a newer one, or restore a backup made before the upgrade into an empty database.',
  )
}

/**
 * Call it before work that must know every table, such as writing or restoring a backup.
 *
 * @param what the thing that these migrations were applied to.
 * @throws {BackspaceError} `config_invalid` when this version does not know one of them.
 */
export function refuseNewerSchema(applied: readonly string[], what: keyof typeof ADVICE): void {
  const unknown = unknownIn(applied)
  if (unknown.length > 0) throw newerSchema(unknown, what, ADVICE[what])
}

const ADVICE = {
  backup: 'Restore it with that version or a newer one.',
  database: 'Do this with that version or a newer one, or in an empty database.',
}

function newerSchema(unknown: readonly string[], what: string, advice: string): BackspaceError {
  return new BackspaceError(
    'config_invalid',
    `The ${what} was written by a newer Backspace (it has ${unknown.join(', ')}). ${advice}`,
    { facts: { unknown } },
  )
}
