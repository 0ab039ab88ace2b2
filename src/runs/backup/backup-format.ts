import { createHash } from 'node:crypto'
import { z } from 'zod'
import { BackspaceError } from '../../errors.ts'

/**
 * A backup is gzipped lines of JSON: a header, then the rows of each of its tables in turn, then an end that holds
 * the hash of everything before it, so that a file that was cut or changed is refused. A value is as PostgreSQL
 * writes it as text, which either back end reads back unchanged.
 */
export const FORMAT = 1

const header = z.object({
  backup: z.literal('backspace'),
  format: z.number().int(),
  at: z.string(),
  /** What the tables had been through. */
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
/** In the order of the table's columns. */
export type BackupRow = z.infer<typeof row>

/** @throws {BackspaceError} `bad_request` for what is no backup, or one of a newer format. */
export function parseHeader(line: string): BackupHeader {
  const parsed = header.safeParse(parseJson(line))
  if (!parsed.success) throw new BackspaceError('bad_request', 'This file is not a backup of Backspace.')
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
  const parsed = row.safeParse(parseJson(line))
  if (!parsed.success || parsed.data.length !== columns.length) throw damaged()
  return parsed.data
}

/** @throws {BackspaceError} `bad_request` when the lines before are not those that were written. */
export function checkEnd(line: string, sha256: string): void {
  if (end.safeParse(parseJson(line)).data?.sha256 !== sha256) throw damaged()
}

export function damaged(cause?: unknown): BackspaceError {
  return new BackspaceError(
    'bad_request',
    'This backup is cut off or damaged, so nothing was restored from it. Take another one.',
    { cause },
  )
}

/** Hash of lines, as the end of a backup states it. */
export function createLineHash() {
  const hash = createHash('sha256')
  return {
    add: (line: string) => void hash.update(line).update('\n'),
    digest: () => hash.digest('hex'),
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
