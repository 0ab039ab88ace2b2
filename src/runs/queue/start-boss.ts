import { sql } from 'kysely'
import { PgBoss } from 'pg-boss'
import type { Database } from '../../db/database.ts'

/** The two queues. An entry of `run` has the run's id. */
export const RUN = 'run'
export const DELIVERY = 'delivery'

/** pg-boss gives up on a worker that was silent for this long; 10 is its minimum. */
const HEARTBEAT = { heartbeatSeconds: 10 } as const

/** Starts pg-boss with both queues, on a migrated database. */
export async function startBoss(
  db: Database,
  onError: (error: unknown, facts: object) => void,
): Promise<PgBoss> {
  const boss = new PgBoss({
    ...db.boss,
    useListenNotify: true,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    // Both need a vacuum daemon or a second connection, which PGlite does not have; see `pglite-database`.
    ...(db.kind === 'pglite' ? { reindex: false, monitorVacuum: false } : {}),
  })
  boss.on('error', (error) => onError(error, {}))
  await boss.start()
  // The policy runs one thread's runs in order; `singleton` would not, when two workers fetch at the same moment. Under
  // it a failed entry blocks its thread for good, so none may fail: attempts are counted in the run, which also tells a
  // lost worker from one that shut down.
  await boss.createQueue(RUN, {
    ...HEARTBEAT,
    policy: 'key_strict_fifo',
    notify: true,
    retryLimit: 10_000,
    retryDelay: 1,
    expireInSeconds: 24 * 60 * 60,
    retentionSeconds: 30 * 24 * 60 * 60,
  })
  await boss.createQueue(DELIVERY, {
    ...HEARTBEAT,
    notify: true,
    retryLimit: 12,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 5 * 60,
  })
  if (db.kind === 'pglite') await adoptOrphans(db, boss)
  return boss
}

/** This process holds the directory alone, so whatever is still active belongs to one that died. */
async function adoptOrphans(db: Database, boss: PgBoss): Promise<void> {
  const { rows } = await sql<{ name: string; id: string }>`
    select name, id from pgboss.job where state = 'active' and name in (${RUN}, ${DELIVERY})`.execute(db.sql)
  for (const { name, id } of rows) await boss.fail(name, id)
}
