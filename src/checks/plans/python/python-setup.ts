import type { Folder } from '../../project.ts'
import { keysIn } from '../read-manifest.ts'
import { chosenLock, hasLock, isBesideLock } from './chosen-lock.ts'
import { groupOptions, pipInstalls } from './ci-installs.ts'
import { extrasOfCi, pipArguments, withExtrasOfCi } from './pip-arguments.ts'
import { defaultGroups } from './python-needs.ts'
import type { SetupSources } from './setup-sources.ts'
import { toxPrograms } from './tox-environment.ts'
import { managerSetup, venvSetup } from './virtual-environment.ts'

/** The commands that install a Python project, and the program that its other commands start with. */
export interface PythonSetup {
  readonly commands: readonly string[]
  /** What commands start with: `python3`, `uv run --frozen python3`. */
  readonly python: string
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
    (name) => !defaultGroups(manifests.pyproject).includes(name),
  )
  const ofCi = pipInstalls(folder, { lines: installs, pyproject: manifests.pyproject })
  const declared = keysIn(manifests.pyproject, ['project', 'optional-dependencies'])
  const ofPip = environment === undefined ? extrasOfCi(ofCi).filter((name) => declared.includes(name)) : []
  const extras = [
    ...(ofPip.some((name) => needs.extras.includes(name)) ? ofPip : []),
    ...withExtrasOfCi(environment?.extras ?? needs.extras, ofCi),
    ...needs.extras,
  ]
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
