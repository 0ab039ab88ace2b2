import { isRecord } from '../../../text/is-record.ts'
import { type LocatedYaml, locateYaml, WORKFLOW_YAML } from '../../../text/parse-yaml.ts'
import type { Project } from '../../project.ts'
import type { CiStep, CiSteps, CiVersion } from './ci-line.ts'
import { type CiService, servicesOfJob } from './ci-services.ts'
import { mayRun, substitute, type Values } from './expressions.ts'
import {
  bringsBrowsers,
  checkoutFolder,
  commandOfAction,
  exportedVariables,
  folderInside,
  startsScreen,
  stepsOf,
} from './job-steps.ts'
import { maskExpressions, unmaskExpressions } from './masked-expressions.ts'
import { narrowMatrix } from './narrow-matrix.ts'
import { isTelling } from './said-variables.ts'
import { placeAt } from './script-lines.ts'
import { readSetupAction, versionsOf } from './setup-actions.ts'

/** Names of workflows and jobs that do something other than check a change. */
export const OTHER =
  /release|publish|deploy|(?:^|[^a-z])docs?(?:[^a-z]|$)|pages|stale|label|codeql|nightly|cron|daily|weekly|schedul|bench|lock|triage|windows|macos|autofix|docker|scorecard|zizmor|fuzz|wheels?|backport|comment|coverity|pypi|preview|website|analysis|spell|sanitiz|valgrind|mutation|interop|perf|upstream|downstream|third.?party|(?:^|[^a-z])(?:deb|rpm|nuget|appimage|flatpak)(?:[^a-z]|$)|canary|emscripten|pyodide/i
const MOST_STEPS = 400
const ELSEWHERE = /windows|macos|freebsd/i

/** Events that changes of code do not trigger. */
const ASIDE =
  /^(?:workflow_dispatch|schedule|repository_dispatch|release|issues|issue_comment|workflow_run|discussion\w*|deployment\w*)$/

export interface WorkflowSteps extends CiSteps {
  readonly services: readonly CiService[]
  /** True if no change of code starts the workflow. It then counts only if no other workflow tests. */
  readonly isAside: boolean
}

/** Reads the steps that one workflow runs for a change on Linux; empty if it cannot be read. */
export async function readGithubWorkflow(project: Project, file: string): Promise<WorkflowSteps> {
  const located = locate(await project.read(file))
  const jobs = isRecord(located?.value) ? located.value.jobs : undefined
  if (located === undefined || !isRecord(located.value) || !isRecord(jobs))
    return { steps: [], versions: [], services: [], isAside: false }
  const steps: CiStep[] = []
  const versions: CiVersion[] = []
  const services: CiService[] = []
  const outer = located.value
  for (const [name, job] of Object.entries(jobs).slice(0, 60)) {
    if (OTHER.test(name) || !isRecord(job) || steps.length > MOST_STEPS) continue
    const matrix = isRecord(job.strategy) ? job.strategy.matrix : undefined
    const combinations = narrowMatrix(matrix)
    for (const [at, combination] of combinations.entries()) {
      const values = valuesOf([outer, job], { combination, matrix })
      const runsOn = substitute(JSON.stringify(job['runs-on'] ?? '') ?? '', values)
      if (ELSEWHERE.test(runsOn) && !/ubuntu|linux/i.test(runsOn)) continue
      if (!mayRun(job.if, values)) continue
      const beside = servicesOfJob(job, values)
      const place: JobPlace = {
        project,
        located,
        file,
        job: `${file}#${name}${at === 0 ? '' : `#${at}`}`,
        jobName: name,
        folder: defaultFolder(job) ?? defaultFolder(outer),
        env: telling(outer.env, job.env),
        variables: {
          ...exportedVariables(job.steps, values),
          ...stringsOf(outer.env),
          ...stringsOf(job.env),
        },
        values,
        matrix,
        needsMore: beside.length > 0 && !isWithoutServer(combination),
        inContainer: job.container !== undefined,
        checkout: checkoutFolder(job.steps),
      }
      services.push(...beside.map((name) => ({ name, file, job: place.job, jobName: place.jobName })))
      const found = await readSteps(job.steps, { ...place, path: ['jobs', name, 'steps'] })
      steps.push(...found.steps)
      if (at === 0) versions.push(...found.versions)
    }
  }
  return { steps, versions, services, isAside: isAside(outer.on) }
}

/** Whether a workflow is started only by people, a schedule or a release, not by a change. */
function isAside(on: unknown): boolean {
  const events: readonly unknown[] = isRecord(on) ? Object.keys(on) : Array.isArray(on) ? on : [on]
  const isTagged = (event: unknown) => {
    const push = event === 'push' && isRecord(on) && isRecord(on.push) ? on.push : undefined
    return push !== undefined && push.tags !== undefined && push.branches === undefined
  }
  return events.length > 0 && events.every((event) => ASIDE.test(String(event)) || isTagged(event))
}

/** Whether a combination of a matrix uses SQLite, which needs no server. */
function isWithoutServer(combination: ReadonlyMap<string, string>): boolean {
  return [...combination.values()].some((value) => /\bsqlite/i.test(value))
}

interface JobPlace {
  readonly project: Project
  readonly located: LocatedYaml
  readonly file: string
  readonly job: string
  readonly jobName: string
  readonly folder: string | undefined
  readonly env: Readonly<Record<string, string>>
  /** All variables that its steps get. */
  readonly variables: Readonly<Record<string, string>>
  readonly values: Values
  readonly matrix: unknown
  readonly needsMore: boolean
  readonly inContainer: boolean
  readonly checkout: string | undefined
}

/** Reads steps, and those of the repository's own composite actions, but not of actions that these use. */
async function readSteps(
  said: unknown,
  place: JobPlace & { readonly path: readonly string[]; readonly isInner?: boolean },
): Promise<CiSteps> {
  const { located, file, job, jobName, values, matrix, path } = place
  const steps: CiStep[] = []
  const versions: CiVersion[] = []
  let needsMore = place.needsMore
  for (const { step, at } of stepsOf(said)) {
    if (!mayRun(step.if, values)) continue
    const { uses } = step
    if (typeof uses === 'string') {
      for (const { wanted, ...what } of readSetupAction(uses, step.with)) {
        const anyOf = versionsOf(substituteKnown(wanted, values), matrix)
        if (anyOf.length > 0) versions.push({ file, anyOf, ...what })
      }
      if (!place.isInner && uses.startsWith('./')) {
        const inner = await readAction(uses.slice(2), { ...place, inputs: step.with })
        steps.push(...inner.steps)
        versions.push(...inner.versions)
      }
    }
    const run = typeof uses === 'string' ? commandOfAction(uses, step.with) : step.run
    if (typeof run !== 'string' || (typeof step.shell === 'string' && !/bash|sh\b/.test(step.shell))) continue
    const named = typeof step['working-directory'] === 'string' ? step['working-directory'] : place.folder
    const folder = named === undefined ? undefined : substitute(unmaskExpressions(named), values)
    const own = stringsOf(step.env)
    const line = located.lineOf([...path, ...at, 'run']) ?? 1
    steps.push({
      ...{ file, job, jobName, checkout: place.checkout },
      line: run.includes('\n') ? line + 1 : line,
      folder: folder === undefined ? undefined : folderInside(folder, place.checkout),
      script: substitute(unmaskExpressions(run), withEnv(values, own)),
      env: substituteAll({ ...place.env, ...own }, values),
      variables: substituteAll({ ...place.variables, ...own }, values),
      needsMore: (needsMore || startsScreen(run)) && !isWithoutServer(new Map(Object.entries(own))),
      ...(place.inContainer ? { inContainer: true } : {}),
    })
    needsMore ||= bringsBrowsers(run)
  }
  return { steps, versions }
}

async function readAction(path: string, place: JobPlace & { readonly inputs: unknown }): Promise<CiSteps> {
  const folder = placeAt('', path)
  const files = folder === undefined ? [] : [`${folder}/action.yml`, `${folder}/action.yaml`, folder]
  const file = files.find((one) => place.project.files.has(one))
  const located = file === undefined ? undefined : locate(await place.project.read(file))
  if (file === undefined || located === undefined || !isRecord(located.value))
    return { steps: [], versions: [] }
  const { inputs, runs } = located.value
  const values = new Map(place.values)
  values.set('inputs', '')
  for (const [name, input] of Object.entries(isRecord(inputs) ? inputs : {})) {
    const said = isRecord(place.inputs) ? place.inputs[name] : undefined
    const value = said ?? (isRecord(input) ? input.default : undefined)
    values.set(`inputs.${name.toLowerCase()}`, substitute(unmaskExpressions(textOf(value)), place.values))
  }
  const steps = isRecord(runs) ? runs.steps : undefined
  return readSteps(steps, { ...place, located, file, values, path: ['runs', 'steps'], isInner: true })
}

function locate(text: string | undefined): LocatedYaml | undefined {
  if (text === undefined) return undefined
  try {
    return locateYaml(maskExpressions(text), WORKFLOW_YAML)
  } catch {
    return undefined
  }
}

function valuesOf(
  scopes: readonly Readonly<Record<string, unknown>>[],
  { combination, matrix }: { readonly combination: ReadonlyMap<string, string>; readonly matrix: unknown },
): Values {
  const values = new Map<string, string>()
  for (const [key, value] of combination) values.set(`matrix.${key}`, unmaskExpressions(value))
  const isComputed = isRecord(matrix) && Object.values(matrix).some((one) => !Array.isArray(one))
  if (combination.size > 0 && !isComputed) values.set('matrix', '')
  values.set('inputs', '')
  const call = scopes.map(({ on }) => (isRecord(on) ? on.workflow_call : undefined)).find(isRecord)
  for (const [name, input] of Object.entries(isRecord(call?.inputs) ? call.inputs : {})) {
    values.set(`inputs.${name.toLowerCase()}`, textOf(isRecord(input) ? input.default : undefined))
  }
  for (const { env } of scopes) {
    for (const [name, value] of Object.entries(stringsOf(env))) {
      values.set(`env.${name.toLowerCase()}`, substitute(value, values))
    }
  }
  return values
}

function withEnv(values: Values, env: Readonly<Record<string, string>>): Values {
  return new Map([
    ...values,
    ...Object.entries(env).map(([name, value]) => [`env.${name.toLowerCase()}`, value] as const),
  ])
}

function substituteKnown(text: string, values: Values): string {
  const plain = unmaskExpressions(text)
  return /matrix\./.test(plain) ? plain : substitute(plain, values)
}

function substituteAll(
  env: Readonly<Record<string, string>>,
  values: Values,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).map(([name, value]) => [name, substitute(value, values)]))
}

function telling(...all: readonly unknown[]): Readonly<Record<string, string>> {
  const entries = all.flatMap((one) => Object.entries(stringsOf(one)))
  return Object.fromEntries(entries.filter(([name]) => isTelling(name)))
}

function stringsOf(said: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(said) ? said : {}).slice(0, 50)
  return Object.fromEntries(entries.map(([name, value]) => [name, unmaskExpressions(textOf(value))]))
}

function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : ''
}

function defaultFolder({ defaults }: Readonly<Record<string, unknown>>): string | undefined {
  const run = isRecord(defaults) ? defaults.run : undefined
  const folder = isRecord(run) ? run['working-directory'] : undefined
  return typeof folder === 'string' ? folder : undefined
}
