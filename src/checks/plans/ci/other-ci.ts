import { isRecord } from '../../../text/is-record.ts'
import { type LocatedYaml, locateYaml, WORKFLOW_YAML } from '../../../text/parse-yaml.ts'
import type { CiStep } from './ci-line.ts'
import { servicesIn } from './ci-services.ts'
import { OTHER } from './github-workflows.ts'
import { isTelling } from './script-lines.ts'

/** Where other CI services look for what to run. */
export const OTHER_CI = [
  '.gitlab-ci.yml',
  '.circleci/config.yml',
  '.travis.yml',
  'azure-pipelines.yml',
  '.azure-pipelines.yml',
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
const MOST = 200

interface StepWithServices extends CiStep {
  /** Images beside it. */
  readonly services: readonly string[]
}

/** The scripts of a file of another CI service, in the order of the file; a job is what is below one key. */
export function readOtherCi(file: string, text: string): readonly StepWithServices[] {
  let located: LocatedYaml
  try {
    located = locateYaml(text, WORKFLOW_YAML)
  } catch {
    return []
  }
  const found: StepWithServices[] = []
  visit(located.value, [])
  return found

  function visit(value: unknown, path: readonly string[]): void {
    if (path.length > DEEPEST || found.length >= MOST) return
    if (Array.isArray(value))
      for (const [at, one] of value.slice(0, 100).entries()) visit(one, [...path, String(at)])
    if (!isRecord(value)) return
    for (const [key, inner] of Object.entries(value).slice(0, 100)) {
      if (OTHER.test(key)) continue
      const script = SCRIPTS.has(key) ? scriptOf(inner) : undefined
      if (script === undefined) visit(inner, [...path, key])
      else found.push(stepOf(script, { value, path: [...path, key] }))
    }
  }

  function stepOf(
    script: string,
    { value, path }: { readonly value: Readonly<Record<string, unknown>>; readonly path: readonly string[] },
  ): StepWithServices {
    const folder = value.working_directory ?? value.workingDirectory ?? value['working-directory']
    const name = jobOf(path)
    const line = located.lineOf(path) ?? 1
    return {
      file,
      job: `${file}#${name}`,
      jobName: name === '' ? undefined : name,
      line: script.includes('\n') ? line + 1 : line,
      folder: typeof folder === 'string' ? folder.replace(/^~\/(?:project|repo)\/?/, '') : undefined,
      script,
      env: envOf(value.variables ?? value.env ?? value.environment),
      services: servicesIn(value.services),
      needsMore: value.services !== undefined,
    }
  }
}

function scriptOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (!Array.isArray(value)) return undefined
  const lines = value.slice(0, MOST).filter((one) => typeof one === 'string')
  return lines.length === 0 ? undefined : lines.join('\n')
}

/** `test` of `jobs.test.steps.2.run.command` and of `test.script`; empty for a script at the top. */
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
