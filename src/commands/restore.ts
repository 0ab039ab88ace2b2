import { open, stat } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { storeAuditEntries } from '../audit/audit-log.ts'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/open-database.ts'
import { BackspaceError } from '../errors.ts'
import { restoreBackup } from '../runs/backup/restore-backup.ts'
import { onlyArgument } from './terminal/run/wrong-usage.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run restore -- FILE [--replace]     restores the database as it was when FILE was written

  The database may be PGlite or PostgreSQL, whichever wrote the backup. --replace deletes what the database holds now.`

async function restore(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { replace: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const file = onlyArgument(positionals, 'Name the backup file.')
  await requireFile(file)
  const db = await openDatabase(readConfig().database)
  try {
    const { rows, at } = await restoreBackup(db, { file, replace: values.replace })
    const restored = {
      kind: 'database.restored',
      actor: 'operator',
      facts: { writtenAt: at, rows },
    } as const
    await storeAuditEntries(db.sql, [{ ...restored, at: new Date() }])
    process.stdout.write(
      `Restored ${rows} rows as of ${at}. Queued and running runs continue at the next npm start.\n`,
    )
  } finally {
    await db.close()
  }
}

/** Runs before the database is opened, so that a mistyped file name neither creates a database nor is blamed on one. */
async function requireFile(file: string): Promise<void> {
  const found = await stat(file).catch((cause: unknown) => {
    throw new BackspaceError('not_found', `There is no backup file ${file}.`, { cause })
  })
  if (found.isDirectory())
    throw new BackspaceError('bad_request', `${file} is a directory. Name the backup file in it.`)
  if (!(await isCompressed(file)))
    throw new BackspaceError('bad_request', `${file} is not a backup of Backspace.`)
}

/** Whether the file begins with the magic bytes of gzip. */
async function isCompressed(file: string): Promise<boolean> {
  await using handle = await open(file).catch((cause: unknown) => {
    throw new BackspaceError('forbidden', `This user may not read ${file}.`, { cause })
  })
  const { buffer } = await handle.read({ buffer: Buffer.alloc(2) })
  return buffer.equals(Buffer.from([0x1f, 0x8b]))
}

await runFromTerminal(USAGE, restore)
