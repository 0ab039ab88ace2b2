import { isRecord } from '../../../text/is-record.ts'
import { type IniFile, iniList, readIni } from '../read-ini.ts'
import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'

/** What tox, nox or hatch would install and run for tests, without them. */
export interface TestEnvironment {
  /** For people: `tox.ini`, `noxfile.py`. */
  readonly source: string
  /** Arguments of pip: `pytest>=8`, `-r tests/requirements.txt`. */
  readonly requirements: readonly string[]
  readonly extras: readonly string[]
  readonly groups: readonly string[]
  /** Command lines, in order, as far as they are plain. */
  readonly commands: readonly string[]
}

const MOST = 60

/** @param named the environment that CI runs, `py312` or `tests`; undefined for the usual one. */
export function toxEnvironment(
  { toxIni, setupCfg, toxToml, pyproject }: PythonManifests,
  named?: string | undefined,
): TestEnvironment | undefined {
  const legacy = valueAt(pyproject, ['tool', 'tox', 'legacy_tox_ini'])
  const inis: readonly (readonly [string, IniFile])[] = [
    ['tox.ini', toxIni],
    ['setup.cfg', setupCfg],
    ['pyproject.toml', readIni(typeof legacy === 'string' ? legacy : undefined)],
  ]
  const [source, ini] =
    inis.find(([, file]) => [...file.keys()].some((name) => /^testenv(?:$|:)/.test(name))) ?? []
  if (source !== undefined && ini !== undefined) return iniEnvironment(ini, source, named)
  const tables = [toxToml, valueAt(pyproject, ['tool', 'tox'])]
  const table = tables.find(
    (one) => valueAt(one, ['env_run_base']) !== undefined || valueAt(one, ['env']) !== undefined,
  )
  if (table === undefined) return undefined
  return tomlEnvironment(table, table === toxToml ? 'tox.toml' : 'pyproject.toml', named)
}

function iniEnvironment(ini: IniFile, source: string, named: string | undefined): TestEnvironment {
  const own = named === undefined ? undefined : `testenv:${named}`
  const section = own !== undefined && ini.has(own) ? own : 'testenv'
  const list = (key: string): readonly string[] => {
    const said = [section, 'testenv'].find((name) => ini.get(name)?.get(key) !== undefined)
    const lines = said === undefined ? [] : iniList(ini, said, key)
    return lines.slice(0, MOST).flatMap((line) => resolve(ini, line))
  }
  const words = (key: string) =>
    unconditional(list(key))
      .flatMap((line) => line.split(/[\s,]+/))
      .filter((word) => word !== '')
  return {
    source,
    requirements: unconditional(list('deps')).map((line) => line.replace(/^(-[rc])(?=\S)/, '$1 ')),
    extras: words('extras'),
    groups: words('dependency_groups'),
    commands: joined(unconditional(list('commands'))).map(plainCommand),
  }
}

/** `{[testenv]deps}` means the lines of another section. */
function resolve(ini: IniFile, line: string): readonly string[] {
  const [, section, key] = /^\{\[([\w:.-]+)\](\w+)\}$/.exec(line) ?? []
  return section === undefined || key === undefined ? [line] : iniList(ini, section, key).slice(0, MOST)
}

/** Lines for each environment; those of some factors, `py39: mock`, only if there are no others. */
function unconditional(lines: readonly string[]): readonly string[] {
  const condition = /^[!\w{},.-]{1,60}:\s+/
  const plain = lines.filter((line) => !condition.test(line))
  return plain.length > 0 ? plain : lines.slice(0, 1).map((line) => line.replace(condition, ''))
}

function joined(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
}

function plainCommand(line: string): string {
  return line
    .replace(/^- ?/, '')
    .replace(/\{posargs:([^{}]*)\}/g, '$1')
    .replace(/\{posargs\}|\[\]/g, '')
    .replace(/\{(?:toxinidir|tox_root|changedir)\}\/?/g, './')
    .replace(/\{envpython\}/g, 'python3')
    .replace(/\{envbindir\}\//g, '')
    .replace(/\{\/\}/g, '/')
    .replace(/\s+/g, ' ')
    .trim()
}

function tomlEnvironment(table: unknown, source: string, named: string | undefined): TestEnvironment {
  const own = named === undefined ? undefined : valueAt(table, ['env', named])
  const base = valueAt(table, ['env_run_base'])
  const value = (key: string) => valueAt(own, [key]) ?? valueAt(base, [key])
  const texts = (key: string) =>
    stringsIn(value(key), [])
      .flatMap((text) => text.split('\n'))
      .filter((text) => text.trim() !== '')
  const commands: unknown = value('commands')
  return {
    source,
    requirements: texts('deps').map((line) => line.trim().replace(/^(-[rc])(?=\S)/, '$1 ')),
    extras: texts('extras'),
    groups: texts('dependency_groups'),
    commands: (Array.isArray(commands) ? commands.slice(0, MOST) : []).map((one: unknown) =>
      plainCommand(Array.isArray(one) ? one.flatMap(tomlWord).join(' ') : ''),
    ),
  }
}

function tomlWord(word: unknown): readonly string[] {
  if (typeof word === 'string') return [/\s/.test(word) ? `"${word}"` : word]
  return isRecord(word) && word.replace === 'posargs' ? stringsIn(word, ['default']) : []
}

/** The environment of hatch with a script for tests; `hatch test` brings its own. */
export function hatchEnvironment(
  { pyproject }: PythonManifests,
  script?: string | undefined,
): TestEnvironment | undefined {
  const envs = ['tool', 'hatch', 'envs']
  const [envName, scriptName] = script?.includes(':') ? script.split(':', 2) : [undefined, script]
  const names = envName === undefined ? ['hatch-test', 'test', 'tests', 'default', 'dev'] : [envName]
  const name = names.find((one) => valueAt(pyproject, [...envs, one]) !== undefined)
  if (name === undefined) return undefined
  const scripts = valueAt(pyproject, [...envs, name, 'scripts'])
  const key = [scriptName, 'test', 'tests', 'cov', 'run'].find(
    (one) => one !== undefined && keysIn(scripts, []).includes(one),
  )
  const texts = (field: string) => [
    ...stringsIn(pyproject, [...envs, name, field]),
    ...(name === 'default' ? [] : stringsIn(pyproject, [...envs, 'default', field])),
  ]
  const own =
    name === 'hatch-test'
      ? ['pytest', 'pytest-mock', 'pytest-randomly', 'pytest-rerunfailures', 'pytest-xdist']
      : []
  return {
    source: 'pyproject.toml',
    requirements: [...own, ...texts('dependencies'), ...texts('extra-dependencies')],
    extras: texts('features'),
    groups: texts('dependency-groups'),
    commands:
      key === undefined
        ? []
        : stringsIn(scripts, [key]).map((line) => line.replace(/\s?\{args(?::([^{}]*))?\}/g, ' $1').trim()),
  }
}

/** The session of nox for tests, as far as its calls have nothing but plain texts; undefined if one has more. */
export function noxEnvironment(
  { noxfile }: PythonManifests,
  named?: string | undefined,
): TestEnvironment | undefined {
  const lines = noxfile.split('\n')
  const wanted =
    named === undefined
      ? /^def (?:tests?|unit|unit_tests?|pytest)\(/
      : new RegExp(`^def ${named.replace(/\W.*$/, '')}\\(`)
  const start = lines.findIndex((line) => wanted.test(line))
  if (start === -1) return undefined
  const rest = lines.slice(start + 1)
  const end = rest.findIndex((line) => /^\S/.test(line) && !/^\)/.test(line))
  const body = rest
    .slice(0, end === -1 ? 200 : end)
    .join(' ')
    .replace(/\s+/g, ' ')
  const calls = [...body.matchAll(/session\.(install|run)\(([^()]{0,600})\)/g)]
  const requirements: string[] = []
  const commands: string[] = []
  for (const [, call, text = ''] of calls) {
    const args = text.split(/,\s?/).filter((one) => one !== '' && !/^\*?session\.posargs$|^\w+\s?=/.test(one))
    const texts = args.map((one) => /^["']([^"']*)["']$/.exec(one.trim())?.[1])
    if (texts.some((one) => one === undefined)) return undefined
    const words = texts.filter((one) => one !== undefined)
    if (call === 'run') commands.push(words.join(' '))
    else requirements.push(words.join(' '))
  }
  if (requirements.length === 0 || commands.length === 0) return undefined
  return { source: 'noxfile.py', requirements, extras: [], groups: [], commands }
}
