import { type Kysely, sql } from 'kysely'
import type { Schema } from '../../db/schema.ts'
import type { RunEvent } from '../run-event.ts'
import { type EventRow, toEvent } from './event-rows.ts'

export interface SearchQuery {
  readonly text: string
  readonly beforeSeq: number
  readonly limit: number
}

/** How many events one query looks at, so that the embedded database can answer others in between. */
const RANGE = 4_000

/** See `RunLog.search`. */
export async function searchEvents(
  db: Kysely<Schema>,
  runId: string,
  { text, beforeSeq, limit }: SearchQuery,
): Promise<readonly RunEvent[]> {
  // The search runs over JSON, in which some characters are escaped.
  const stored = JSON.stringify(text).slice(1, -1)
  const found: RunEvent[] = []
  const { rows: ends } = await sql<{ last: number | null }>`
    select max(seq) as last from run_events where run_id = ${runId} and seq < ${beforeSeq}::int`.execute(db)
  for (let to = (ends[0]?.last ?? 0) + 1; to > 1 && found.length < limit; to -= RANGE) {
    const { rows } = await sql<EventRow>`
      select seq, at, body from run_events
      where run_id = ${runId} and seq < ${to}::int and seq >= ${to - RANGE}::int
        and strpos(lower(body::text), lower(${stored}::text)) > 0
      order by seq desc limit ${limit - found.length}::int`.execute(db)
    found.push(...rows.map((row) => toEvent(runId, row)))
  }
  return found
}
