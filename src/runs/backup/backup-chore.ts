import { mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Database } from '../../db/database.ts'
import type { Chore } from '../upkeep/chores.ts'
import { backupName } from './backup-name.ts'
import { writeBackup } from './write-backup.ts'

export interface BackupChoreOptions {
  readonly db: Database
  readonly directory: string
  /** How many stay there, the newest. */
  readonly keep: number
  readonly now?: () => Date
}

const DAY_MS = 24 * 60 * 60 * 1000
const OURS = /^backspace-.*\.jsonl\.gz(\.partial)?$/

/** Backs an embedded database up every day: nobody else can, since its directory belongs to this process. */
export function createBackupChore(options: BackupChoreOptions): Chore {
  const { db, directory, keep, now = () => new Date() } = options
  return {
    name: 'backup',
    everyMs: DAY_MS,
    async run(signal) {
      await mkdir(directory, { recursive: true, mode: 0o700 })
      await writeBackup(db, { file: join(directory, backupName(now())), now, signal })
      // By name is by age. What a stop left half written is never restored, so it goes as well.
      const files = (await readdir(directory)).filter((name) => OURS.test(name)).sort()
      const whole = files.filter((name) => !name.endsWith('.partial'))
      const kept = new Set(whole.slice(-keep))
      for (const name of files) if (!kept.has(name)) await rm(join(directory, name), { force: true })
    },
  }
}
