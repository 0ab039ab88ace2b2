import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type Kysely, sql } from 'kysely'
import { z } from 'zod'
import type { Schema } from '../../db/schema.ts'
import { BackspaceError } from '../../errors.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'

/**
 * A backup is a gzipped file with one JSON value per line: a header, the rows of each table, and the hash of all lines
 * before the last, so that a file that was cut off or changed is refused. Values have PostgreSQL's text form, which
 * both back ends read back unchanged.
 */
export const FORMAT = 1

const header = z.object({
  backup: z.literal('backspace'),
  format: z.number().int(),
  at: z.string(),
  /** The migrations that had been applied to the tables. */
  migrations: z.array(z.string()).min(1),
  tables: z.array(
    z.object({
      name: z.string(),
      columns: z.array(z.string()).min(1),
      rows: z.number().int().nonnegative(),
    }),
  ),
})
const row = z.array(z.string().nullable())
const end = z.object({ sha256: z.string() })

export type BackupHeader = z.infer<typeof header>
export type BackupTable = BackupHeader['tables'][number]
/** The values of a row, in the order of the table's columns. */
export type BackupRow = z.infer<typeof row>

/** @throws {BackspaceError} `bad_request` when the line is not a backup's header; `config_invalid` for a newer format. */
export function parseHeader(line: string): BackupHeader {
  const parsed = header.safeParse(jsonOrUndefined(line))
  if (!parsed.success) throw notABackup()
  if (parsed.data.format > FORMAT) {
    throw new BackspaceError(
      'config_invalid',
      'This backup was written by a newer Backspace. Restore it with that version or a newer one.',
    )
  }
  return parsed.data
}

/** @throws {BackspaceError} `bad_request` */
export function parseRow(line: string, { columns }: BackupTable): BackupRow {
  const parsed = row.safeParse(jsonOrUndefined(line))
  if (!parsed.success || parsed.data.length !== columns.length) throw damaged()
  return parsed.data
}

/** @throws {BackspaceError} `bad_request` when the lines before this one are not those that were written. */
export function checkEnd(line: string, sha256: string): void {
  if (end.safeParse(jsonOrUndefined(line)).data?.sha256 !== sha256) throw damaged()
}

export function damaged(cause?: unknown): BackspaceError {
  return new BackspaceError(
    'bad_request',
    'This backup is cut off or damaged, so nothing was restored from it. Take another one.',
    { cause },
  )
}

function notABackup(cause?: unknown): BackspaceError {
  return new BackspaceError('bad_request', 'This file is not a backup of Backspace.', { cause })
}

/** Computes the hash that the last line of a backup states. */
export function createLineHash() {
  const hash = createHash('sha256')
  return {
    add: (line: string) => void hash.update(line).update('\n'),
    digest: () => hash.digest('hex'),
  }
}

/**
 * The tables of a backup, each after the tables that it refers to. A backup leaves out `workers`, which lists living
 * processes; the queue, which is refilled from `runs`; the logins of browsers; the links that share runs; and the
 * private key that signs receipts.
 */
export const BACKUP_TABLES = [
  'runs',
  'run_events',
  'transcripts',
  'transcript_entries',
  'transcript_parts',
  'run_effects',
  'checkpoints',
  'checkpoint_parts',
  'deliveries',
  'chores',
  'watched_repositories',
  'run_notes',
  'audit_log',
  'audit_waiting',
  'audit_head',
  'api_tokens',
  'receipt_keys',
  'receipts',
  'operator_pause',
  'run_repositories',
  'run_facts',
  'pull_request_outcomes',
] as const satisfies readonly (keyof Schema)[]

interface Column {
  readonly name: string
  /** The type's name in SQL: `timestamp with time zone`. */
  readonly type: string
  readonly isIdentity: boolean
}

/** The columns that a table has now; empty when the table does not exist. */
export async function columnsOf(tables: Kysely<Schema>, table: string): Promise<readonly Column[]> {
  const { rows } = await sql<Column>`
    select attname as name, format_type(atttypid, atttypmod) as type, attidentity <> '' as "isIdentity"
    from pg_attribute
    where attrelid = to_regclass(${table}) and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`.execute(tables)
  return rows
}

/** `backspace-20261122T030000123Z.jsonl.gz`, so that sorting by name sorts by age. */
export function backupName(at: Date): string {
  return `backspace-${at.toISOString().replace(/[-:.]/g, '')}.jsonl.gz`
}

/**
 * The lines of a gzipped file, without line ends.
 *
 * @throws {BackspaceError} `not_found`, or `bad_request` when the file is cut off or is not a backup.
 */
export async function* readLines(file: string): AsyncGenerator<string> {
  const text = pipeline(createReadStream(file), createGunzip(), () => {
    // The loop below throws the error.
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  let rest = ''
  try {
    for await (const chunk of text) {
      const lines = (rest + decoder.decode(chunk as Buffer, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
  } catch (error) {
    throw whyUnreadable(error, file)
  }
  if (rest !== '') throw damaged()
}

function whyUnreadable(error: unknown, file: string): BackspaceError {
  const { code, message } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOENT':
      return new BackspaceError('not_found', `There is no backup file ${file}.`, { cause: error })
    case 'EACCES':
    case 'EPERM': {
      const text = `${file} may not be read by this user. Change its owner or its permissions.`
      return new BackspaceError('bad_request', text, { cause: error })
    }
    default:
      return message === 'incorrect header check' ? notABackup(error) : damaged(error)
  }
}
