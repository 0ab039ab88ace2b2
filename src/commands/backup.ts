import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readConfig } from '../config.ts'
import { backupName } from '../runs/backup/backup-format.ts'
import { writeBackup } from '../runs/backup/write-backup.ts'
import { openStopped } from './terminal/run/open-stopped.ts'
import { runFromTerminal } from './terminal/service/from-terminal.ts'

const USAGE = `npm run backup [-- --to FILE]     writes all runs, events and deliveries into FILE

  PostgreSQL: at any time. PGlite: only while Backspace is stopped; a running Backspace makes its own daily backups.`

async function backup(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({ args: [...args], options: { to: { type: 'string' } } })
  const file = resolve(values.to ?? backupName(new Date()))
  const db = await openStopped(readConfig())
  try {
    const { rows, bytes } = await writeBackup(db, { file })
    process.stdout.write(`${rows} rows, ${Math.ceil(bytes / 1024)} KiB: ${file}\n`)
  } finally {
    await db.close()
  }
}

await runFromTerminal(USAGE, backup)
