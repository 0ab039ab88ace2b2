import { writeFile } from 'node:fs/promises'
import { cpus, totalmem } from 'node:os'
import { benchAgent } from './agent/bench-agent.ts'
import { type BenchOptions, readBenchOptions, USAGE } from './bench-options.ts'
import { benchDrafts } from './drafts/bench-drafts.ts'
import { benchFunctions } from './functions/bench-functions.ts'
import { benchGold } from './gold/bench-gold.ts'
import { benchHostile } from './hostile/bench-hostile.ts'
import { type BenchResult, measurementTable, outcomeText } from './measurement.ts'
import { benchPages } from './pages/bench-pages.ts'
import { benchProof } from './proof/bench-proof.ts'
import { benchRepositories } from './repositories/bench-repositories.ts'
import { benchSandbox } from './sandbox/bench-sandbox.ts'
import { benchScale } from './scale/bench-scale.ts'
import { benchService } from './service/bench-service.ts'

const BENCHES: Readonly<Record<string, (options: BenchOptions) => Promise<BenchResult>>> = {
  service: benchService,
  agent: benchAgent,
  hostile: benchHostile,
  sandbox: benchSandbox,
  proof: benchProof,
  pages: benchPages,
  repositories: benchRepositories,
  drafts: benchDrafts,
  gold: benchGold,
  functions: benchFunctions,
  scale: benchScale,
}

async function bench(options: BenchOptions): Promise<void> {
  const results: Record<string, BenchResult> = {}
  for (const [name, run] of Object.entries(BENCHES)) {
    if (options.names.length > 0 && !options.names.includes(name)) continue
    const result = await run(options)
    results[name] = result
    const { measurements, leftOut } = result
    print(`\n${name}${measurements.length === 0 ? '' : `\n${measurementTable(measurements)}`}\n`)
    for (const { name: part, reason } of leftOut) print(`left out: ${part} (${reason})`)
    print(outcomeText(measurements))
  }
  if (options.json === undefined) return
  const facts = { at: new Date().toISOString(), quick: options.quick, machine: describeMachine() }
  await writeFile(options.json, `${JSON.stringify({ ...facts, results }, null, 2)}\n`)
  print(`\nwritten to ${options.json}`)
}

function describeMachine() {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    processors: processors.length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    node: process.version,
  }
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

async function main(): Promise<void> {
  let options: BenchOptions | 'help'
  try {
    options = readBenchOptions(process.argv.slice(2), Object.keys(BENCHES))
  } catch (error) {
    print(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exitCode = 2
    return
  }
  if (options === 'help') print(USAGE)
  else await bench(options)
}

await main()
