import { sql } from 'kysely'
import { z } from 'zod'
import type { Database } from '../../db/database.ts'
import { gatherCalls } from '../../db/gather-calls.ts'
import { DatabaseAway, retryDatabase } from '../../db/retry-database.ts'
import { withTimeout } from '../../time/within.ts'
import type { RunQueue } from '../queue/run-queue.ts'
import type { Delivery } from './delivery.ts'

export interface DeliveryStore {
  /**
   * Commits the delivery and its queue entry together. Acknowledge the webhook only after this. If a delivery with this
   * id or this content is stored already, nothing changes. Deliveries that arrive during a commit share the next one.
   *
   * @throws {DatabaseAway} after seven seconds at most: GitHub times out after ten, and redelivers only on request.
   */
  acceptDelivery(delivery: Delivery): Promise<Accepted>
  /** Those of the delivery ids or content keys that are not stored. */
  missingOf(column: 'deliveryId' | 'contentKey', values: readonly string[]): Promise<ReadonlySet<string>>
  /**
   * Whether this comment was delivered, in any repository: the same person wrote the same words in the same second. An
   * issue that is transferred takes its comments along, and they get new ids.
   */
  hasSaid(words: SaidWords): Promise<boolean>
}

/** A comment as it can be recognized under another id. */
interface SaidWords {
  readonly authorId: number
  readonly body: string
  /** As GitHub writes it: `2026-11-29T20:43:08Z`. */
  readonly createdAt: string
}

type Accepted = 'stored' | 'duplicate'

export interface DeliveryStoreDeps {
  readonly db: Database
  readonly queue: Pick<RunQueue, 'enqueueDeliveries'>
  readonly now?: (() => Date) | undefined
}

const RETRY_FOR_MS = 5_000
const ACCEPT_WITHIN_MS = 7_000
/** A delivery that follows a commit waits this long for others, so that a burst takes tens of commits, not hundreds. */
const GATHER_MS = 5
const MOST_AT_ONCE = 200
/**
 * GitHub's clock says when a comment was written, and ours says when its webhook came; they may differ by this much.
 */
const CLOCKS_APART_MS = 10 * 60_000
const MOST_OF_A_SECOND = 200
const COMMENT = z.object({
  comment: z
    .object({
      created_at: z.string(),
      body: z.string().nullish(),
      user: z.object({ id: z.number() }).nullish(),
    })
    .optional()
    .catch(undefined),
})
/** How many characters of payload one statement writes, unless a single delivery has more. */
const LONGEST_AT_ONCE = 4_000_000

export function createDeliveryStore(deps: DeliveryStoreDeps): DeliveryStore {
  const { db } = deps
  const accept = gatherCalls({
    work: (deliveries: readonly Delivery[]) =>
      inTime(retryDatabase(() => commit(deps, deliveries), { forMs: RETRY_FOR_MS })),
    batchLength,
    pauseMs: GATHER_MS,
    isOfOne: (error) => !(error instanceof DatabaseAway),
  })
  return {
    acceptDelivery: (delivery) => inTime(accept(delivery)),
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
    async hasSaid({ authorId, body, createdAt }) {
      const rows = await db.sql
        .selectFrom('deliveries')
        .select('payload')
        .where('event', '=', 'issue_comment')
        .where('received_at', '>=', new Date(Date.parse(createdAt) - CLOCKS_APART_MS))
        .where(sql<boolean>`strpos(payload, ${createdAt}) > 0`)
        .limit(MOST_OF_A_SECOND)
        .execute()
      return rows.some(({ payload }) => {
        const { comment } = COMMENT.parse(JSON.parse(payload))
        return comment?.created_at === createdAt && comment.user?.id === authorId && comment.body === body
      })
    },
  }
}

function commit(
  { db, queue, now = () => new Date() }: DeliveryStoreDeps,
  deliveries: readonly Delivery[],
): Promise<readonly Accepted[]> {
  return db.sql.transaction().execute(async (tx) => {
    const { rows } = await sql<{ id: string; content_key: string }>`
      insert into deliveries (id, content_key, event, payload, received_at)
      select id, content_key, event, payload, ${now()}::timestamptz
      from unnest(
        ${deliveries.map(({ deliveryId }) => deliveryId)}::text[],
        ${deliveries.map(({ contentKey }) => contentKey)}::text[],
        ${deliveries.map(({ event }) => event)}::text[],
        ${deliveries.map(({ payload }) => payload)}::text[]
      ) with ordinality as delivery (id, content_key, event, payload, position)
      order by position
      on conflict do nothing
      returning id, content_key`.execute(tx)
    if (rows.length > 0) {
      const ids = rows.map(({ id }) => id)
      await queue.enqueueDeliveries(tx, ids)
    }
    const stored = new Map(rows.map((row) => [row.id, row.content_key]))
    return deliveries.map(({ deliveryId, contentKey }) => {
      if (stored.get(deliveryId) !== contentKey) return 'duplicate'
      // If two deliveries in this batch are equal, only the first was stored.
      stored.delete(deliveryId)
      return 'stored'
    })
  })
}

function batchLength(deliveries: readonly Delivery[]): number {
  let characters = 0
  const tooMany = deliveries.findIndex(({ payload }, index) => {
    characters += payload.length
    return index > 0 && (index === MOST_AT_ONCE || characters > LONGEST_AT_ONCE)
  })
  return tooMany === -1 ? deliveries.length : tooMany
}

/** Throws if the database takes too long, since a connection that hangs reports no error. */
function inTime<T>(work: Promise<T>): Promise<T> {
  const onTimeout = () => {
    throw new DatabaseAway(new Error(`no answer within ${ACCEPT_WITHIN_MS} ms`))
  }
  return withTimeout(work, { ms: ACCEPT_WITHIN_MS, onTimeout })
}
