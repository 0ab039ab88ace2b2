import { shellQuote } from '../../../text/shell-quote.ts'
import type { Folder } from '../../project.ts'
import type { SaidLine } from '../ci/said-lines.ts'
import { chosenLock, hasLock, isBesideLock } from './chosen-lock.ts'
import { groupOptions, isListed, isPinned, listsTests, pipInstalls } from './ci-installs.ts'
import type { PythonManifests } from './python-manifests.ts'
import { type PythonNeeds, requirementsOf } from './python-needs.ts'
import { defaultGroups, type PythonRunner } from './python-runner.ts'
import { toxPrograms } from './tox-environment.ts'
import { managerSetup, venvSetup } from './virtual-environment.ts'

/** The commands that install a Python project, and the program that its other commands start with. */
export interface PythonSetup {
  readonly commands: readonly string[]
  /** What commands start with: `python3`, `uv run --frozen python3`. */
  readonly python: string
}

const MOST_LISTS = 8
/** Paths of files that list requirements for the project itself and for its tests. */
const LISTS = [
  /^requirements\.txt$/,
  /^requirements[-_.](?:dev|tests?|testing|develop|development|ci|local)\.txt$|^(?:dev|tests?|testing)[-_]requirements\.txt$/,
  /^(?:requirements|reqs)\/(?:base|common|main|default|requirements|test[-_]ci[-_]\w+|dev|tests?|testing|develop|development|ci|local)\.txt$/,
  /^(?:tests?|ci|dev)\/(?:requirements|test[-_]requirements|requirements[-_](?:dev|tests?|ci|linux))\.txt$/i,
]

export interface SetupSources {
  readonly manifests: PythonManifests
  readonly needs: PythonNeeds
  readonly runner: PythonRunner | undefined
  /** Lines of the CI job that tests, from which the installed packages are read. */
  readonly installs: readonly SaidLine[]
  /** Whether the project gets a virtual environment in its folder; else it shares the one at the root of the workspace. */
  readonly ownEnvironment: boolean
}

export function requirementLists(folder: Folder): readonly string[] {
  const found = LISTS.flatMap((pattern) => folder.files.filter((file) => pattern.test(file)).toSorted())
  return [...new Set(found)].slice(0, MOST_LISTS)
}

export function pythonSetup(folder: Folder, sources: SetupSources): PythonSetup {
  const programs = (name: string) => (name === 'tox' ? toxPrograms(sources.manifests) : [name])
  // tox and nox create environments of their own, and lock files seldom have them.
  const maker = sources.runner?.tests.map((test) => test.module).find((name) => /^(?:tox|nox)$/.test(name))
  if (maker !== undefined && hasLock(folder))
    return { commands: venvSetup(folder, sources.ownEnvironment, programs(maker)), python: 'python3' }
  const lock = isBesideLock(sources.runner, sources.needs) ? undefined : chosenLock(folder, sources)
  if (lock === 'uv') return uvSetup(folder, sources)
  if (lock === 'poetry') return poetrySetup(folder, sources)
  if (lock === 'pdm') return pdmSetup(folder, sources)
  if (folder.has('Pipfile')) {
    const install = folder.has('Pipfile.lock') ? 'pipenv sync --dev' : 'pipenv install --dev --skip-lock'
    return {
      commands: [...managerSetup(folder, sources.ownEnvironment, 'pipenv'), install],
      python: 'pipenv run python3',
    }
  }
  const installs = pipArguments(folder, sources)
  // A virtual environment does not see packages of the system, so it needs the test runner as well.
  const module = sources.runner?.tests
    .map((test) => test.module)
    .find((name) => /^(?:pytest|tox|nox|stestr|nose2|twisted|invoke)/.test(name))
  const missing = module !== undefined && (installs.length > 0 || !folder.tools.has(module))
  const last = installs.at(-1) ?? ''
  const program = module?.replace(/^twisted.*/, 'twisted') ?? ''
  const isNamed = last.split(' ').includes(program)
  const all =
    missing && !isNamed
      ? [...installs.slice(0, -1), [last, ...programs(program)].filter((text) => text !== '').join(' ')]
      : installs
  const commands = venvSetup(
    folder,
    sources.ownEnvironment,
    all.filter((text) => text !== ''),
  )
  return { commands, python: sources.ownEnvironment && commands.length > 0 ? '.venv/bin/python3' : 'python3' }
}

function uvSetup(folder: Folder, sources: SetupSources): PythonSetup {
  const { needs, runner, installs, manifests } = sources
  const isThere = folder.tools.has('uv')
  const ofCiAlone = groupOptions(installs, 'uv')
  const isUnused = runner?.isUnused === true && ofCiAlone !== undefined
  const environment = isUnused ? undefined : runner?.environment
  const said = environment === undefined ? ofCiAlone : undefined
  const groups = [...(environment?.groups ?? []), ...needs.groups].filter(
    (name) => !defaultGroups(manifests).includes(name),
  )
  const ofCi = pipInstalls(folder, { lines: installs, pyproject: manifests.pyproject })
  const extras = [...withExtrasOfCi(environment?.extras ?? needs.extras, ofCi), ...needs.extras]
  const own = [
    ...[...new Set(extras)].flatMap((name) => ['--extra', name]),
    ...[...new Set(groups)].flatMap((name) => ['--group', name]),
  ]
  const flags = said !== undefined && said.length > 0 ? said : own
  const sync = [
    'uv sync --frozen',
    ...(needs.isWorkspace && !flags.includes('--all-packages') ? ['--all-packages'] : []),
    ...flags,
    // uv is in the same environment here, and would uninstall itself without this option.
    ...(isThere ? [] : ['--inexact']),
  ].join(' ')
  return {
    commands: [...(isThere ? [] : venvSetup(folder, sources.ownEnvironment, ['uv'])), sync],
    python: 'uv run --frozen python3',
  }
}

function poetrySetup(folder: Folder, sources: SetupSources): PythonSetup {
  const { needs, runner, installs } = sources
  const environment = runner?.environment
  const said = environment === undefined ? groupOptions(installs, 'poetry') : undefined
  const own = [
    ...needs.extras.flatMap((name) => ['--extras', name]),
    ...needs.groups.flatMap((name) => ['--with', name]),
  ]
  const flags = (said !== undefined && said.length > 0 ? said : own).filter(
    (flag) => flag !== '--no-dev' && flag !== '--dev',
  )
  const install = ['poetry install --no-interaction', ...flags].join(' ')
  return {
    commands: [...managerSetup(folder, sources.ownEnvironment, 'poetry'), install],
    python: 'poetry run python3',
  }
}

function pdmSetup(folder: Folder, sources: SetupSources): PythonSetup {
  const said = groupOptions(sources.installs, 'pdm') ?? []
  const install = [
    'pdm install --frozen-lockfile',
    ...said.filter((flag) => flag !== '--no-dev' && flag !== '--dev'),
  ].join(' ')
  return {
    commands: [...managerSetup(folder, sources.ownEnvironment, 'pdm'), install],
    python: 'pdm run python3',
  }
}

/** The arguments of each `pip install`: those of CI, else requirement files, the package with its extras, and groups. */
function pipArguments(
  folder: Folder,
  { manifests, needs, runner, installs }: SetupSources,
): readonly string[] {
  const environment = tellingEnvironment(runner)
  const ofCi = pipInstalls(folder, { lines: installs, pyproject: manifests.pyproject })
  // If CI installs only the package, that is not all that its tests need.
  const isTelling =
    ofCi.some((one) => !/^-e \.$|^-e '?\.'?$/.test(one)) && isForTests(ofCi, { needs, runner })
  const lists = requirementLists(folder)
  const isInstead = runner?.isUnused === true && ofCi.some(listsTests) && !ofCi.some(isPinned)
  if (isTelling && (environment === undefined || isInstead)) return withPackage(ofCi, { needs, lists })
  const wanted = (environment?.requirements ?? []).flatMap((one) => requirement(folder, one))
  const named = [...wanted, ...(environment === undefined ? needs.grouped.map(shellQuote) : [])]
  const extras =
    environment === undefined
      ? [...new Set([...needs.extras, ...syncedExtras(installs)])]
      : withExtrasOfCi(environment.extras, ofCi)
  const grouped =
    environment === undefined ? [] : environment.groups.flatMap((name) => groupTexts(manifests, name))
  // If nothing says how the project is built, it is only sure to be installable with its package in `src`.
  const isPackage = needs.isPackage || (needs.isBare && hasPackageInSrc(folder))
  const own = isPackage
    ? [extras.length > 0 ? `-e '.[${extras.join(',')}]'` : '-e .']
    : needs.dependencies.map(shellQuote)
  const files = environment === undefined || wanted.length === 0 ? lists.map((file) => `-r ${file}`) : []
  const all = [...new Set([...files, ...own, ...named, ...grouped])]
  return all.length === 0 ? [] : [all.join(' ')]
}

/** Whether `src` may hold a package: the sources of a native build would be taken for one. */
function hasPackageInSrc({ files }: Folder): boolean {
  const inside = files.filter((file) => file.startsWith('src/'))
  const isNative =
    /^src\/(?:[^/]+\.(?:[ch]|cc|cpp|cxx|hpp|rs|zig|go|ts|js)|CMakeLists\.txt|meson\.build|Makefile\S*)$/
  return inside.length > 0 && !inside.some((file) => isNative.test(file))
}

/** Whether CI installs for tests. A job that runs no known tests must install more than tools. */
function isForTests(
  installs: readonly string[],
  { needs, runner }: Pick<SetupSources, 'needs' | 'runner'>,
): boolean {
  const hasOwn = needs.extras.length > 0 || needs.grouped.length > 0
  return (
    !hasOwn || runner?.line !== undefined || installs.some((one) => isListed(one) || /\bpytest\b/.test(one))
  )
}

/** The extras of `uv sync --extra optional` in CI, for projects without a committed lock file. */
function syncedExtras(installs: readonly SaidLine[]): readonly string[] {
  const said = groupOptions(installs, 'uv') ?? []
  return said.filter((_, at) => said[at - 1] === '--extra')
}

/** The extras of an environment, or those that CI installs if they include all of these. */
function withExtrasOfCi(extras: readonly string[], installs: readonly string[]): readonly string[] {
  const said = installs.flatMap((one) => /-e '?\.\[([\w,-]{1,200})\]/.exec(one)?.[1]?.split(',') ?? [])
  return extras.length > 0 && extras.every((name) => said.includes(name)) ? [...new Set(said)] : extras
}

/** The environment of the runner if it installs something; undefined if it only names commands. */
function tellingEnvironment(runner: PythonRunner | undefined): PythonRunner['environment'] {
  const environment = runner?.environment
  const isEmpty =
    environment?.requirements.length === 0 &&
    environment.extras.length === 0 &&
    environment.groups.length === 0
  return isEmpty ? undefined : environment
}

/** Adds the package itself, which CI may install as a built wheel instead. */
function withPackage(
  installs: readonly string[],
  { needs, lists }: { readonly needs: PythonNeeds; readonly lists: readonly string[] },
): readonly string[] {
  // CI may only install versions of a matrix here, which are not all that the tests need.
  const isAll = installs.some((one) => isListed(one) || /\bpytest\b/.test(one))
  const forTests = isAll ? [] : lists.filter((file) => /test/.test(file)).map((file) => `-r ${file}`)
  const extras = isAll || needs.extras.length === 0 ? '' : `[${needs.extras.join(',')}]`
  const own = extras === '' ? '-e .' : `-e '.${extras}'`
  const bare = /(?<=^|\s)-e \.(?=\s|$)/
  const said = installs.map((one) => one.replace(bare, own))
  const hasOwn = said.some((one) => /(?:^|\s)-e /.test(one))
  const more = [...forTests, ...(hasOwn || !needs.isPackage ? [] : [own])]
  return more.length === 0 ? said : [...said, more.join(' ')]
}

function groupTexts({ pyproject }: PythonManifests, name: string): readonly string[] {
  return requirementsOf(pyproject, name).map(shellQuote)
}

/** Arguments of pip for one line of tox's `deps`; none if it names a file that does not exist, or something from elsewhere. */
function requirement(folder: Folder, line: string): readonly string[] {
  const [, option, file] = /^(-[rc])\s?(\S+)$/.exec(line) ?? []
  if (option !== undefined && file !== undefined) {
    const path = file.replace(/^\{(?:toxinidir|tox_root)\}\//, '').replace(/^\.\//, '')
    return folder.has(path) || folder.files.includes(path) ? [`${option} ${shellQuote(path)}`] : []
  }
  if (/[{}]|:\/\/|^git\+/.test(line)) return []
  if (/^(?:-e\s?)?\.(?:\/[\w./-]+)?(?:\[[\w,-]+\])?$/.test(line))
    return [`-e ${shellQuote(line.replace(/^-e\s?/, ''))}`]
  const words = line.split(/\s+/)
  return words.every((word) => /^\w[\w.[\],<>=!~*-]*$/.test(word))
    ? words.map(shellQuote)
    : /^\w/.test(line)
      ? [shellQuote(line)]
      : []
}
