import type { Config } from '../config.ts'
import type { Database } from '../db/database.ts'
import type { RunQueue } from '../runs/queue/run-queue.ts'
import type { Chore } from '../runs/upkeep/chores.ts'
import { prune } from '../runs/upkeep/prune.ts'
import type { Logger } from '../telemetry/logger.ts'

const RECONCILE_EVERY_MS = 60_000
const PRUNE_EVERY_MS = 60 * 60_000

/** What keeps the tables in order: runs and queue agree, and nothing is kept longer than it is wanted. */
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
        if (any) logger.warn(found, 'runs and queue disagreed, and were mended')
      },
    },
    { name: 'prune', everyMs: PRUNE_EVERY_MS, run: (signal) => prune({ db, retention, signal }) },
  ]
}
