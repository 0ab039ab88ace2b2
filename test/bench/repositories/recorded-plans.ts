import { readFile, writeFile } from 'node:fs/promises'
import type { RepositoryPlan } from '../../../src/checks/plans/plan.ts'
import type { JudgedPlan, JudgedProject } from './judge-plan.ts'
import type { Truth } from './truth.ts'

/** Plans that the bench found in clones, kept so that they can be judged where there are none. */
export interface PlanRecord {
  /** Day on which the clones were read, UTC: `2026-11-30`. */
  readonly day: string
  /** By `owner/name`. A plan of another commit than the index names is left out. */
  readonly plans: ReadonlyMap<string, JudgedPlan>
}

/** One line of the file. Commands are written once where they are the same at the root and in the folder. */
interface Line {
  readonly name: string
  readonly commit: string
  readonly projects: readonly {
    readonly folder: string
    readonly setup: readonly string[]
    readonly checks: readonly (string | readonly [command: string, inFolder: string])[]
    /** Set up and checked before the agent starts. */
    readonly first?: true
  }[]
  /** Number of parts that have tests and no tool that is known. */
  readonly untested?: number
  readonly services?: readonly string[]
}

/** What the bench finds in a clone. */
export interface FoundPlan extends RepositoryPlan {
  readonly services: readonly string[]
}

const FILE = new URL('plans.jsonl', import.meta.url)

/**
 * Replaces the plans of the repositories that were read. Those without a clone on this machine keep theirs.
 *
 * @param found the plan of each repository that was read.
 */
export async function writeRecord(
  found: readonly { readonly truth: Truth; readonly found: FoundPlan }[],
): Promise<void> {
  const day = new Date().toISOString().slice(0, 10)
  const [, ...known] = (await readFile(FILE, 'utf8')).trimEnd().split('\n')
  const nameOf = (line: string) => (JSON.parse(line) as Line).name.toLowerCase()
  const lines = new Map([
    ...known.map((line) => [nameOf(line), line] as const),
    ...found.map(
      ({ truth, found: plan }) => [truth.name.toLowerCase(), JSON.stringify(lineOf(truth, plan))] as const,
    ),
  ])
  const sorted = [...lines].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line)
  await writeFile(FILE, `${[JSON.stringify({ day }), ...sorted].join('\n')}\n`)
}

export async function readRecord(index: readonly Truth[]): Promise<PlanRecord> {
  const [first = '{}', ...lines] = (await readFile(FILE, 'utf8')).trimEnd().split('\n')
  const commits = new Map(index.map(({ name, commit }) => [name, commit]))
  const known = lines
    .map((line) => JSON.parse(line) as Line)
    .filter(({ name, commit }) => commits.get(name) === commit)
  const { day } = JSON.parse(first) as { readonly day: string }
  return { day, plans: new Map(known.map((line) => [line.name, planOf(line)])) }
}

function lineOf({ name, commit }: Truth, { projects, baseline, untested, services }: FoundPlan): Line {
  const kept = projects.map((project) => ({
    folder: project.folder,
    setup: project.setup,
    checks: project.checks.map(({ command, inFolder }) =>
      command === inFolder ? command : ([command, inFolder] as const),
    ),
    ...(baseline.includes(project) ? { first: true as const } : {}),
  }))
  return {
    ...{ name, commit, projects: kept },
    ...(untested.length > 0 ? { untested: untested.length } : {}),
    ...(services.length > 0 ? { services } : {}),
  }
}

function planOf({ projects, untested = 0, services }: Line): JudgedPlan {
  const read = projects.map(({ folder, setup, checks, first }) => ({
    project: {
      folder,
      setup,
      checks: checks.map((check) =>
        typeof check === 'string'
          ? { command: check, inFolder: check }
          : { command: check[0], inFolder: check[1] },
      ),
    } satisfies JudgedProject,
    first,
  }))
  return {
    projects: read.map(({ project }) => project),
    baseline: read.flatMap(({ project, first }) => (first ? [project] : [])),
    untested: Array.from({ length: untested }),
    services,
  }
}
