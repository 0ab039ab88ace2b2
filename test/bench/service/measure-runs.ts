import { setTimeout as delay } from 'node:timers/promises'
import type { RunView } from '../../../src/web/run-view.ts'
import { askForRun } from '../ask-for-run.ts'
import { percentile } from '../measurement.ts'
import { until } from '../until.ts'
import type { PartContext, PartMeasurement } from './part.ts'
import { startSubject } from './subject.ts'

const PROMPT = 'Say hello'
const IDLE_MS = 10_000
const PATIENCE_MS = 180_000
const IDLE_TARGET_MB = { PGlite: 350, PostgreSQL: 150 } as const

/** Memory without and with runs at work, and how soon a run begins. */
export async function measureRuns(context: PartContext): Promise<readonly PartMeasurement[]> {
  const { backend, surroundings, quick } = context
  const runsAtOnce = quick ? 10 : 100
  const database = await backend.createDatabase()
  const env = { ...surroundings.env, ...database.env }
  // What is measured is every start but the first, which makes tables and fills caches.
  await (await startSubject(env)).stop()
  const subject = await startSubject(env)
  try {
    await delay(quick ? 1000 : IDLE_MS)
    const idle = subject.memory()
    const waits = await startOneByOne(context, { url: subject.url, runs: quick ? 3 : 10 })
    // What one run loads, the client of a model among it, serves all.
    await startAndHold(context, { url: subject.url, runs: 1 })
    const warm = subject.memory()
    await startAndHold(context, { url: subject.url, runs: runsAtOnce })
    const busy = subject.memory()
    return [
      { name: 'idle memory', value: idle, unit: 'MB', target: IDLE_TARGET_MB[backend.name] },
      { name: 'memory with the first run at work', value: warm, unit: 'MB' },
      {
        name: `memory per further run, ${runsAtOnce} at once`,
        value: (busy - warm) / runsAtOnce,
        unit: 'MB',
        target: 5,
      },
      { name: 'enqueue to running: p50', value: percentile(waits, 0.5), unit: 'ms' },
      { name: 'enqueue to running: slowest', value: Math.max(...waits), unit: 'ms' },
    ]
  } finally {
    // Runs that hang are nothing to wait for.
    for (const { id } of surroundings.e2b.sandboxes()) surroundings.e2b.killSandbox(id)
    await subject.stop()
    await database.remove()
  }
}

/** One after the other, each by the dummy agent to its end. @returns milliseconds from queued to running. */
async function startOneByOne(
  { surroundings: { repoUrl } }: PartContext,
  { url, runs }: { readonly url: string; readonly runs: number },
): Promise<number[]> {
  const waits: number[] = []
  for (let count = 0; count < runs; count++) {
    const { runId } = await askForRun(url, { prompt: PROMPT, repoUrl, agent: 'dummy' })
    const ended = await until(async () => {
      const run = await getRun(url, runId)
      return run.finishedAt === null ? undefined : run
    }, PATIENCE_MS)
    waits.push(Date.parse(ended.startedAt ?? '') - Date.parse(ended.createdAt))
  }
  return waits
}

/** Until each of so many runs waits for its model. */
async function startAndHold(
  { surroundings }: PartContext,
  { url, runs }: { readonly url: string; readonly runs: number },
): Promise<void> {
  const { repoUrl } = surroundings
  const before = surroundings.anthropic.turns().length
  await Promise.all(Array.from({ length: runs }, () => askForRun(url, { prompt: PROMPT, repoUrl })))
  await until(
    async () => (surroundings.anthropic.turns().length - before >= runs ? true : undefined),
    PATIENCE_MS,
  )
  await delay(3000) // What was needed to prepare them is given back.
}

async function getRun(url: string, id: string): Promise<RunView> {
  const response = await fetch(`${url}/runs/${id}`, { headers: { accept: 'application/json' } })
  return (await response.json()) as RunView
}
