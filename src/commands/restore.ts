import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { openDatabase } from '../db/open-database.ts'
import { BackspaceError } from '../errors.ts'
import { restoreBackup } from '../runs/backup/restore-backup.ts'
import { explainFailure } from './terminal/explain-failure.ts'

const USAGE = `npm run restore -- FILE [--replace]     makes the database what it was when FILE was written

  It may be another one than the backup's: PGlite or PostgreSQL. --replace loses what is in it.`

async function restore(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { replace: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  const [file, ...more] = positionals
  if (file === undefined || more.length > 0) throw new BackspaceError('bad_request', USAGE)
  const db = await openDatabase(readConfig().database)
  try {
    const { rows, at } = await restoreBackup(db, { file, replace: values.replace })
    process.stdout.write(
      `${rows} rows as of ${at} are restored. What was queued or running goes on with the next npm start.\n`,
    )
  } finally {
    await db.close()
  }
}

restore(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${explainFailure(error, USAGE)}\n`)
  process.exitCode = 1
})
