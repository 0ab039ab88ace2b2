import { isRecord } from '../../../text/is-record.ts'
import { isTelling } from '../ci/said-variables.ts'
import { type IniFile, iniList, readIni } from '../read-ini.ts'
import { stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import { groupName, type TestEnvironment } from './test-environments.ts'
import { ledName, usualFactors } from './tox-factors.ts'
import { alternativesOf, installed, joinedLines, plainCommand } from './tox-lines.ts'

const MOST = 60
const FACTORS = ['tests', 'test', 'unit', 'pytest']
/** Commands that run tests. */
const RUNS =
  /(?:^|[\s/])(?:pytest|py\.test|unittest|nose2|stestr|trial|[\w/]*manage\.py|\w*run_?tests?(?:\.py)?)(?:\s|$)/

/**
 * What tox would install and run, according to tox.ini, setup.cfg, tox.toml or pyproject.toml; undefined without such a file.
 *
 * @param named the environment that CI runs, `py312` or `tests`; undefined for the usual one.
 */
export function toxEnvironment(
  manifests: PythonManifests,
  named?: string | undefined,
): TestEnvironment | undefined {
  const found = environmentOf(manifests, named)
  if (found === undefined || found.commands.length > 0) return found
  // A line `tests: pytest` runs only in environments such as `py312-tests`; `py` would run nothing, and pass.
  for (const factor of FACTORS) {
    const name = `${named ?? 'py'}-${factor}`
    const other = environmentOf(manifests, name)
    if (other !== undefined && other.commands.length > 0) return { ...other, name }
  }
  return found
}

function environmentOf(
  { toxIni, setupCfg, toxToml, pyproject }: PythonManifests,
  named: string | undefined,
): TestEnvironment | undefined {
  const legacy = valueAt(pyproject, ['tool', 'tox', 'legacy_tox_ini'])
  const inis: readonly (readonly [string, IniFile])[] = [
    ['tox.ini', toxIni],
    ['setup.cfg', setupCfg],
    ['pyproject.toml', readIni(typeof legacy === 'string' ? withoutIndent(legacy) : undefined)],
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

/** A text whose sections are all indented, as in a string of TOML, without what its first section has in front. */
function withoutIndent(text: string): string {
  const indent = /^[ \t]{1,40}(?=\[)/m.exec(text)?.[0]
  const isCommon = indent !== undefined && !/^\S/m.test(text)
  return isCommon
    ? text
        .split('\n')
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
        .join('\n')
    : text
}

/** The packages with which tox can create its environments: runners such as `uv-venv-lock-runner` need the plugin tox-uv. */
export function toxPrograms({ toxIni, setupCfg, toxToml, pyproject }: PythonManifests): readonly string[] {
  const tables = [toxToml, valueAt(pyproject, ['tool', 'tox'])]
  const runners = [
    ...[toxIni, setupCfg].flatMap((ini) => iniList(ini, 'testenv', 'runner')),
    ...tables.map((table) => valueAt(table, ['env_run_base', 'runner'])),
  ]
  return runners.some((runner) => typeof runner === 'string' && runner.startsWith('uv-venv'))
    ? ['tox', 'tox-uv']
    : ['tox']
}

function iniEnvironment(ini: IniFile, source: string, named: string | undefined): TestEnvironment {
  const isPlain = named === undefined || /^py3?$/.test(named)
  const usual = isPlain ? usualFactors(ini) : []
  const led = isPlain && usual.length === 0 ? ledEnvironment(ini, source) : undefined
  if (led !== undefined) return led
  const read = (factors: readonly string[]) => readIniEnvironment(ini, { source, named, usual: factors })
  // Beside `core`, environments such as `wheel` and `package` do not test.
  const testing = usual.map(read).findLast(({ commands }) => commands.some((command) => RUNS.test(command)))
  return testing ?? read(usual.at(-1) ?? [])
}

function readIniEnvironment(
  ini: IniFile,
  {
    source,
    named,
    usual,
  }: { readonly source: string; readonly named: string | undefined; readonly usual: readonly string[] },
): TestEnvironment {
  const isPlain = named === undefined || /^py3?$/.test(named)
  const factors = new Set(['py', 'py3', ...(isPlain ? usual : named.split('-'))])
  const names = [...ini.keys()].filter((name) => name.startsWith('testenv:'))
  const own =
    named === undefined
      ? names.find((name) => /^testenv:(?:[^a-z]*|\{,\w+-?\})py/.test(name))
      : names.find((name) => alternativesOf(name.slice('testenv:'.length)).includes(named))
  const hasCommands = iniList(ini, 'testenv', 'commands').length > 0
  // If only an environment such as `py3` has commands, its name is needed: `py` would run nothing.
  const ownName = named === undefined && !hasCommands ? /^testenv:(py3?)$/.exec(own ?? '')?.[1] : undefined
  const sections = [...(own !== undefined && (named !== undefined || !hasCommands) ? [own] : []), 'testenv']
  const list = (key: string): readonly string[] => {
    const said = sections.find((name) => ini.get(name)?.get(key) !== undefined)
    const lines = said === undefined ? [] : iniList(ini, said, key)
    return lines
      .slice(0, MOST)
      .flatMap((line) => resolve(ini, line, factors))
      .flatMap((line) => lineFor(factors, line))
  }
  const words = (key: string) =>
    list(key)
      .flatMap((line) => line.split(/[\s,]+/))
      .filter((word) => word !== '')
  const plain = (key: string) =>
    joinedLines(list(key))
      .map(plainCommand)
      .filter((command) => command !== '')
  const commands = plain('commands')
  return {
    source,
    requirements: [...list('deps'), ...[...plain('commands_pre'), ...commands].flatMap(installed)].map(
      (line) => line.replace(/^(-[rc])(?=\S)/, '$1 '),
    ),
    extras: words('extras'),
    groups: words('dependency_groups').flatMap(groupName),
    env: [...list('setenv'), ...list('set_env')].flatMap(variable),
    commands,
    folder: changedFolder(list('changedir')[0] ?? list('change_dir')[0]),
    // The name is without a version of Python, since the sandbox has its own.
    name: usual.length < 2 || named !== undefined ? ownName : ['py', ...usual.slice(1)].join('-'),
  }
}

/** The usual environment of those that begin with what they do: `test-py{3.12, 3.11}`. Others may only say that they do nothing. */
function ledEnvironment(ini: IniFile, source: string): TestEnvironment | undefined {
  const name = ledName(ini)
  if (name === undefined) return undefined
  const found = readIniEnvironment(ini, { source, named: name, usual: [] })
  return found.commands.some((command) => RUNS.test(command)) ? { ...found, name } : undefined
}

/** The `changedir` of tox if it is a folder of the repository; undefined for folders of tox itself. */
function changedFolder(said: string | undefined): string | undefined {
  const plain = (said ?? '').trim().replace(/^\{(?:toxinidir|tox_root)\}\/|\/$/g, '')
  return /^\w[\w.-]{0,60}(?:\/\w[\w.-]{0,60}){0,4}$/.test(plain) ? plain : undefined
}

/** Reads a line `NAME = value`, if its value is plain and tests may need it. */
function variable(line: string): readonly string[] {
  const [, name = '', said = ''] = /^(\w{1,60})\s{0,9}=\s{0,9}(.*)$/.exec(line) ?? []
  const value = said.replace(/\{(?:toxinidir|tox_root)\}/g, '.').trim()
  return isTelling(name) && /^[\w@%+=:,./-]{1,120}$/.test(value) ? [`${name}=${value}`] : []
}

/** A line such as `py39,py310-cov: mock` without its condition, or nothing if the condition does not hold. */
function lineFor(factors: ReadonlySet<string>, line: string): readonly string[] {
  const [, condition, rest] =
    /^([!\w{},.-]{1,300}(?:,[ \t][!\w{},.-]{1,60}){0,9})\s{0,9}:\s+(.*)$/.exec(line) ?? []
  if (condition === undefined || rest === undefined) return [line]
  const holds = (factor: string) => factors.has(factor) || /^(?:py)?3\.?(?:1[0-4])$/.test(factor)
  const isTrue = alternativesOf(condition).some((one) =>
    one
      .split('-')
      .every((factor) => (factor.startsWith('!') ? !factors.has(factor.slice(1)) : holds(factor))),
  )
  return isTrue ? [rest] : []
}

/** Replaces a reference such as `{[testenv]deps}` by the lines of that section, inside a line by those that hold. */
function resolve(ini: IniFile, line: string, factors: ReadonlySet<string>): readonly string[] {
  const [, section, key] = /^\{\[([\w:.-]+)\](\w+)\}$/.exec(line) ?? []
  if (section !== undefined && key !== undefined) return iniList(ini, section, key).slice(0, MOST)
  const inner = (name: string, list: string) =>
    iniList(ini, name, list)
      .slice(0, MOST)
      .flatMap((one) => lineFor(factors, one))
      .join(' ')
  return [
    line.replace(/\{\[([\w:.-]{1,60})\](\w{1,60})\}/g, (_, name: string, list: string) => inner(name, list)),
  ]
}

function tomlEnvironment(table: unknown, source: string, named: string | undefined): TestEnvironment {
  const own = named === undefined ? undefined : valueAt(table, ['env', named])
  const base = valueAt(table, ['env_run_base'])
  const value = (key: string) => valueAt(own, [key]) ?? valueAt(base, [key])
  const texts = (key: string) =>
    stringsIn(value(key), [])
      .flatMap((text) => text.split('\n'))
      .filter((text) => text.trim() !== '')
  const plain = (key: string): readonly string[] => {
    const said: unknown = value(key)
    return (Array.isArray(said) ? said.slice(0, MOST) : []).map((one: unknown) =>
      plainCommand(Array.isArray(one) ? one.flatMap(tomlWord).join(' ') : ''),
    )
  }
  const commands = plain('commands')
  return {
    source,
    requirements: [
      ...texts('deps').map((line) => line.trim().replace(/^(-[rc])(?=\S)/, '$1 ')),
      ...[...plain('commands_pre'), ...commands].flatMap(installed),
    ],
    extras: texts('extras'),
    groups: texts('dependency_groups'),
    commands,
  }
}

function tomlWord(word: unknown): readonly string[] {
  if (typeof word === 'string') return [/\s/.test(word) ? `"${word}"` : word]
  return isRecord(word) && word.replace === 'posargs' ? stringsIn(word, ['default']) : []
}
