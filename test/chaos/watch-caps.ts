import { setTimeout as delay } from 'node:timers/promises'
import type { Database } from '../../src/db/database.ts'
import type { ServiceClient } from './service-client.ts'
import { CAPS } from './surroundings.ts'
import type { Tally } from './tally.ts'

/** A run that has one of the places. */
interface Placed {
  readonly id: string
  readonly repository: string
}

/** Looks every 100 ms how many runs are under way, until it is stopped. */
export interface CapWatch {
  stop(): Promise<void>
}

/** By the database itself, admitted runs that no process has claimed yet included. */
export function watchCapsInDatabase(db: Database, tally: Tally): CapWatch {
  return watch(tally, async () => {
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

/** By what the service shows, where nobody else can look into the database. */
export function watchCapsByClient(client: ServiceClient, tally: Tally): CapWatch {
  return watch(tally, async () => {
    const runs = (await client.recentRuns()) ?? []
    return runs.filter(({ status }) => status === 'running')
  })
}

function watch(tally: Tally, look: () => Promise<readonly Placed[]>): CapWatch {
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
