import { isRecord } from '../../../text/is-record.ts'
import { mayRun, substitute, type Values } from './expressions.ts'

const MOST_STEPS = 100
const MOST_CHARACTERS = 16 * 1024

interface PlacedStep {
  readonly step: Readonly<Record<string, unknown>>
  /** The path of keys from the list of steps: `['2']`. */
  readonly at: readonly string[]
}

/** The steps of a job or an action. Steps under `parallel` replace the step that holds them. */
export function stepsOf(said: unknown): readonly PlacedStep[] {
  const steps: readonly unknown[] = Array.isArray(said) ? said.slice(0, MOST_STEPS) : []
  return steps.flatMap((step, index) => {
    if (!isRecord(step)) return []
    const inner: readonly unknown[] = Array.isArray(step.parallel) ? step.parallel.slice(0, MOST_STEPS) : []
    const beside = inner.flatMap((one, at) =>
      isRecord(one) ? [{ step: one, at: [String(index), 'parallel', String(at)] }] : [],
    )
    return beside.length > 0 ? beside : [{ step, at: [String(index)] }]
  })
}

/** Actions that create a conda environment from a file. */
const CONDA =
  /^(?:conda-incubator\/setup-miniconda|mamba-org\/(?:setup-micromamba|provision-with-micromamba))@/

/** Actions that run a command again until it passes. */
const RETRY = /^(?:nick-fields|nick-invision)\/retry@|^Wandalen\/wretry\.action@/

/** Actions that run cargo with the command and the arguments of their inputs. */
const CARGO = /^(?:actions-rs|clechasseur|actions-rs-plus|ructions)\/(?:rs-)?cargo@/

/** Actions that install a list of requirements. */
const LISTED = /^py-actions\/py-dependency-install@/

/** The action that tests the grammar of a parser, and its bindings on request. */
const GRAMMAR = /^tree-sitter\/parser-test-action@/
/** The action that tests a package of Julia. */
const OF_JULIA = /^julia-actions\/julia-runtest@/

/** The command that people would run instead of a known action; undefined for other actions. */
export function commandOfAction(uses: string, inputs: unknown): string | undefined {
  const input = (name: string): string | undefined => {
    const value: unknown = isRecord(inputs) ? inputs[name] : undefined
    return typeof value === 'string' ? value : undefined
  }
  const command = input('command')
  if (CARGO.test(uses) && command !== undefined)
    return ['cargo', command, (input('args') ?? '').replace(/\s+/g, ' ').trim()].join(' ').trim()
  if (RETRY.test(uses) && command !== undefined) return command
  if (LISTED.test(uses)) return `pip install -r ${input('path') ?? 'requirements.txt'}`
  if (GRAMMAR.test(uses)) {
    const bindings: unknown = isRecord(inputs) ? inputs['test-node'] : undefined
    return ['npx tree-sitter test', ...(String(bindings) === 'true' ? ['npm test'] : [])].join('\n')
  }
  // Another project, such as one of a matrix, is tested in its own folder by its manifest.
  if (OF_JULIA.test(uses) && /^(?:@?\.)?$/.test(input('project') ?? ''))
    return `julia --project -e 'using Pkg; Pkg.test()'`
  const file = input('environment-file')
  return CONDA.test(uses) && file !== undefined ? `conda env create --file ${file}` : undefined
}

/** A line such as `echo "NAME=value" >> $GITHUB_ENV`. */
const EXPORT =
  /^\s{0,20}echo\s{1,9}(["']?)(\w{1,60})=(["']?)([^"'\n]{0,300})["']{0,2}\s{0,9}>>\s{0,9}["']?\$\{?GITHUB_ENV\b/

/**
 * Variables that steps of a job export to later steps. Variables of steps that do not run for a change on Linux are empty.
 */
export function exportedVariables(steps: unknown, values: Values): Readonly<Record<string, string>> {
  const found = new Map<string, string>()
  for (const step of Array.isArray(steps) ? steps.slice(0, MOST_STEPS) : []) {
    if (!isRecord(step) || typeof step.run !== 'string') continue
    const runs = mayRun(step.if, values)
    for (const line of step.run.slice(0, MOST_CHARACTERS).split('\n')) {
      if (line.length > 600) continue
      const [, , name, , value = ''] = EXPORT.exec(line) ?? []
      if (name === undefined) continue
      if (runs) found.set(name, substitute(value.trim(), values))
      else if (!found.has(name)) found.set(name, '')
    }
  }
  return Object.fromEntries(found)
}

/** Commands that install browsers, which later steps of the job then need. */
const BROWSERS = /\b(?:playwright(?:-core)?|cypress|puppeteer browsers) install\b/
const SCREEN = /\bXvfb :\d/

/** Whether a step starts a screen, which its own commands need as well. */
export function startsScreen(run: string): boolean {
  return SCREEN.test(run.slice(0, MOST_CHARACTERS))
}

/** Whether a step installs browsers, or starts a screen, for later steps. */
export function bringsBrowsers(run: unknown): boolean {
  return typeof run === 'string' && (BROWSERS.test(run.slice(0, MOST_CHARACTERS)) || startsScreen(run))
}

/** The folder into which a job checks its own repository out; undefined for the usual one. */
export function checkoutFolder(steps: unknown): string | undefined {
  const checkouts = (Array.isArray(steps) ? steps.slice(0, MOST_STEPS) : []).filter(
    (step): step is Readonly<Record<string, unknown>> =>
      isRecord(step) && typeof step.uses === 'string' && step.uses.startsWith('actions/checkout@'),
  )
  const own = checkouts
    .map((step) => step.with)
    .find((inputs) => !isRecord(inputs) || inputs.repository === undefined)
  return isRecord(own) && typeof own.path === 'string' ? own.path : undefined
}

/** Turns a folder of the job into one relative to the root of the repository. */
export function folderInside(folder: string, checkout: string | undefined): string {
  if (checkout === undefined) return folder
  const bare = folder.replace(/^\.\//, '')
  return bare === checkout ? '.' : bare.startsWith(`${checkout}/`) ? bare.slice(checkout.length + 1) : folder
}
