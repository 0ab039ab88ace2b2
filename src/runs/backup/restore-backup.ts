import { type Kysely, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import {
  appliedMigrations,
  MIGRATIONS_LOCK_TABLE,
  MIGRATIONS_TABLE,
  migrateTo,
  refuseNewerSchema,
} from '../store/migrate.ts'
import {
  BACKUP_TABLES,
  type BackupHeader,
  type BackupRow,
  type BackupTable,
  checkEnd,
  columnsOf,
  createLineHash,
  damaged,
  parseHeader,
  parseRow,
  readLines,
} from './backup-format.ts'

export interface RestoreBackupInput {
  readonly file: string
  /** Whether the present contents of the database may be lost. */
  readonly replace: boolean
}

/** About how many characters one insert writes. */
const BATCH_CHARACTERS = 1024 * 1024

/**
 * Restores the database to what it was when the backup was written, then migrates it to this version, all in one
 * transaction. Runs that were in progress wait, and continue from their checkpoints when the service starts.
 *
 * @returns when the backup was written, and how many rows it has.
 * @throws {BackspaceError} `conflict` when the database is in use or not empty; `config_invalid` when the backup or the
 * database is from a newer version; `bad_request` when the file is damaged; `not_found`.
 */
export async function restoreBackup(
  db: Database,
  input: RestoreBackupInput,
): Promise<{ readonly at: string; readonly rows: number }> {
  return await db.sql.transaction().execute(async (tx) => {
    await refuseInUse(tx)
    const applied = await appliedMigrations(tx)
    refuseNewerSchema(applied, 'database')
    if (!input.replace && applied.length > 0) await refuseFull(tx)

    const lines = createCheckedLines(input.file)
    const header = parseHeader(await lines.next())
    refuseNewerSchema(header.migrations, 'backup')
    const revoked = await revokedTokens(tx)
    const keys = await receiptKeys(tx)
    await dropTables(tx)
    await migrateTo(tx, header.migrations.at(-1))
    for (const table of header.tables) await fill(tx, { table, lines })
    await lines.end()
    await migrateTo(tx)
    await beginAgain(tx)
    await revokeAgain(tx, revoked)
    await keepReceiptKeys(tx, keys)
    return { at: header.at, rows: countRows(header) }
  })
}

/** A running process would write into the tables during the restore. PGlite needs no check: its directory is locked. */
async function refuseInUse(tx: Kysely<Schema>): Promise<void> {
  const { rows } = await sql`
    select 1 from pg_stat_activity
    where datname = current_database() and application_name like 'backspace%' and pid <> pg_backend_pid()
    limit 1`.execute(tx)
  if (rows.length === 0) return
  throw new BackspaceError(
    'conflict',
    'Backspace is running on this database. Stop every process of it first.',
  )
}

async function refuseFull(tx: Kysely<Schema>): Promise<void> {
  const { rows } = await sql<{ runs: number; deliveries: number }>`
    select (select count(*)::int from runs) as runs, (select count(*)::int from deliveries) as deliveries`.execute(
    tx,
  )
  const { runs = 0, deliveries = 0 } = rows[0] ?? {}
  if (runs + deliveries === 0) return
  throw new BackspaceError(
    'conflict',
    `The database is not empty: it has ${runs} runs and ${deliveries} deliveries. Restore into another database, or add --replace to overwrite this one.`,
  )
}

/** Tables whose rows mean nothing in another place or at another time. */
const NOT_IN_BACKUPS = [
  'workers',
  'web_logins',
  'share_links',
  'setup_cache',
  'receipt_secrets',
  'schema_floor',
] as const

/** Drops all tables. The restore creates them again in the backup's version; the next start creates the queue. */
async function dropTables(tx: Kysely<Schema>): Promise<void> {
  for (const table of [...BACKUP_TABLES, ...NOT_IN_BACKUPS, MIGRATIONS_TABLE, MIGRATIONS_LOCK_TABLE]) {
    await sql`drop table if exists ${sql.table(table)} cascade`.execute(tx)
  }
  await sql`drop schema if exists pgboss cascade`.execute(tx)
}

/** Makes every unfinished run wait for admission and every chore due, since no worker holds a run yet. */
async function beginAgain(tx: Kysely<Schema>): Promise<void> {
  await sql`
    update runs set status = 'queued', released = false, admitted_at = null
    where status in ('queued', 'running')`.execute(tx)
  await sql`update chores set ran_at = 'epoch'`.execute(tx)
}

/** Ids of the API tokens that are revoked now. An older backup holds them as they were before. */
async function revokedTokens(tx: Kysely<Schema>): Promise<readonly string[]> {
  if ((await columnsOf(tx, 'api_tokens')).length === 0) return []
  const rows = await tx.selectFrom('api_tokens').select('id').where('revoked_at', 'is not', null).execute()
  return rows.map(({ id }) => id)
}

async function revokeAgain(tx: Kysely<Schema>, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await tx
    .updateTable('api_tokens')
    .set({ revoked_at: new Date() })
    .where('id', 'in', ids)
    .where('revoked_at', 'is', null)
    .execute()
}

/**
 * The keys that have signed receipts so far. Those receipts exist outside the database too, so the keys must stay
 * known.
 */
async function receiptKeys(tx: Kysely<Schema>) {
  if ((await columnsOf(tx, 'receipt_keys')).length === 0) return []
  return await tx.selectFrom('receipt_keys').selectAll().execute()
}

/** Stores the keys as retired, since no backup has private keys. The next start makes a new one. */
async function keepReceiptKeys(
  tx: Kysely<Schema>,
  keys: Awaited<ReturnType<typeof receiptKeys>>,
): Promise<void> {
  const now = sql<Date>`clock_timestamp()`
  await tx.updateTable('receipt_keys').set({ retired_at: now }).where('retired_at', 'is', null).execute()
  if (keys.length === 0) return
  const retired = keys.map((key) => ({ ...key, retired_at: key.retired_at ?? now }))
  await tx
    .insertInto('receipt_keys')
    .values(retired)
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet(({ ref }) => ({ retired_at: ref('excluded.retired_at') })),
    )
    .execute()
}

async function fill(
  tx: Kysely<Schema>,
  { table, lines }: { readonly table: BackupTable; readonly lines: CheckedLines },
): Promise<void> {
  const columns = await columnsOf(tx, table.name)
  const types = new Map(columns.map(({ name, type }) => [name, type]))
  const ours = BACKUP_TABLES.some((name) => name === table.name)
  if (!ours || !table.columns.every((name) => types.has(name))) throw damaged()
  let batch: BackupRow[] = []
  let characters = 0
  for (let count = 0; count < table.rows; count++) {
    const line = await lines.next()
    batch.push(parseRow(line, table))
    characters += line.length
    if (characters < BATCH_CHARACTERS && count + 1 < table.rows) continue
    await insert(tx, { table, types, rows: batch })
    batch = []
    characters = 0
  }
  for (const { name } of columns.filter(({ isIdentity }) => isIdentity)) {
    await sql`
      select setval(pg_get_serial_sequence(${table.name}, ${name}), max(${sql.ref(name)}))
      from ${sql.table(table.name)}`.execute(tx)
  }
}

async function insert(
  tx: Kysely<Schema>,
  input: {
    readonly table: BackupTable
    readonly types: ReadonlyMap<string, string>
    readonly rows: readonly BackupRow[]
  },
): Promise<void> {
  const { table, types, rows } = input
  const names = sql.join(table.columns.map((name) => sql.ref(name)))
  const cast = sql.join(
    table.columns.map((name) => sql`${sql.ref(name)}::${sql.raw(types.get(name) ?? 'text')}`),
  )
  const arrays = sql.join(table.columns.map((_, index) => sql`${rows.map((row) => row[index])}::text[]`))
  await sql`
    insert into ${sql.table(table.name)} (${names}) overriding system value
    select ${cast} from unnest(${arrays}) as given (${names})`.execute(tx)
}

interface CheckedLines {
  /** @throws {BackspaceError} `bad_request` when no line is left. */
  next(): Promise<string>
  /** @throws {BackspaceError} `bad_request` unless all lines are present and unchanged. */
  end(): Promise<void>
}

function createCheckedLines(file: string): CheckedLines {
  const lines = readLines(file)
  const hash = createLineHash()
  async function take(): Promise<string> {
    const { value, done } = await lines.next()
    if (done) throw damaged()
    return value
  }
  return {
    async next() {
      const line = await take()
      hash.add(line)
      return line
    },
    async end() {
      checkEnd(await take(), hash.digest())
      // Extra data and a wrong gzip checksum show only at the end of the file.
      if (!(await lines.next()).done) throw damaged()
    },
  }
}

function countRows({ tables }: BackupHeader): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0)
}
