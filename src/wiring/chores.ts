import { join } from 'node:path'
import type { AuditLog } from '../audit/audit-log.ts'
import { pruneAudit } from '../audit/prune-audit.ts'
import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import { createAppInstallations } from '../github/app-installations.ts'
import type { TokenKeeper } from '../github/token-keeper.ts'
import { createBackupChore } from '../runs/backup/write-backup.ts'
import type { DeliveryStore } from '../runs/deliveries/delivery-store.ts'
import { createWatchedRepositories } from '../runs/deliveries/watched-repositories.ts'
import type { RunQueue } from '../runs/queue/run-queue.ts'
import { fillFacts } from '../runs/stats/fill-facts.ts'
import { type Chore, createChoreNote } from '../runs/upkeep/chores.ts'
import { prune } from '../runs/upkeep/prune.ts'
import type { Logger } from '../telemetry/logger.ts'
import { type CatchUpPace, createCatchUp } from '../triggers/catch-up/catch-up.ts'

export type { CatchUpPace } from '../triggers/catch-up/catch-up.ts'

interface CatchUpChoresDeps {
  readonly db: Database
  readonly deliveries: DeliveryStore
  readonly tokens: TokenKeeper
  readonly onError: (error: unknown, facts: { readonly chore: string }) => void
  readonly pace: CatchUpPace | undefined
}

/** Enough to send a request again after a server error. */
const PATIENCE_MS = 5_000

/**
 * Chores that find webhooks and comments that GitHub failed to deliver. None without an App, since only an App gets
 * webhooks.
 */
export function catchUpChores(
  { github }: Config,
  { db, deliveries, tokens, onError, pace }: CatchUpChoresDeps,
): readonly Chore[] {
  const { app, apiUrl } = github
  if (!app) return []
  return createCatchUp({
    // No person waits for these requests: they stop at a rate limit, and the next round continues.
    github: createAppInstallations({ app, apiUrl, tokens, patienceMs: PATIENCE_MS }),
    deliveries,
    watched: createWatchedRepositories(db),
    noteOf: (chore) => createChoreNote(db, chore),
    onError,
    pace,
  })
}

const RECONCILE_EVERY_MS = 60_000
const PRUNE_EVERY_MS = 60 * 60_000

/** Chores that keep runs and queue in agreement, and delete what is past its retention. */
export function upkeepChores(deps: {
  readonly retention: Config['retention']
  readonly db: Database
  readonly queue: Pick<RunQueue, 'reconcile'>
  readonly logger: Logger
}): readonly Chore[] {
  const { retention, db, queue, logger } = deps
  return [
    {
      name: 'reconcile',
      everyMs: RECONCILE_EVERY_MS,
      async run() {
        const found = await queue.reconcile()
        const any = Object.values(found).some((count) => count > 0)
        if (any) logger.warn(found, 'runs and queue disagreed; corrected')
      },
    },
    fillFacts(db),
    { name: 'prune', everyMs: PRUNE_EVERY_MS, run: (signal) => prune({ db, retention, signal }) },
  ]
}

const AUDIT_EVERY_MS = 60 * 60_000

/**
 * Chores that chain entries of processes that are gone, delete what is past its retention, and write the head of the
 * audit log into the service's log. Where that log is kept, it proves that nothing earlier was changed.
 */
export function auditChores(deps: {
  readonly audit: Pick<AuditLog, 'chain'>
  readonly db: Database
  readonly keepDays: number
  readonly logger: Logger
}): readonly Chore[] {
  const { audit, db, keepDays, logger } = deps
  async function run(): Promise<void> {
    if (keepDays > 0) await pruneAudit(db, { keepDays })
    const { sequence, hash } = await audit.chain()
    logger.info({ entries: sequence, hash }, 'head of the audit log')
  }
  return [{ name: 'audit', everyMs: AUDIT_EVERY_MS, run }]
}

/** Daily backups of an embedded database. For a PostgreSQL server, the operator uses its own tools. */
export function backupChores({ database, backups }: Config, db: Database): readonly Chore[] {
  if ('url' in database || backups === 0) return []
  return [createBackupChore({ db, directory: join(database.dataDir, 'backups'), keep: backups })]
}
