import { sql } from 'kysely'
import { PgBoss, type Queue, type QueuePolicy } from 'pg-boss'
import packageOfBoss from 'pg-boss/package.json' with { type: 'json' }
import type { Database } from '../../db/database.ts'
import { explainRefusal } from '../../db/explain-refusal.ts'
import { BackspaceError } from '../../errors.ts'

/** The two queues. The id of an entry of `run` is the id of its run. */
export const RUN = 'run'
export const DELIVERY = 'delivery'

/** After this silence pg-boss takes a worker for dead. A busy event loop is silent for at most a third of it. */
const HEARTBEAT_SECONDS = 25

/**
 * Starts pg-boss with both queues, on a migrated database. pg-boss takes the time from the database, as Backspace does.
 *
 * @param options.heartbeatSeconds see `RunQueueOptions`.
 * @throws {BackspaceError} `config_invalid` when a newer version of Backspace created the queues.
 */
export async function startBoss(
  db: Database,
  options: {
    readonly heartbeatSeconds?: number | undefined
    /** Starts no timers; see `RunQueueOptions`. */
    readonly onlyEnqueues?: boolean | undefined
    readonly onError: (error: unknown, facts: object) => void
  },
): Promise<PgBoss> {
  const { heartbeatSeconds = HEARTBEAT_SECONDS, onlyEnqueues = false, onError } = options
  const boss = new PgBoss({
    ...db.boss,
    useListenNotify: db.listens,
    supervise: !onlyEnqueues,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: 5,
    monitorIntervalSeconds: 5,
    // Both need a vacuum daemon or a second connection, which PGlite does not have; see `pglite-database`.
    reindex: db.kind !== 'pglite',
    monitorVacuum: db.kind !== 'pglite',
  })
  boss.on('error', (error) => onError(error, {}))
  if (db.kind === 'postgres' && db.listens) listenThrough(db, boss.getDb())
  await refuseNewerQueues(db)
  await boss.start().catch((error: unknown) => {
    throw explainRefusal(error)
  })
  // This policy allows one active entry per key, even when two workers fetch at the same moment. A failed entry would
  // block its key for good, so entries never fail: the run counts its own attempts and can tell a lost worker from one
  // that shut down.
  await makeQueue(boss, {
    name: RUN,
    policy: 'key_strict_fifo',
    heartbeatSeconds,
    notify: true,
    retryLimit: 10_000,
    retryDelay: 1,
    expireInSeconds: 24 * 60 * 60,
    retentionSeconds: 30 * 24 * 60 * 60,
    deleteAfterSeconds: 24 * 60 * 60,
  })
  await makeQueue(boss, {
    name: DELIVERY,
    policy: 'standard',
    heartbeatSeconds,
    notify: true,
    retryLimit: 12,
    retryDelay: 1,
    retryBackoff: true,
    retryDelayMax: 300,
    expireInSeconds: 5 * 60,
    deleteAfterSeconds: 24 * 60 * 60,
  })
  if (db.kind === 'pglite') await adoptOrphans(db, boss)
  return boss
}

/**
 * Listens over our connection. The listening connection of pg-boss 12.38 is closed without a handler for errors, so a
 * server that goes away at that moment would end this process with an uncaught error. Polling finds what is missed
 * while ours reconnects.
 */
function listenThrough(db: Database, own: ReturnType<PgBoss['getDb']>): void {
  own.listen = async (channel, onNotification) => ({ close: await db.listen(channel, onNotification) })
}

/** pg-boss itself does not notice that its tables come from a newer pg-boss. */
async function refuseNewerQueues(db: Database): Promise<void> {
  const table = await sql<{ exists: boolean }>`
    select to_regclass('pgboss.version') is not null as exists`.execute(db.sql)
  if (!table.rows[0]?.exists) return
  const { rows } = await sql<{ version: number }>`select version from pgboss.version`.execute(db.sql)
  if ((rows[0]?.version ?? 0) <= packageOfBoss.pgboss.schema) return
  throw new BackspaceError(
    'config_invalid',
    'The queues in the database were made by a newer Backspace. Start that version or a newer one, or restore a backup made before the upgrade into an empty database.',
  )
}

/** Creates the queue, or gives an existing one the present options. */
async function makeQueue(boss: PgBoss, { name, policy, ...options }: QueueShape): Promise<void> {
  await boss.createQueue(name, { policy, ...options })
  await boss.updateQueue(name, options)
}

type QueueShape = Omit<Queue, 'partition' | 'deadLetter' | 'policy'> & { readonly policy: QueuePolicy }

/**
 * Frees the entries that are still active. This process alone holds the directory, so they belong to a dead process.
 */
async function adoptOrphans(db: Database, boss: PgBoss): Promise<void> {
  const { rows } = await sql<{ name: string; id: string }>`
    select name, id from pgboss.job where state = 'active' and name in (${RUN}, ${DELIVERY})`.execute(db.sql)
  for (const { name, id } of rows) await boss.fail(name, id)
}
