import { existsSync } from 'node:fs'
import { readCi } from '../../../src/checks/plans/ci/read-ci.ts'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import type { Project } from '../../../src/checks/project.ts'
import { createLocalSandboxProvider } from '../../../src/sandbox/local/local-sandbox.ts'
import { type BenchOptions, noMirrors } from '../bench-options.ts'
import type { BenchResult, LeftOut, Measurement } from '../measurement.ts'
import { installRepository } from './install-repository.ts'
import { type JudgedPlan, type Judgement, judgePlan, VERDICTS, type Verdict } from './judge-plan.ts'
import { openTrees, type Trees } from './open-trees.ts'
import { type FoundPlan, readRecord, writeRecord } from './recorded-plans.ts'
import { readIndex, type Truth } from './truth.ts'

/** Least and most of all repositories, in percent (issue 14). */
const TARGETS = { right: 80, useful: 92, wrong: 2 } as const
/** What a plan may ask for: all of it, as what is missing on a machine is another question; and what most machines have. */
const TOOLS = {
  all: new Set(['npm', 'pnpm', 'yarn', 'bun', 'uv', 'poetry', 'tox', 'mvn', 'gradle', 'rustup', 'pytest']),
  few: new Set(['npm']),
} as const

/** What detection finds in public repositories, next to what people would run there. */
export async function benchRepositories(options: BenchOptions): Promise<BenchResult> {
  const { only, mirrors } = options
  const leftOut: LeftOut[] = []
  const judged: Judged<FoundPlan>[] = []
  const withFew: Judged[] = []
  const index = await readIndex()
  const chosen = index.filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)))
  if (!existsSync(mirrors)) return judgeRecord(chosen, options)
  const trees = await openTrees(mirrors)
  try {
    for (const truth of chosen) {
      const project = await trees.project(truth)
      if (project === undefined)
        leftOut.push({ name: truth.name, reason: `no clone with ${truth.commit.slice(0, 12)} in ${mirrors}` })
      else {
        judged.push(await judge(truth, { ...project, tools: TOOLS.all }))
        withFew.push(await judge(truth, { ...project, tools: TOOLS.few }))
      }
    }
    if (options.install) await installChosen(chosen, { trees, quick: options.quick })
  } finally {
    await trees.close()
  }
  showAll(judged, options)
  if (options.record) await writeRecord(judged)
  return {
    measurements: [...tableOf(judged), ...rowOf('all, where only Node and Python are installed', withFew)],
    leftOut,
  }
}

/** Without clones, the plans that were found in them last are judged once more. */
async function judgeRecord(chosen: readonly Truth[], options: BenchOptions): Promise<BenchResult> {
  const { day, plans } = await readRecord(chosen)
  const judged = chosen.flatMap((truth) => {
    const found = plans.get(truth.name)
    return found ? [{ truth, found, ...judgePlan(truth, found) }] : []
  })
  showAll(judged, options)
  const leftOut = [
    { name: 'reading them anew', reason: `the plans are those of ${day}; ${noMirrors(options.mirrors)}` },
    { name: `${chosen.length - judged.length} repositories`, reason: 'no plan of them is recorded' },
  ]
  return { measurements: tableOf(judged), leftOut }
}

async function installChosen(
  chosen: readonly Truth[],
  { trees, quick }: { readonly trees: Trees; readonly quick: boolean },
): Promise<void> {
  const provider = createLocalSandboxProvider({
    mode: 'bubblewrap',
    deployment: 'bench',
    path: process.env.PATH,
    certificates: certificatesOf(process.env),
  })
  const limits = quick ? { setupMs: 300_000, checkMs: 180_000 } : { setupMs: 900_000, checkMs: 600_000 }
  for (const truth of chosen) {
    const tree = await trees.freshTree(truth)
    if (tree === undefined) continue
    const result = await installRepository(provider, tree, limits).catch((error: unknown) => error)
    process.stdout.write(
      `${truth.name}: ${JSON.stringify(result instanceof Error ? result.message : result, null, 2)}\n`,
    )
  }
}

function certificatesOf(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  )
}

interface Judged<Found = JudgedPlan> extends Judgement {
  readonly truth: Truth
  readonly found: Found
}

async function judge(truth: Truth, project: Project): Promise<Judged<FoundPlan>> {
  const outside = await readCi(project)
  const services = [...new Set(outside.services.map(({ name }) => name))]
  const found = { ...(await detectRepository(project, { outside })), services }
  return { truth, found, ...judgePlan(truth, found) }
}

function showAll(judged: readonly Judged[], { only, verbose }: BenchOptions): void {
  for (const one of judged) if (verbose || only.length > 0 || one.verdict !== 'right') show(one, verbose)
}

function linesOf({ projects, baseline }: JudgedPlan): readonly string[] {
  const first = baseline.flatMap(({ setup, checks }) => [
    ...setup.map((command) => `setup ${command}`),
    ...checks.map(({ command }) => `check ${command}`),
  ])
  const later = projects
    .filter((one) => !baseline.includes(one))
    .flatMap(({ checks }) => checks.map(({ command }) => `later ${command}`))
  return [...first, ...later.slice(0, 6)]
}

function show({ truth, verdict, reasons, found }: Judged, verbose: boolean): void {
  const lines = [...reasons, ...(verbose ? linesOf(found) : [])]
  process.stdout.write(
    `${verdict.padEnd(8)}${truth.name}\n${lines.map((line) => `          ${line}\n`).join('')}`,
  )
}

/** One row for all, and one for each ecosystem. */
function tableOf(judged: readonly Judged[]): readonly Measurement[] {
  const ecosystems = [...new Set(judged.flatMap(({ truth }) => truth.ecosystems))].toSorted()
  const all = rowOf('all', judged, true)
  return [
    ...all,
    ...ecosystems.flatMap((name) =>
      rowOf(
        name,
        judged.filter(({ truth }) => truth.ecosystems.includes(name)),
      ),
    ),
  ]
}

function rowOf(name: string, judged: readonly Judged[], hasTargets = false): readonly Measurement[] {
  const share = (...verdicts: readonly Verdict[]) =>
    (100 * judged.filter(({ verdict }) => verdicts.includes(verdict)).length) / judged.length
  const count = { name, variant: 'repositories', value: judged.length, unit: 'count' } as const
  const rows = VERDICTS.map((verdict) => {
    const value = verdict === 'useful' ? share('right', 'useful') : share(verdict)
    return { name, variant: verdict, value, unit: '%' } as const
  })
  if (!hasTargets) return [count, ...rows]
  return [
    count,
    ...rows.map((row) => {
      if (row.variant !== 'right' && row.variant !== 'useful' && row.variant !== 'wrong') return row
      return { ...row, target: TARGETS[row.variant], moreIsBetter: row.variant !== 'wrong' }
    }),
  ]
}
