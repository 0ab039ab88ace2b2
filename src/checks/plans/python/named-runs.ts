import { shellQuote } from '../../../text/shell-quote.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import { hatchDefaults, hatchEnvironment } from './hatch-environment.ts'
import type { PythonManifests } from './python-manifests.ts'
import { type NamedRun, type PythonTest, readPythonTest, versionless } from './said-python-test.ts'
import {
  hasNoxMatrix,
  noxEnvironment,
  onlyReports,
  runsPytest,
  type TestEnvironment,
} from './test-environments.ts'
import { toxEnvironment } from './tox-environment.ts'
import { nameByVariables } from './tox-factors.ts'

/** Names of tox environments and nox sessions that run tests. */
const FOR_TESTS =
  /^\{?(?:(?:ci-)?(?:py(?:py)?(?:thon|test|\d|[-{_]|$)|3\.?\d)|tests?(?:[-_(]|$)|unit|ci$|cov|all|nodeps|default|full|core)/i
/** Commands that only report or collect what tests have measured. */
const REPORTING = /^(?:python3? (?:-m )?)?(?:coverage (?!run\b)|diff[-_]cover|codecov|coveralls)/
/** Commands that only read sources, such as linters, or that build something from them. */
const LOOKING = /^(?:pre-commit|prek|mypy|ruff|black|flake8|pyright|sphinx-\w+|mkdocs|make) /
/** Commands with which another manager installs what the tests need. */
const MANAGED = /^(?:poetry|pdm|pipenv) (?:install|sync)(?: |$)/
const MOST = 2
/** The usual name of the nox session for tests. */
const SESSION = 'tests'

/** Whether a tox environment or a nox session runs tests, by its name. */
export function namesTests(name: string): boolean {
  return FOR_TESTS.test(name)
}

/** Runs all tests that pytest finds. */
export const PYTEST: PythonTest = { args: '-m pytest', module: 'pytest', isWhole: true }

interface Explained {
  readonly tests: readonly PythonTest[]
  readonly environment?: TestEnvironment | undefined
}

/** The tests that an environment or a script of the manifests runs. If it cannot be read, the tool itself runs it. */
export function explain(said: PythonTest | NamedRun | undefined, manifests: PythonManifests): Explained {
  if (said === undefined) return { tests: [] }
  if ('args' in said) return { tests: [said] }
  const { tool, name } = said
  if (tool === 'script') {
    const tests = scriptTexts(manifests, name ?? '').flatMap((text) => readPythonTest(text) ?? [])
    return { tests: tests.flatMap((test) => ('args' in test ? [test] : [])) }
  }
  const find = { tox: toxEnvironment, nox: noxEnvironment, hatch: hatchEnvironment }[tool]
  const isForTests =
    name === undefined ||
    tool === 'hatch' ||
    (namesTests(name) && !(tool === 'nox' && onlyReports(manifests, name))) ||
    (tool === 'nox' && runsPytest(manifests, name))
  if (!isForTests) return { tests: [] }
  const environment = find(manifests, name) ?? find(manifests)
  // What another manager installs inside the environment is best left to tox.
  if (
    tool === 'tox' &&
    !manifests.isLocked &&
    environment?.commands.some((one) => MANAGED.test(one)) === true
  )
    return { tests: [toolRun(tool, environment.name ?? name)], environment }
  const tests = (environment?.commands ?? []).flatMap((command) => {
    const test = readPythonTest(command)
    return test !== undefined && 'args' in test ? [test] : []
  })
  if (tests.length > 0) return { tests: tests.slice(0, MOST), environment }
  if (tool === 'hatch') {
    const isOther = environment?.commands.some((command) => LOOKING.test(command)) === true
    if (isOther) return { tests: [] }
    const isTest = name === undefined || /(?:^|:)(?:run|all|unit|cov|py|.*test.*)$/i.test(name)
    return { tests: isTest ? [hatchTest(manifests, name)] : [], environment }
  }
  // An environment without test commands would pass and prove nothing.
  const isEmpty =
    tool === 'tox' &&
    environment !== undefined &&
    environment.commands.every((command) => REPORTING.test(command))
  // The environment's name must be a version of Python, and the sandbox may have another one.
  const isVersion =
    tool === 'tox' && /\{env_?name\}/.test(manifests.toxIni.get('testenv')?.get('basepython') ?? '')
  // A session with parameters would also need databases and versions that the sandbox lacks.
  const isMatrix = tool === 'nox' && hasNoxMatrix(manifests, name ?? sessionOf(manifests) ?? '')
  // Without a name, the default name might be of a session that does not exist.
  const session = tool === 'nox' && name === undefined ? sessionOf(manifests) : (environment?.name ?? name)
  if (tool === 'nox' && session === undefined) return { tests: [] }
  return { tests: isEmpty || isVersion || isMatrix ? [] : [toolRun(tool, session)] }
}

/** The session of nox for tests. */
function sessionOf({ noxfile }: PythonManifests): string | undefined {
  return (
    /^def (tests?|unit_tests?|unit|pytest)\(/m.exec(noxfile)?.[1] ??
    (/\bname=["']tests["']/.test(noxfile) ? SESSION : undefined)
  )
}

/** `hatch test` runs pytest in the folders that its environment names. */
function hatchTest(manifests: PythonManifests, name: string | undefined): PythonTest {
  if (!name?.startsWith('hatch-test')) return PYTEST
  const args = hatchDefaults(manifests).map(shellQuote).join(' ')
  return { ...PYTEST, args: `${PYTEST.args} ${args}` }
}

export function toolRun(tool: 'tox' | 'nox', name: string | undefined): PythonTest {
  const args =
    tool === 'tox'
      ? `-m tox -e ${name ?? 'py'}`
      : // A session whose interpreter is missing would be skipped, and pass.
        `-m nox -s ${(name ?? SESSION).replace(/(?:-\d[\d.]*)?(?:\(.*)?$/, '')} --force-python python3`
  return { args, module: tool, isWhole: true }
}

/** The tool that a run needs; empty for a test without one. */
export function toolOf(said: PythonTest | NamedRun | undefined): string {
  return said === undefined || 'args' in said ? '' : said.tool
}

/** The environment of tox that variables of CI choose for its lines, whatever else these lines need. */
export function chosenByVariables(
  { toxIni }: PythonManifests,
  lines: readonly SaidLine[],
): string | undefined {
  const names = lines.flatMap(({ command, env }) => {
    const said = readPythonTest(command)
    const isBare = said !== undefined && !('args' in said) && said.tool === 'tox' && said.name === undefined
    return isBare ? (nameByVariables(toxIni, env) ?? []) : []
  })
  return names[0]
}

/** Adds the environment that `TOXENV`, `NOXSESSION` or a variable of tox-gh-actions names to a run of tox or nox without a name. */
export function withNamed(
  said: PythonTest | NamedRun | undefined,
  { env }: SaidLine,
  { toxIni }: PythonManifests,
): PythonTest | NamedRun | undefined {
  if (said === undefined || 'args' in said || said.name !== undefined) return said
  const variable = { tox: 'TOXENV', nox: 'NOXSESSION', hatch: '', script: '' }[said.tool]
  const name = env.flatMap((one) =>
    one.startsWith(`${variable}=`) ? [one.slice(variable.length + 1)] : [],
  )[0]
  const mapped = said.tool === 'tox' && name === undefined ? nameByVariables(toxIni, env) : undefined
  if (mapped !== undefined) return { ...said, name: mapped }
  return name === undefined || variable === ''
    ? said
    : { ...said, name: versionless(name.replace(/^'|'$/g, '').split(',')) }
}

export function scriptTexts(
  { pyproject, pipfile, pixiToml }: PythonManifests,
  name: string,
): readonly string[] {
  const places: readonly (readonly string[])[] = [
    ['tool', 'pdm', 'scripts', name],
    ['tool', 'poe', 'tasks', name],
    ['tool', 'rye', 'scripts', name],
    ['tool', 'taskipy', 'tasks', name],
  ]
  // Environments of pixi may have tasks of their own.
  const tasksOfPixi = (table: unknown) =>
    [[], ...keysIn(table, ['feature']).map((feature) => ['feature', feature])].flatMap((start) => {
      const path = [...start, 'tasks', name]
      return [...stringsIn(table, path), ...stringsIn(table, [...path, 'cmd'])]
    })
  // A task of poe may be a list of commands.
  const parts = valueAt(pyproject, ['tool', 'poe', 'tasks', name, 'sequence'])
  return [
    ...places.flatMap((path) => [...stringsIn(pyproject, path), ...stringsIn(pyproject, [...path, 'cmd'])]),
    ...(Array.isArray(parts) ? parts.slice(0, 10).flatMap((part) => stringsIn(part, ['cmd'])) : []),
    ...stringsIn(pipfile, ['scripts', name]),
    ...tasksOfPixi(valueAt(pyproject, ['tool', 'pixi'])),
    ...tasksOfPixi(pixiToml),
  ]
}
