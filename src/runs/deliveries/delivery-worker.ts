import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { gatherCalls } from '../../db/gather-calls.ts'
import type { StoredDelivery } from './delivery.ts'

export interface DeliveryWorkerDeps {
  readonly db: Database
  readonly deliver: (delivery: StoredDelivery) => Promise<void>
  readonly now: () => Date
  readonly onError: (error: unknown, facts: { readonly deliveryId: string }) => void
}

/** Payloads up to this size are read together; larger ones, which may have 25 MB, are read one by one. */
const SMALL_BYTES = 100_000

/**
 * Passes a stored delivery to its handler and marks it as handled. Deliveries that are handled at the same time share
 * one query to read them and one to mark them.
 */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): (deliveryId: string) => Promise<void> {
  const { db, deliver, now, onError } = deps
  const read = gatherCalls({ work: (ids: readonly string[]) => readUnhandled(db, ids) })
  const remember = gatherCalls({
    async work(ids: readonly string[]) {
      await db.sql
        .updateTable('deliveries')
        .set({ handled_at: now() })
        .where('id', 'in', idsIn(ids))
        .execute()
      return ids
    },
  })
  return async (deliveryId) => {
    const found = await read(deliveryId)
    if (found === undefined) return
    const payload = found.payload ?? (await readPayload(db, deliveryId))
    try {
      await deliver({ ...found, payload })
    } catch (error) {
      onError(error, { deliveryId })
      // The queue stores the error, and Probot's errors hold the payload, which may contain characters that no database
      // accepts.
      throw new Error('The delivery could not be handled.')
    }
    await remember(deliveryId)
  }
}

/** In the order of `ids`; undefined where a delivery does not exist or was handled. Large payloads are left out. */
async function readUnhandled(db: Database, ids: readonly string[]) {
  const rows = await db.sql
    .selectFrom('deliveries')
    .select(['id as deliveryId', 'event', 'content_key as contentKey', 'received_at as receivedAt'])
    .select(
      sql<string | null>`case when octet_length(payload) <= ${SMALL_BYTES} then payload end`.as('payload'),
    )
    .where('id', 'in', idsIn(ids))
    .where('handled_at', 'is', null)
    .execute()
  const byId = new Map(rows.map((row) => [row.deliveryId, row]))
  return ids.map((id) => byId.get(id))
}

async function readPayload(db: Database, id: string): Promise<string> {
  const row = await db.sql
    .selectFrom('deliveries')
    .select('payload')
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  return row.payload
}

const idsIn = (ids: readonly string[]) =>
  sql<string>`(select json_array_elements_text(${JSON.stringify(ids)}::json))`

/** How many deliveries wait to be handled, and for how many seconds the oldest has waited; 0 if none waits. */
export async function countWaitingDeliveries(
  db: Database,
): Promise<{ readonly waiting: number; readonly oldestWaiting: number }> {
  const { rows } = await sql<{ waiting: number; oldestWaiting: number }>`
    select count(*)::int as waiting,
      coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as "oldestWaiting"
    from deliveries where handled_at is null`.execute(db.sql)
  return rows[0] ?? { waiting: 0, oldestWaiting: 0 }
}
