import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import { gatherCalls } from '../../db/gather-calls.ts'
import type { Delivery } from './delivery.ts'

export interface DeliveryWorkerDeps {
  readonly db: Database
  readonly deliver: (delivery: Delivery) => Promise<void>
  readonly now: () => Date
  readonly onError: (error: unknown, facts: { readonly deliveryId: string }) => void
}

/** Bytes of a payload that is read together with others; GitHub sends up to 25 MB. */
const SMALL_BYTES = 100_000

/**
 * Hands a stored delivery to its handler, and remembers that it was handled. Deliveries that are worked on at once are
 * read, and written down as handled, together.
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
      // The queue stores what is thrown. Probot's errors hold the payload, which may have what no database takes.
      throw new Error('The delivery could not be handled.')
    }
    await remember(deliveryId)
  }
}

/** In the order of `ids`; undefined for one that is gone or was handled. The payload is left out when it is large. */
async function readUnhandled(db: Database, ids: readonly string[]) {
  const rows = await db.sql
    .selectFrom('deliveries')
    .select(['id as deliveryId', 'event', 'content_key as contentKey'])
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
