import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ChaosOptions, readChaosOptions, USAGE } from './chaos-options.ts'
import { summary } from './report.ts'
import { runChaos } from './run-chaos.ts'
import type { RoundPlan } from './run-round.ts'

const PLAN: RoundPlan = {
  requests: 8,
  points: 3,
  blows: 2,
  outsideFaults: 4,
  cancels: 2,
  databaseRestart: 0.3,
  spreadMs: 15_000,
  patienceMs: 240_000,
}

const print = (text: string) => void process.stdout.write(`${text}\n`)

async function main(options: ChaosOptions, signal: AbortSignal): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'backspace-chaos-'))
  const { databases, seed } = options
  const share = (options.minutes * 60_000) / databases.length
  let bad = 0
  try {
    for (const kind of databases) {
      print(`\nChaos on ${kind}, seed ${seed}, ${(share / 60_000).toFixed(1)} minutes\n`)
      const until = Date.now() + share
      const place = join(directory, kind)
      const run = { kind, seed, directory: place, plan: PLAN, until, signal, print }
      const tally = await runChaos({ ...run, maxRounds: Number.POSITIVE_INFINITY, awaitSweep: true })
      if (!tally) print('PostgreSQL is not installed, so this part was left out: apt-get install postgresql')
      else print(`\n${summary(tally)}`)
      bad += tally?.violations.length ?? 0
    }
  } finally {
    const keep = options.keep || bad > 0
    if (keep) print(`\nLogs are in ${directory}`)
    else await rm(directory, { recursive: true, force: true })
  }
  if (bad > 0) print(`\n${bad} violations. Again with the same decisions: npm run chaos -- --seed ${seed}`)
  return bad > 0 ? 1 : 0
}

/** The options, or what to say instead. */
function readOptions(): ChaosOptions | string {
  try {
    const options = readChaosOptions(process.argv.slice(2))
    return options === 'help' ? USAGE : options
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`
  }
}

async function start(): Promise<number> {
  const options = readOptions()
  if (typeof options === 'string') {
    print(options)
    return options === USAGE ? 0 : 1
  }
  const stopping = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stopping.abort())
  return await main(options, stopping.signal)
}

start().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`\n${error instanceof Error ? error.message : String(error)}\n`)
    process.exit(1)
  },
)
