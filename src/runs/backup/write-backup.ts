import { createWriteStream } from 'node:fs'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { appliedMigrations, refuseNewerSchema } from '../store/migrate.ts'
import type { Chore } from '../upkeep/chores.ts'
import {
  BACKUP_TABLES,
  type BackupHeader,
  type BackupTable,
  backupName,
  columnsOf,
  createLineHash,
  FORMAT,
} from './backup-format.ts'

interface WriteBackupInput {
  /** Path of the backup, which must not exist. The file appears there once it is complete. */
  readonly file: string
  readonly now?: (() => Date) | undefined
  /** Aborts the backup. */
  readonly signal?: AbortSignal | undefined
}

interface BackupSummary {
  readonly rows: number
  /** Size of the file in bytes. */
  readonly bytes: number
}

/** About how many characters one page has. */
const PAGE_CHARACTERS = 2 * 1024 * 1024
const MOST_ROWS = 1000

/**
 * Writes a snapshot of all tables into a file that can be restored into either back end. On PostgreSQL the service
 * keeps working meanwhile; on PGlite it waits, since the backup holds the only connection.
 *
 * @throws {BackspaceError} `conflict` when the file exists; `unavailable` when it cannot be written or there are no
 * tables yet; `config_invalid` when a newer version may have added tables that this one does not know.
 */
export async function writeBackup(db: Database, input: WriteBackupInput): Promise<BackupSummary> {
  const { file, now = () => new Date(), signal } = input
  const partial = `${file}.partial`
  if (await exists(file))
    throw new BackspaceError('conflict', 'A file with that name exists already. Choose another name.')
  const written = { rows: 0 }
  try {
    await db.sql.transaction().execute(async (tx) => {
      await sql`set transaction isolation level repeatable read, read only`.execute(tx)
      await sql`set local timezone = 'UTC'`.execute(tx)
      const lines = Readable.from(linesOf(tx, { at: now(), written }))
      const target = createWriteStream(partial, { mode: 0o600, flush: true })
      await pipeline(lines, createGzip({ level: 1 }), target, signal ? { signal } : {})
    })
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw explain(error)
  }
  return { rows: written.rows, bytes: (await stat(file)).size }
}

async function* linesOf(
  tx: Kysely<Schema>,
  { at, written }: { readonly at: Date; readonly written: { rows: number } },
): AsyncGenerator<string> {
  const hash = createLineHash()
  const header = await describe(tx, at)
  const first = JSON.stringify(header)
  hash.add(first)
  yield `${first}\n`
  for (const table of header.tables) {
    for await (const lines of pagesOf(tx, table)) {
      for (const line of lines) hash.add(line)
      written.rows += lines.length
      yield `${lines.join('\n')}\n`
    }
  }
  yield `${JSON.stringify({ sha256: hash.digest() })}\n`
}

async function describe(tx: Kysely<Schema>, at: Date): Promise<BackupHeader> {
  const migrations = await appliedMigrations(tx)
  if (migrations.length === 0) {
    throw new BackspaceError('unavailable', 'There is nothing to back up: this database was never used.')
  }
  refuseNewerSchema(migrations, 'database')
  const tables: BackupTable[] = []
  for (const name of BACKUP_TABLES) {
    const columns = await columnsOf(tx, name)
    if (columns.length === 0) continue
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from ${sql.table(name)}`.execute(tx)
    tables.push({ name, columns: columns.map((column) => column.name), rows: rows[0]?.count ?? 0 })
  }
  return { backup: 'backspace', format: FORMAT, at: at.toISOString(), migrations: [...migrations], tables }
}

/**
 * The rows of a table as JSON, read through a cursor so that memory does not grow with the table. Pages shrink when
 * rows are large. The database builds the JSON, because PGlite reads an array ten times slower than a text.
 */
async function* pagesOf(tx: Kysely<Schema>, { name, columns }: BackupTable): AsyncGenerator<string[]> {
  const values = sql.join(columns.map((column) => sql`${sql.ref(column)}::text`))
  await sql`declare backup no scroll cursor for
    select array_to_json(array[${values}])::text as line from ${sql.table(name)}`.execute(tx)
  for (let size = 20; ; ) {
    const page = sql<{ line: string }>`fetch ${sql.raw(String(size))} from backup`
    const lines = (await page.execute(tx)).rows.map(({ line }) => line)
    if (lines.length === 0) break
    yield lines
    const characters = lines.reduce((sum, line) => sum + line.length, 0)
    size = Math.max(1, Math.min(MOST_ROWS, Math.floor((PAGE_CHARACTERS * lines.length) / characters)))
  }
  await sql`close backup`.execute(tx)
}

function explain(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException
  const why = {
    ENOSPC: 'the disk is full',
    EACCES: 'it may not be written',
    ENOENT: 'its folder is missing',
  }[code ?? '']
  return why === undefined
    ? error
    : new BackspaceError('unavailable', `The backup cannot be written: ${why}. Choose another place.`, {
        cause: error,
      })
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  )
}

interface BackupChoreOptions {
  readonly db: Database
  readonly directory: string
  /** How many of the newest backups to keep. */
  readonly keep: number
  readonly now?: (() => Date) | undefined
}

const DAY_MS = 24 * 60 * 60 * 1000
const OURS = /^backspace-.*\.jsonl\.gz(\.partial)?$/

/** Backs up an embedded database every day. No other process can, since this one holds the directory. */
export function createBackupChore(options: BackupChoreOptions): Chore {
  const { db, directory, keep, now = () => new Date() } = options
  return {
    name: 'backup',
    everyMs: DAY_MS,
    async run(signal) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeBackup(db, { file: join(directory, backupName(now())), now, signal })
      // Sorting by name sorts by age. Partial files of aborted backups are deleted, too.
      const files = (await readdir(directory)).filter((name) => OURS.test(name)).sort()
      const whole = files.filter((name) => !name.endsWith('.partial'))
      const kept = new Set(whole.slice(-keep))
      for (const name of files) if (!kept.has(name)) await rm(join(directory, name), { force: true })
    },
  }
}
