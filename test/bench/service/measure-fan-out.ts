import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { Agent } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { percentile } from '../measurement.ts'
import type { FanOutPlan, FanOutStart } from './fan-out-plan.ts'
import { type Followed, followRun } from './follow-run.ts'
import type { PartContext, PartMeasurement } from './part.ts'
import { startSubject } from './subject.ts'

const PRODUCER = join(import.meta.dirname, 'produce-events.ts')
const CLIENTS = 200
const RUNS = 20
const EVENTS_PER_SECOND = 50
/** How long the first readers' connections and queries may take before figures count. */
const WARM_SECONDS = 1

/** How long an event takes from its run to everybody who watches: 200 readers of 20 runs of 50 events a second. */
export async function measureFanOut(context: PartContext): Promise<readonly PartMeasurement[]> {
  const { backend, surroundings, quick } = context
  const database = await backend.createDatabase()
  const { location } = database
  const plan: FanOutPlan = {
    ...{ location, runs: RUNS, eventsPerSecond: EVENTS_PER_SECOND, seconds: quick ? 4 : 15 },
    serves: 'dataDir' in location,
  }
  const producer = spawn(process.execPath, [PRODUCER, JSON.stringify(plan)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const agent = new Agent({ keepAlive: false })
  try {
    const start = await readStart(producer)
    const web = plan.serves
      ? undefined
      : await startSubject({
          ...surroundings.env,
          ...database.env,
          BACKSPACE_ROLE: 'web',
          BACKSPACE_MAX_STREAMS: '1000',
        })
    const url = start.url ?? web?.url ?? ''
    const readers = Array.from({ length: CLIENTS }, (_, index) =>
      followRun(`${url}/runs/${start.runIds[index % RUNS]}/events`, agent),
    )
    await Promise.all(readers.map(({ opened }) => opened))
    producer.stdin?.write('begin\n')
    const seen = await Promise.all(readers.map(({ end }) => end))
    producer.stdin?.write('end\n')
    await web?.stop()
    return describe(seen, plan)
  } finally {
    producer.kill('SIGKILL')
    agent.destroy()
    await database.remove()
  }
}

async function readStart({ stdout }: ChildProcess): Promise<FanOutStart> {
  if (!stdout) throw new Error('the producer has no output')
  const [line] = await once(createInterface(stdout), 'line')
  return JSON.parse(String(line))
}

function describe(seen: readonly Followed[], plan: FanOutPlan): PartMeasurement[] {
  const expected = plan.eventsPerSecond * plan.seconds + 1
  const delays = seen.flatMap((reader) => reader.delays.slice(plan.eventsPerSecond * WARM_SECONDS))
  const sum = (count: (reader: Followed) => number) =>
    seen.reduce((total, reader) => total + count(reader), 0)
  const name = 'live tail, 200 readers'
  return [
    { name: `${name}: p50`, value: percentile(delays, 0.5), unit: 'ms' },
    { name: `${name}: p99`, value: percentile(delays, 0.99), unit: 'ms', target: 100 },
    {
      name: `${name}: lost`,
      value: sum((reader) => expected - reader.delays.length),
      unit: 'count',
      target: 0,
    },
    { name: `${name}: streams resumed`, value: sum((reader) => reader.resumed), unit: 'count' },
    { name: `${name}: gaps`, value: sum((reader) => reader.gaps), unit: 'count', target: 0 },
  ]
}
