import type { BenchOptions } from '../bench-options.ts'
import { type BenchResult, type Measurement, percentile } from '../measurement.ts'
import { measureExec } from './measure-exec.ts'
import { measureForward } from './measure-forward.ts'
import { type RunFigures, runFigures } from './run-figures.ts'
import { type SandboxWorld, startSandboxWorld } from './sandbox-world.ts'
import { TOOL_COUNT } from './task.ts'

const ROUNDS = 3
/** What needs the whole service. */
const IN_WORLD = ['line', 'exec', 'many files', 'clone']
const SMALL = 200
const LINE_DELAYS_MS = [0, 40, 80]
const MOST_REQUESTS = 45
const MOST_ADDED_MS = 1200
const MANY_FILES = 20_000
const MOST_UNPACK_MS = 3000
const CLONED_FILES = 28_000
const MOST_BEYOND_MS = 3000
const OWN_TIME_FILES = [1000, 80_000] as const
const MOST_GROWTH = 2

/** The real service with one task, on sandboxes behind a line; and what a large repository adds. */
export async function benchSandbox({ only, quick }: BenchOptions): Promise<BenchResult> {
  const isWanted = (name: string) => only.length === 0 || only.some((part) => name.includes(part))
  const rounds = quick ? 1 : ROUNDS
  const measurements: Measurement[] = []
  if (isWanted('forward')) measurements.push(...(await measureForward(quick)))
  if (IN_WORLD.some(isWanted)) measurements.push(...(await measureInWorld(isWanted, quick)))
  if (isWanted('verified')) measurements.push(...(await measureVerified(rounds)))
  if (isWanted('own time')) measurements.push(...(await measureOwnTime(rounds)))
  return { measurements, leftOut: [] }
}

async function measureInWorld(
  isWanted: (name: string) => boolean,
  quick: boolean,
): Promise<readonly Measurement[]> {
  const rounds = quick ? 1 : ROUNDS
  const measurements: Measurement[] = []
  const world = await startSandboxWorld('e2b')
  try {
    if (isWanted('line')) measurements.push(...(await measureLine(world, rounds)))
    if (isWanted('exec')) measurements.push(...(await measureExec(world, quick)))
    if (isWanted('many files')) measurements.push(...(await measureManyFiles(world, rounds)))
    if (isWanted('clone')) measurements.push(...(await measureClone(world, rounds)))
    return measurements
  } finally {
    await world.close()
  }
}

async function measureLine(world: SandboxWorld, rounds: number): Promise<readonly Measurement[]> {
  await world.carryOut(SMALL) // What only the first run loads.
  const measurements: Measurement[] = []
  let without: number | undefined
  for (const delayMs of LINE_DELAYS_MS) {
    world.line.setDelay(delayMs)
    const figures = await repeat(rounds, () => world.carryOut(SMALL).then(runFigures))
    world.line.setDelay(0)
    const variant = `+${delayMs} ms`
    const median = medianBy(figures)
    const run = `run of ${TOOL_COUNT} tools`
    const wholeMs = median(({ wholeMs }) => wholeMs)
    without ??= wholeMs
    const requests = median((found) => found.requests)
    measurements.push(
      { name: `${run}: requests`, variant, value: requests, unit: 'count', target: MOST_REQUESTS },
      {
        name: `${run}: one after the other`,
        variant,
        value: median((found) => found.sequential),
        unit: 'count',
      },
      { name: `${run}: time`, variant, value: wholeMs, unit: 'ms' },
      {
        name: `${run}: added by the line`,
        variant,
        value: wholeMs - without,
        unit: 'ms',
        target: (MOST_ADDED_MS * delayMs) / 40,
      },
    )
    for (const step of figures[0]?.byStep.keys() ?? []) {
      const value = median(({ byStep }) => byStep.get(step) ?? 0)
      measurements.push({ name: `  requests: ${step}`, variant, value, unit: 'count' })
    }
    for (const step of figures[0]?.stepMs.keys() ?? []) {
      const value = median(({ stepMs }) => stepMs.get(step) ?? 0)
      measurements.push({ name: `  time: ${step}`, variant, value, unit: 'ms' })
    }
  }
  return measurements
}

async function measureManyFiles(world: SandboxWorld, rounds: number): Promise<readonly Measurement[]> {
  const figures = await repeat(rounds, () => world.carryOut(MANY_FILES).then(runFigures))
  const median = medianBy(figures)
  const variant = '+0 ms'
  const files = `${MANY_FILES} files`
  return [
    {
      name: `${files}: in the workspace`,
      variant,
      value: median(({ unpackMs }) => unpackMs),
      unit: 'ms',
      target: MOST_UNPACK_MS,
    },
    {
      name: `${files}: step clone`,
      variant,
      value: median(({ stepMs }) => stepMs.get('clone') ?? 0),
      unit: 'ms',
    },
    { name: `${files}: own time`, variant, value: median(({ ownMs }) => ownMs), unit: 'ms' },
  ]
}

/** What a clone takes beyond its transfer: git's fetch on this machine, and the upload. */
async function measureClone(world: SandboxWorld, rounds: number): Promise<readonly Measurement[]> {
  const fetches = await repeat(rounds, () => world.fetchAlone(CLONED_FILES))
  const figures = await repeat(rounds, () => world.carryOut(CLONED_FILES).then(runFigures))
  const median = medianBy(figures)
  const variant = '+0 ms'
  const fetchMs = percentile(fetches, 0.5)
  const cloneMs = median(({ stepMs }) => stepMs.get('clone') ?? 0)
  const uploadMs = median((found) => found.uploadMs)
  const files = `${CLONED_FILES} files`
  return [
    { name: `${files}: step clone`, variant, value: cloneMs, unit: 'ms' },
    { name: `${files}: git fetch alone`, variant, value: fetchMs, unit: 'ms' },
    { name: `${files}: upload`, variant, value: uploadMs, unit: 'ms' },
    {
      name: `${files}: clone beyond its transfer`,
      variant,
      value: cloneMs - fetchMs - uploadMs,
      unit: 'ms',
      target: MOST_BEYOND_MS,
    },
  ]
}

/** The same run with everything that verification does. */
async function measureVerified(rounds: number): Promise<readonly Measurement[]> {
  const world = await startSandboxWorld('e2b', 'full')
  try {
    await world.carryOut(SMALL)
    const figures = await repeat(rounds, () => world.carryOut(SMALL).then(runFigures))
    const median = medianBy(figures)
    const variant = '+0 ms'
    const run = `verified run of ${TOOL_COUNT} tools`
    const requests = median((found) => found.requests)
    return [
      { name: `${run}: requests`, variant, value: requests, unit: 'count', target: MOST_REQUESTS },
      { name: `${run}: time`, variant, value: median(({ wholeMs }) => wholeMs), unit: 'ms' },
    ]
  } finally {
    await world.close()
  }
}

async function measureOwnTime(rounds: number): Promise<readonly Measurement[]> {
  const world = await startSandboxWorld('unconfined')
  try {
    await world.carryOut(SMALL)
    const measurements: Measurement[] = []
    let least: number | undefined
    for (const fileCount of OWN_TIME_FILES) {
      const median = medianBy(await repeat(rounds, () => world.carryOut(fileCount).then(runFigures)))
      const own = median(({ ownMs }) => ownMs)
      least ??= own
      const variant = `${fileCount} files`
      measurements.push(
        { name: 'unconfined: own time', variant, value: own, unit: 'ms', target: MOST_GROWTH * least },
        {
          name: 'unconfined: step clone',
          variant,
          value: median(({ stepMs }) => stepMs.get('clone') ?? 0),
          unit: 'ms',
        },
        { name: 'unconfined: run', variant, value: median(({ wholeMs }) => wholeMs), unit: 'ms' },
      )
    }
    return measurements
  } finally {
    await world.close()
  }
}

async function repeat<T>(rounds: number, work: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = []
  for (let round = 1; round <= rounds; round++) {
    process.stderr.write(`sandbox: round ${round} of ${rounds}\n`)
    results.push(await work())
  }
  return results
}

function medianBy(figures: readonly RunFigures[]): (pick: (figures: RunFigures) => number) => number {
  return (pick) => percentile(figures.map(pick), 0.5)
}
