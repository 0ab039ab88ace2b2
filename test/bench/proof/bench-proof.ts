import { endOf, type ReceivedFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { runFrames } from '../../../src/commands/terminal/run/run-frames.ts'
import { probeLocalSandbox } from '../../../src/sandbox/local/probe-local-sandbox.ts'
import type { BenchOptions } from '../bench-options.ts'
import { type BenchResult, type LeftOut, type Measurement, percentile } from '../measurement.ts'
import { startProvingService } from './proving-service.ts'
import { SAMPLE_PROJECTS, type SampleProject } from './sample-projects.ts'

const ROUNDS = 3
/** Times what one set-up and its checks take (issue 11). */
const MOST_EXTRA = 1.5
/** What brings a clone to where its checks have run. */
const PREPARING = ['sandbox', 'clone', 'setup', 'baseline']

/** What verification adds to a run in local sandboxes, in new repositories and in those whose setup is kept. */
export async function benchProof({ only, quick }: BenchOptions): Promise<BenchResult> {
  const probe = await probeLocalSandbox({ path: process.env.PATH })
  if (!probe.available) return { measurements: [], leftOut: [{ name: 'all', reason: probe.message }] }
  const chosen = SAMPLE_PROJECTS.filter(
    ({ name }) => only.length === 0 || only.some((part) => name.includes(part)),
  )
  const measurements: Measurement[] = []
  const leftOut: LeftOut[] = []
  for (const project of chosen) measurements.push(...(await measure(project, quick ? 1 : ROUNDS)))
  return { measurements, leftOut }
}

interface Run {
  /** Milliseconds by step. */
  readonly steps: ReadonlyMap<string, number>
  readonly wholeMs: number
  readonly cached: boolean
}

async function measure(project: SampleProject, rounds: number): Promise<readonly Measurement[]> {
  const world = await startProofWorld(project)
  const cold: Run[] = []
  const again: Run[] = []
  try {
    await world.carryOut('warm-up')
    for (let round = 1; round <= rounds; round++) {
      process.stderr.write(`proof: ${project.name}: round ${round} of ${rounds}\n`)
      cold.push(await world.carryOut(`round-${round}`))
      again.push(await world.carryOut(`round-${round}`))
    }
  } finally {
    await world.close()
  }
  const once = median(cold.map(preparingMs))
  return [cold, again].flatMap((runs, index) => {
    const variant = index === 0 ? 'first run' : 'next run'
    const extra = median(runs.map(({ steps }) => steps.get('verify') ?? 0))
    const row = (name: string, value: number, unit: Measurement['unit'] = 's') => ({
      name: `${project.name}: ${name}`,
      variant,
      value,
      unit,
    })
    return [
      row('set-up and checks once', median(runs.map(preparingMs)) / 1000),
      { ...row('verification adds', extra / 1000), target: (MOST_EXTRA * once) / 1000 },
      row('run', median(runs.map(({ wholeMs }) => wholeMs)) / 1000),
      row('setup kept', runs.filter(({ cached }) => cached).length, 'count'),
    ]
  })
}

function preparingMs({ steps }: Run): number {
  return PREPARING.reduce((sum, step) => sum + (steps.get(step) ?? 0), 0)
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

/** Carries out the change of a project in repositories of that project. */
async function startProofWorld({ files, turns }: SampleProject) {
  const { github, ask, close } = await startProvingService(turns)
  const made = new Set<string>()
  return {
    async carryOut(name: string): Promise<Run> {
      if (!made.has(name)) await github.createRepository({ owner: 'acme', name, files })
      made.add(name)
      return readRun(await Array.fromAsync(runFrames(await ask(`acme/${name}`, 'Let it add.'))))
    },
    close,
  }
}

function readRun(frames: readonly ReceivedFrame[]): Run {
  const last = frames.at(-1)
  if (endOf(last) !== 'success') throw new Error(`the run failed: ${JSON.stringify(last)}`)
  const steps = new Map<string, number>()
  let cached = false
  for (const frame of frames) {
    if (frame.type !== 'info') continue
    if ('duration_ms' in frame && 'status' in frame) steps.set(frame.step, frame.duration_ms)
    if ('verification' in frame) {
      const { regression, rooms, unverified } = frame.verification
      if (regression?.verdict !== 'fails_on_base')
        throw new Error(`no proof: ${JSON.stringify({ unverified, regression })}`)
      cached = rooms.every((room) => room.cached)
    }
  }
  const [first, end] = [frames[0], last].map((frame) => Date.parse(frame?.at ?? ''))
  return { steps, wholeMs: (end ?? Number.NaN) - (first ?? 0), cached }
}
