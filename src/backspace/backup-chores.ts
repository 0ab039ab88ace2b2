import { join } from 'node:path'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { createBackupChore } from '../runs/backup/backup-chore.ts'
import type { Chore } from '../runs/upkeep/chores.ts'

/** Daily backups of an embedded database; whoever runs a PostgreSQL has other means. */
export function backupChores({ database, backups }: Config, db: Database): readonly Chore[] {
  if ('url' in database || backups === 0) return []
  return [createBackupChore({ db, directory: join(database.dataDir, 'backups'), keep: backups })]
}
