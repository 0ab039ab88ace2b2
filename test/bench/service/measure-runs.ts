import { setTimeout as delay } from 'node:timers/promises'
import type { RunView } from '../../../src/web/run-view.ts'
import { percentile } from '../measurement.ts'
import type { PartContext, PartMeasurement } from './part.ts'
import { startSubject } from './subject.ts'

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
    const id = await ask(url, { repoUrl, agent: 'dummy' })
    const ended = await until(async () => {
      const run = await getRun(url, id)
      return run.finishedAt === null ? undefined : run
    })
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
  await Promise.all(Array.from({ length: runs }, () => ask(url, { repoUrl })))
  await until(async () => (surroundings.anthropic.turns().length - before >= runs ? true : undefined))
  await delay(3000) // What was needed to prepare them is given back.
}

async function ask(
  url: string,
  options: { readonly repoUrl: string; readonly agent?: 'dummy' },
): Promise<string> {
  const response = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ prompt: 'Say hello', ...options }),
  })
  if (response.status !== 202) throw new Error(`a run was refused: ${await response.text()}`)
  return ((await response.json()) as { runId: string }).runId
}

async function getRun(url: string, id: string): Promise<RunView> {
  const response = await fetch(`${url}/runs/${id}`, { headers: { accept: 'application/json' } })
  return (await response.json()) as RunView
}

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > deadline) throw new Error(`it did not happen within ${PATIENCE_MS / 1000} s`)
    await delay(100)
  }
}
