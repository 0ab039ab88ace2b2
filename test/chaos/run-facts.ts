import type { Database } from '../../src/db/database.ts'
import { type Ending, endingOf } from '../../src/runs/ending.ts'
import type { RunProgress, RunRequest } from '../../src/runs/run.ts'
import type { TerminalEvent } from '../../src/runs/run-event.ts'

/** All that the database holds about a run. */
export interface RunFacts {
  readonly id: string
  readonly ordinal: number
  readonly status: string
  readonly repository: string
  readonly attempt: number
  readonly losses: number
  readonly lastSeq: number
  readonly request: RunRequest
  readonly ending: Ending | null
  readonly progress: RunProgress
  readonly finishedAt: Date | null
  readonly events: readonly EventFacts[]
}

export interface EventFacts {
  readonly seq: number
  readonly attempt: number
  readonly type: string
  readonly at: Date
}

/** Runs that were submitted after the one with this ordinal, in order. */
export async function readRunFacts({ sql }: Database, afterOrdinal = 0): Promise<readonly RunFacts[]> {
  const rows = await sql
    .selectFrom('runs')
    .selectAll()
    .where('ordinal', '>', String(afterOrdinal))
    .orderBy('ordinal')
    .execute()
  const events = await sql
    .selectFrom('run_events')
    .innerJoin('runs', 'runs.id', 'run_events.run_id')
    .select(['run_id', 'seq', 'run_events.attempt', 'type', 'at'])
    .where('ordinal', '>', String(afterOrdinal))
    .orderBy('seq')
    .execute()
  const byRun = Map.groupBy(events, ({ run_id }) => run_id)
  return rows.map((row) => ({
    id: row.id,
    ordinal: Number(row.ordinal),
    status: row.status,
    repository: row.repository,
    attempt: row.attempt,
    losses: row.losses,
    lastSeq: row.last_seq,
    request: row.request as RunRequest,
    ending: row.result === null ? null : endingOf(row.result as TerminalEvent),
    progress: row.progress as RunProgress,
    finishedAt: row.finished_at,
    events: byRun.get(row.id) ?? [],
  }))
}

/** `chaos-17`: what this harness called the request. */
export function tagOf({ prompt }: { readonly prompt: string }): string | undefined {
  return /chaos-\d+/.exec(prompt)?.[0]
}
