import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../src/db/database.ts'
import { endingsApart } from '../support/endings-apart.ts'
import type { ServiceClient } from './service-client.ts'
import { CAPS } from './surroundings.ts'
import type { Tally, Violation } from './tally.ts'

/** A run that has one of the places. */
interface Placed {
  readonly id: string
  readonly repository: string
}

/** Checks every 100 ms, until it is stopped, what must hold at every moment. */
export interface PromiseWatch {
  stop(): Promise<void>
}

/** In the database: the caps, admitted runs that no process has claimed yet included, and that each run ends at once. */
export function watchDatabase(db: Database, tally: Tally): PromiseWatch {
  return watch(tally, async () => {
    for (const violation of await checkEndings(db)) tally.violate(violation)
    const rows = await db.sql
      .selectFrom('runs')
      .select(['id', 'repository'])
      .where((eb) =>
        eb.or([
          eb('status', '=', 'running'),
          eb.and([eb('status', '=', 'queued'), eb('admitted_at', 'is not', null)]),
        ]),
      )
      .execute()
    return rows
  })
}

/** Through the service's API, where no other process can open the database: the caps only. */
export function watchService(client: ServiceClient, tally: Tally): PromiseWatch {
  return watch(tally, async () => {
    const runs = (await client.recentRuns()) ?? []
    return runs.filter(({ status }) => status === 'running')
  })
}

/** Status, result, time and terminal event of each run, as one query sees them. */
export async function checkEndings(db: Database): Promise<readonly Violation[]> {
  return (await endingsApart(db)).map(({ runId, status, event }) => ({
    kind: 'ending',
    runId,
    message: `is ${status} in its row, and its log ${event === null ? 'has no end' : `ends with ${event}`}`,
  }))
}

function watch(tally: Tally, look: () => Promise<readonly Placed[]>): PromiseWatch {
  const stopping = new AbortController()
  const done = (async () => {
    while (!stopping.signal.aborted) {
      // The database is restarted now and then: the next look will do.
      check(await look().catch(() => []), tally)
      await delay(100)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await done
    },
  }
}

function check(placed: readonly Placed[], tally: Tally): void {
  const groups = [
    { name: 'the deployment', cap: CAPS.deployment, ids: placed },
    ...grouped(placed, CAPS.repository, ({ repository }) => repository.toLowerCase()),
    ...grouped(placed, CAPS.account, ({ repository }) => repository.toLowerCase().split('/')[0] ?? ''),
  ]
  for (const { name, cap, ids } of groups) {
    if (ids.length <= cap) continue
    tally.violate({ kind: 'cap', message: `${ids.length} runs at once in ${name}, where ${cap} may be` })
  }
}

function grouped(placed: readonly Placed[], cap: number, by: (run: Placed) => string) {
  return [...Map.groupBy(placed, by)].map(([name, ids]) => ({ name, cap, ids }))
}
