import { expect, test } from 'vitest'
import type { Run } from '../../../src/runs/run.ts'
import { followToItsEnd } from '../../../src/web/stream/stream-run.ts'
import { eventsOf } from '../a-run.ts'

const EVENTS = eventsOf()

/** A run whose log is whole, and that says this the first times it is asked, the last for ever. */
function aRun(...statuses: readonly Run['status'][]) {
  let asked = 0
  const log = {
    async *follow() {
      yield* EVENTS
    },
    read: async () => EVENTS,
  }
  const get = async () => ({ status: statuses[Math.min(asked++, statuses.length - 1)] }) as Run
  const runs = { get, list: async () => ({ runs: [], next: undefined }) as never }
  return { deps: { log, runs }, asked: () => asked }
}

const { signal } = new AbortController()

test('the last event is held back until the run says that it has ended', async () => {
  const { deps, asked } = aRun('running', 'running', 'succeeded')
  const seen: number[] = []
  for await (const { type } of followToItsEnd(deps, 'run', signal))
    seen.push(type === 'run.succeeded' ? asked() : 0)
  expect(seen).toEqual([...EVENTS.slice(1).map(() => 0), 3])
})

test('the end of a run that never says so is told all the same', async () => {
  const { deps } = aRun('running')
  expect(await Array.fromAsync(followToItsEnd(deps, 'run', signal))).toEqual(EVENTS)
})
