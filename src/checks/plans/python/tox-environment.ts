import { isRecord } from '../../../text/is-record.ts'
import { isTelling } from '../ci/script-lines.ts'
import { type IniFile, iniList, readIni } from '../read-ini.ts'
import { stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'
import type { TestEnvironment } from './test-environments.ts'

const MOST = 60

/**
 * What tox would install and run, of tox.ini, setup.cfg, tox.toml or pyproject.toml.
 *
 * @param named the environment that CI runs, `py312` or `tests`; undefined for the usual one.
 */
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
  const factors = new Set(['py', 'py3', ...(named ?? '').split('-')])
  const names = [...ini.keys()].filter((name) => name.startsWith('testenv:'))
  const own =
    named === undefined
      ? names.find((name) => /^testenv:(?:[^a-z]*|\{,\w+-?\})py/.test(name))
      : names.find((name) => alternativesOf(name.slice('testenv:'.length)).includes(named))
  const hasCommands = iniList(ini, 'testenv', 'commands').length > 0
  const sections = [...(own !== undefined && (named !== undefined || !hasCommands) ? [own] : []), 'testenv']
  const list = (key: string): readonly string[] => {
    const said = sections.find((name) => ini.get(name)?.get(key) !== undefined)
    const lines = said === undefined ? [] : iniList(ini, said, key)
    return lines
      .slice(0, MOST)
      .flatMap((line) => resolve(ini, line))
      .flatMap((line) => lineFor(factors, line))
  }
  const words = (key: string) =>
    list(key)
      .flatMap((line) => line.split(/[\s,]+/))
      .filter((word) => word !== '')
  const commands = joined(list('commands')).map(plainCommand)
  return {
    source,
    requirements: [...list('deps'), ...commands.flatMap(installed)].map((line) =>
      line.replace(/^(-[rc])(?=\S)/, '$1 '),
    ),
    extras: words('extras'),
    groups: words('dependency_groups'),
    env: [...list('setenv'), ...list('set_env')].flatMap(variable),
    commands,
  }
}

/** `NAME = value`, if it is plain and counts. */
function variable(line: string): readonly string[] {
  const [, name = '', said = ''] = /^(\w{1,60})\s{0,9}=\s{0,9}(.*)$/.exec(line) ?? []
  const value = said.replace(/\{(?:toxinidir|tox_root)\}/g, '.').trim()
  return isTelling(name) && /^[\w@%+=:,./-]{1,120}$/.test(value) ? [`${name}=${value}`] : []
}

/** `{,ci-}py{310,311},pypy3`: names of environments, as far as they are spelled out. */
function alternativesOf(name: string): readonly string[] {
  let found: readonly string[] = splitOutside(name)
  for (let round = 0; round < 4; round++) {
    found = found
      .flatMap((one) => {
        const [whole, inner = ''] = /\{([^{}]*)\}/.exec(one) ?? []
        return whole === undefined ? [one] : inner.split(',').map((part) => one.replace(whole, part.trim()))
      })
      .slice(0, 200)
  }
  return found
}

/** At commas that are in no braces. */
function splitOutside(text: string): readonly string[] {
  return text
    .split(/,(?![^{}]*\})/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** `pip install -e .[d]` among the commands. */
function installed(command: string): readonly string[] {
  const rest = /^(?:python3? -m )?pip install (?:-U )?(?:-e )?(\.(?:\[[\w,-]+\])?)$/.exec(command)?.[1]
  return rest === undefined ? [] : [rest]
}

/** A line of some environments, `py39,py310-cov: mock`: without its condition if that holds, else nothing. */
function lineFor(factors: ReadonlySet<string>, line: string): readonly string[] {
  const [, condition, rest] = /^([!\w{},.-]{1,300}):\s+(.*)$/.exec(line) ?? []
  if (condition === undefined || rest === undefined) return [line]
  const holds = (factor: string) => factors.has(factor) || /^(?:py)?3\.?(?:1[0-4])$/.test(factor)
  const isTrue = alternativesOf(condition).some((one) =>
    one
      .split('-')
      .every((factor) => (factor.startsWith('!') ? !factors.has(factor.slice(1)) : holds(factor))),
  )
  return isTrue ? [rest] : []
}

/** `{[testenv]deps}` means the lines of another section. */
function resolve(ini: IniFile, line: string): readonly string[] {
  const [, section, key] = /^\{\[([\w:.-]+)\](\w+)\}$/.exec(line) ?? []
  return section === undefined || key === undefined ? [line] : iniList(ini, section, key).slice(0, MOST)
}

function joined(lines: readonly string[]): readonly string[] {
  return lines
    .join('\n')
    .replace(/\s*\\\n\s*/g, ' ')
    .split('\n')
}

function plainCommand(line: string): string {
  let text = line.slice(0, 1000)
  // From the inside out.
  for (let round = 0; round < 4; round++) {
    text = text.replace(/\{(?:posargs|env:\w+):([^{}]*)\}/g, '$1').replace(/\{posargs\}/g, '')
  }
  return text
    .replace(/^- ?/, '')
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
