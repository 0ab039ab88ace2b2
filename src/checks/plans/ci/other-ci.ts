import { isRecord } from '../../../text/is-record.ts'
import { type LocatedYaml, locateYaml, WORKFLOW_YAML } from '../../../text/parse-yaml.ts'
import type { Project } from '../../project.ts'
import type { CiStep } from './ci-line.ts'
import { servicesIn } from './ci-services.ts'
import { OTHER } from './github-workflows.ts'
import { isTelling } from './said-variables.ts'
import { placeAt } from './script-lines.ts'

/** Paths at which other CI services expect their configuration. */
export const OTHER_CI = [
  '.gitlab-ci.yml',
  '.circleci/config.yml',
  '.travis.yml',
  'azure-pipelines.yml',
  '.azure-pipelines.yml',
  '.azure-pipelines/azure-pipelines.yml',
  '.cirrus.yml',
] as const

/** Keys that hold scripts, in the order in which the services run them. */
const SCRIPTS = new Set([
  'before_install',
  'install',
  'before_script',
  'install_script',
  'script',
  'test_script',
  'run',
  'command',
  'bash',
])
const DEEPEST = 10
const MOST_FILES = 6
const MOST = 200

interface StepWithServices extends CiStep {
  /** Images of the services beside the step. */
  readonly services: readonly string[]
}

/** Reads the scripts of a file of another CI service, and of files of the repository that it includes, in order. */
export async function readOtherCi(project: Project, file: string): Promise<readonly StepWithServices[]> {
  const own = readFile(file, await project.read(file))
  const inner = await Promise.all(
    own.included.slice(0, MOST_FILES).map(async (one) => readFile(one, await project.read(one))),
  )
  return [...own.steps, ...inner.flatMap(({ steps }) => steps)]
}

interface ReadFile {
  readonly steps: readonly StepWithServices[]
  /** Paths of files of the repository that the file includes. */
  readonly included: readonly string[]
}

/** Finds the scripts of one file under any of the keys in `SCRIPTS`. The first key of a script's path names its job. */
function readFile(file: string, text: string | undefined): ReadFile {
  const located = text === undefined ? undefined : locate(text)
  const steps: StepWithServices[] = []
  const included: string[] = []
  if (located !== undefined) visit(located.value, [], located)
  return { steps, included }

  function visit(
    value: unknown,
    path: readonly string[],
    root: LocatedYaml,
    around: readonly string[] = [],
    names: readonly string[] = [],
  ): void {
    if (path.length > DEEPEST || steps.length >= MOST) return
    if (Array.isArray(value))
      for (const [at, one] of value.slice(0, 100).entries())
        visit(one, [...path, String(at)], root, around, [...names, ...namesOfAzure(one, path)])
    if (!isRecord(value) || isElsewhere(value) || names.some((name) => OTHER.test(name))) return
    const beside = [...around, ...imagesBeside(value.docker)]
    for (const [key, inner] of Object.entries(value).slice(0, 100)) {
      if (OTHER.test(key)) continue
      if (/^(?:template|local)$/.test(key) || (key === 'include' && path.length === 0))
        included.push(...placesOf(file, { key, said: inner }))
      const script = SCRIPTS.has(key) ? scriptOf(inner) : undefined
      if (script === undefined) visit(inner, [...path, key], root, beside, names)
      else steps.push(stepOf(script, { value, path: [...path, key], located: root, beside, names }))
    }
  }

  function stepOf(
    script: string,
    {
      value,
      path,
      located,
      beside,
      names,
    }: {
      readonly value: Readonly<Record<string, unknown>>
      readonly path: readonly string[]
      readonly located: LocatedYaml
      readonly beside: readonly string[]
      readonly names: readonly string[]
    },
  ): StepWithServices {
    const folder = value.working_directory ?? value.workingDirectory ?? value['working-directory']
    const name = jobOf(path)
    const jobName = [name, ...names].filter((one) => one !== '').join(' ')
    const line = located.lineOf(path) ?? 1
    return {
      file,
      job: `${file}#${name}${placeInAzure(path)}`,
      jobName: jobName === '' ? undefined : jobName,
      line: script.includes('\n') ? line + 1 : line,
      folder: typeof folder === 'string' ? folder.replace(/^~\/(?:project|repo)\/?/, '') : undefined,
      // A parameter of CircleCI is as unknown as an expression of GitHub, and starts no text in the script.
      script: script.replace(/<<\s{0,3}([\w.]{1,60})\s{0,3}>>/g, '$${{ $1 }}'),
      env: envOf(value.variables ?? value.env ?? value.environment),
      services: [...servicesIn(value.services), ...beside],
      needsMore: value.services !== undefined || beside.length > 0,
    }
  }
}

/** Images that CircleCI starts beside the first one, in which the steps run. */
function imagesBeside(docker: unknown): readonly string[] {
  return Array.isArray(docker) ? servicesIn(docker.slice(1)) : []
}

function locate(text: string): LocatedYaml | undefined {
  try {
    return locateYaml(text, WORKFLOW_YAML)
  } catch {
    return undefined
  }
}

/** Whether a job of Azure runs on Windows or macOS. */
function isElsewhere({ pool, job }: Readonly<Record<string, unknown>>): boolean {
  const image = isRecord(pool) ? pool.vmImage : undefined
  return [image, job].some((one) => typeof one === 'string' && /windows|macos|\bmac\b/i.test(one))
}

/** The names of a stage or a job in a list of Azure; none for anything else. */
function namesOfAzure(value: unknown, path: readonly string[]): readonly string[] {
  if (!/^(?:stages|jobs)$/.test(path.at(-1) ?? '') || !isRecord(value)) return []
  return [value.stage, value.job].filter((one) => typeof one === 'string')
}

/** The place of a job in the lists of Azure, where jobs need no names: `stages/1/jobs/0`. */
function placeInAzure(path: readonly string[]): string {
  return /^(?:(?:stages|jobs)\/\d+(?:\/|$))*/.exec(path.join('/'))?.[0] ?? ''
}

/** Paths of included files. Those of GitLab are relative to the root, those of Azure to the folder of the including file. */
function placesOf(
  file: string,
  { key, said }: { readonly key: string; readonly said: unknown },
): readonly string[] {
  const names = (Array.isArray(said) ? said : [said]).filter((one) => typeof one === 'string')
  return names.flatMap((name) => {
    if (!/^[\w./-]{1,200}\.ya?ml$/.test(name) || OTHER.test(name) || /win32|darwin|osx/i.test(name)) return []
    const isFromRoot = key !== 'template' || name.startsWith('/')
    const folder = isFromRoot ? '' : file.split('/').slice(0, -1).join('/')
    return placeAt(folder, name.replace(/^\/+/, '')) ?? []
  })
}

function scriptOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const lines = value.slice(0, MOST).filter((one) => typeof one === 'string')
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** The job in a path of keys: `test` for `jobs.test.steps.2.run.command` and `test.script`; empty for a script at the top. */
function jobOf(path: readonly string[]): string {
  const names = path
    .slice(0, -1)
    .filter((part) => !/^(?:\d+|jobs|stages|steps|run|matrix|include)$/.test(part))
  return names[0] ?? ''
}

function envOf(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(value) ? value : {}).slice(0, 50)
  return Object.fromEntries(
    entries.flatMap(([name, one]) =>
      typeof one === 'string' && isTelling(name) ? [[name, one] as const] : [],
    ),
  )
}
