import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import type { TestEnvironment } from './test-environments.ts'

/** Packages that `hatch test` installs. */
const OF_HATCH = ['pytest', 'pytest-mock', 'pytest-randomly', 'pytest-rerunfailures', 'pytest-xdist']

/** The arguments that `hatch test` gives pytest: `default-args`, else `tests`. */
export function hatchDefaults(manifests: PythonManifests): readonly string[] {
  const said = stringsIn(environmentsOf(manifests).envs, ['hatch-test', 'default-args'])
  return said.length > 0 ? said : ['tests']
}

/**
 * The hatch environment for tests, with the commands of its test script.
 *
 * @param script as in `hatch run`: `test:cov`, `cov`.
 */
export function hatchEnvironment(
  manifests: PythonManifests,
  script?: string | undefined,
): TestEnvironment | undefined {
  const { isOwn, envs } = environmentsOf(manifests)
  const [envName, scriptName] = script?.includes(':') ? script.split(':', 2) : [undefined, script]
  const names = envName === undefined ? ['hatch-test', 'test', 'tests', 'default', 'dev'] : [envName]
  const name = names.find((one) => valueAt(envs, [one]) !== undefined || one === envName)
  if (name === undefined) return undefined
  const [template = 'default'] = stringsIn(envs, [name, 'template'])
  const scripts = { ...tableAt(envs, [template, 'scripts']), ...tableAt(envs, [name, 'scripts']) }
  const key = [scriptName, 'test', 'tests', 'cov', 'run'].find(
    (one) => one !== undefined && keysIn(scripts, []).includes(one),
  )
  const texts = (field: string) => [
    ...stringsIn(envs, [name, field]),
    ...(name === template ? [] : stringsIn(envs, [template, field])),
  ]
  const isOfHatch = name === 'hatch-test' || template === 'hatch-test'
  const defaults = isOfHatch ? hatchDefaults(manifests).join(' ') : ''
  return {
    source: isOwn ? 'hatch.toml' : 'pyproject.toml',
    requirements: [
      ...(isOfHatch ? OF_HATCH : []),
      ...[...texts('dependencies'), ...texts('extra-dependencies')].map(inRepository),
    ],
    extras: texts('features'),
    groups: texts('dependency-groups'),
    commands: key === undefined ? [] : stringsIn(scripts, [key]).map((line) => plainLine(line, defaults)),
  }
}

/** Turns a requirement in the repository, `a[b] @ {root:uri}/a`, into `-e ./a[b]`. */
function inRepository(text: string): string {
  const [, extras = '', folder] =
    /^[\w.-]{1,80}(\[[\w,-]{1,80}\])?\s?@\s?\{root:uri\}\/([\w./-]{1,200})$/.exec(text) ?? []
  return folder === undefined ? text : `-e ./${folder}${extras}`
}

/** Fills in the defaults of fields: `pytest{env:ARGS:} {args:tests}` becomes `pytest tests`. */
function plainLine(line: string, defaults: string): string {
  return line
    .slice(0, 1000)
    .replace(/\{env:\w{1,60}:?([^{}]{0,200})\}/g, '$1')
    .replace(/\s?\{args(?::([^{}]{0,200}))?\}/g, (_, said: string | undefined) => ` ${said ?? defaults}`)
    .trim()
}

function environmentsOf({ pyproject, hatchToml }: PythonManifests): {
  readonly isOwn: boolean
  readonly envs: unknown
} {
  const isOwn = valueAt(hatchToml, ['envs']) !== undefined
  return { isOwn, envs: valueAt(isOwn ? hatchToml : pyproject, isOwn ? ['envs'] : ['tool', 'hatch', 'envs']) }
}

function tableAt(value: unknown, path: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(keysIn(value, path).map((key) => [key, valueAt(value, [...path, key])]))
}
