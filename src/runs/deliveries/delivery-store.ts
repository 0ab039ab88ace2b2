import { sql } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { RunQueue } from '../queue/run-queue.ts'
import type { Delivery } from './delivery.ts'

export interface DeliveryStore {
  /**
   * Commits the delivery and its queue entry together; acknowledge only when this has resolved. A delivery whose id
   * or content is there already changes nothing.
   */
  acceptDelivery(delivery: Delivery): Promise<'stored' | 'duplicate'>
  /** Those of these delivery ids, or content keys, that have not been stored. */
  missingOf(column: 'deliveryId' | 'contentKey', values: readonly string[]): Promise<ReadonlySet<string>>
}

export interface DeliveryStoreDeps {
  readonly db: Database
  readonly queue: Pick<RunQueue, 'enqueueDelivery'>
  readonly now?: () => Date
}

export function createDeliveryStore(deps: DeliveryStoreDeps): DeliveryStore {
  const { db, queue, now = () => new Date() } = deps
  return {
    acceptDelivery: (delivery) =>
      db.sql.transaction().execute(async (tx) => {
        const inserted = await tx
          .insertInto('deliveries')
          .values({
            id: delivery.deliveryId,
            content_key: delivery.contentKey,
            event: delivery.event,
            payload: delivery.payload,
            received_at: now(),
            handled_at: null,
          })
          .onConflict((conflict) => conflict.doNothing())
          .returning('id')
          .executeTakeFirst()
        if (inserted === undefined) return 'duplicate'
        await queue.enqueueDelivery(tx, delivery.deliveryId)
        return 'stored'
      }),
    async missingOf(column, values) {
      const name = column === 'deliveryId' ? 'id' : 'content_key'
      const missing = new Set(values)
      const rows = await db.sql
        .selectFrom('deliveries')
        .select(`${name} as value`)
        .where(name, 'in', sql<string>`(select json_array_elements_text(${JSON.stringify(values)}::json))`)
        .execute()
      for (const { value } of rows) missing.delete(value)
      return missing
    },
  }
}
