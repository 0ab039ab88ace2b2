import type { Database } from '../../db/database.ts'
import type { Delivery } from './delivery.ts'

export interface DeliveryWorkerDeps {
  readonly db: Database
  readonly deliver: (delivery: Delivery) => Promise<void>
  readonly now: () => Date
  readonly onError: (error: unknown, facts: { readonly deliveryId: string }) => void
}

/** Hands a stored delivery to its handler, and remembers that it was handled. */
export function createDeliveryWorker(deps: DeliveryWorkerDeps): (deliveryId: string) => Promise<void> {
  const { db, deliver, now, onError } = deps
  return async (deliveryId) => {
    const row = await db.sql
      .selectFrom('deliveries')
      .selectAll()
      .where('id', '=', deliveryId)
      .executeTakeFirst()
    if (row === undefined || row.handled_at !== null) return
    try {
      await deliver({
        deliveryId: row.id,
        event: row.event,
        payload: row.payload,
        contentKey: row.content_key,
      })
    } catch (error) {
      onError(error, { deliveryId })
      // The queue stores what is thrown. Probot's errors hold the payload, which may have what no database takes.
      throw new Error('The delivery could not be handled.')
    }
    await db.sql.updateTable('deliveries').set({ handled_at: now() }).where('id', '=', deliveryId).execute()
  }
}
