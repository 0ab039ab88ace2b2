import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'
import { type PythonNeeds, readPythonNeeds } from './python-needs.ts'

const REQUIREMENTS = [
  'requirements.txt',
  'requirements-dev.txt',
  'requirements_dev.txt',
  'dev-requirements.txt',
  'requirements-test.txt',
  'test-requirements.txt',
  'requirements/dev.txt',
  'requirements/test.txt',
]
const SETTINGS = ['pyproject.toml', 'setup.py', 'setup.cfg', 'tox.ini', 'pytest.ini', 'Pipfile']
/** The names by which pytest and unittest find tests. */
export const TEST_FILE = /(?:^|\/)(?:test_[^/]*|[^/]*_test)\.py$/

/**
 * @param wanted.ownEnvironment whether it gets a virtual environment in its folder; else it shares the one at the root of
 *   the workspace, where commands find programs without a path.
 * @param wanted.ofCi how CI tests it; counts where the manifests do not say it.
 */
export async function pythonPlan(
  folder: Folder,
  {
    ownEnvironment = false,
    ofCi,
  }: { readonly ownEnvironment?: boolean; readonly ofCi?: string | undefined } = {},
): Promise<EcosystemPlan | undefined> {
  const requirements = REQUIREMENTS.filter(folder.has)
  const tests = folder.files.filter((file) => TEST_FILE.test(file))
  const [source] = [...['uv.lock', 'poetry.lock', ...SETTINGS, ...requirements].filter(folder.has), ...tests]
  if (source === undefined) return undefined

  const [runner, needs] = await Promise.all([
    testRunner(folder, { tests, requirements, ofCi }),
    readPythonNeeds(folder),
  ])
  const plan = (setup: readonly string[], python: string): EcosystemPlan => ({
    ecosystem: 'Python',
    source,
    setup,
    checks: runner === undefined ? [] : [`${python} -m ${runner}`],
  })
  const place = { folder, ownEnvironment }
  if (folder.has('uv.lock')) {
    const isThere = folder.tools.has('uv')
    const flags = [
      ...needs.extras.map((name) => ` --extra ${name}`),
      ...needs.groups.filter((name) => name !== 'dev').map((name) => ` --group ${name}`),
      // Without it uv would uninstall itself.
      ...(isThere ? [] : [' --inexact']),
    ]
    const all = needs.isWorkspace ? ' --all-packages' : ''
    const sync = `uv sync --frozen${all}${flags.join('')}`
    return plan(isThere ? [sync] : [...pipSetup(place, ['uv']), sync], 'uv run --frozen python3')
  }
  if (folder.has('poetry.lock')) {
    const setup = folder.tools.has('poetry') ? [] : pipSetup(place, ['poetry'])
    const flags = [
      ...needs.extras.map((name) => ` --extras ${name}`),
      ...needs.groups.map((name) => ` --with ${name}`),
    ]
    return plan([...setup, `poetry install --no-interaction${flags.join('')}`], 'poetry run python3')
  }
  if (folder.has('Pipfile')) {
    const install = folder.has('Pipfile.lock') ? 'pipenv sync --dev' : 'pipenv install --dev --skip-lock'
    return plan([...pipSetup(place, ['pipenv']), install], 'pipenv run python3')
  }
  const installs = pipArguments(requirements, needs)
  // A virtual environment does not see the programs of the system.
  const module = /^(?:pytest|tox|nox)\b/.exec(runner ?? '')?.[0]
  const missing = module !== undefined && (installs.length > 0 || !folder.tools.has(module))
  const setup = pipSetup(place, missing ? [...installs, module] : installs)
  return plan(setup, ownEnvironment && setup.length > 0 ? '.venv/bin/python3' : 'python3')
}

interface PythonTests {
  readonly tests: readonly string[]
  readonly requirements: readonly string[]
  readonly ofCi: string | undefined
}

/** A module to run, with arguments: `pytest tests`. */
function moduleOf(command: string | undefined): string | undefined {
  const bare = command?.replace(/^(?:uv|poetry|pipenv|pdm|hatch) run (?:--?[\w-]+ )*/, '')
  return /^(?:python3? -m )?((?:pytest|unittest|nox)\b[\w ./=:,-]*)$/.exec(bare ?? '')?.[1]
}

/** `pytest` if anything mentions it, else the framework that the tests use. */
async function testRunner(
  folder: Folder,
  { tests, requirements, ofCi }: PythonTests,
): Promise<string | undefined> {
  const read = async (files: readonly string[]) =>
    (await Promise.all(files.map(folder.read))).filter((text) => text !== undefined).join('\n')
  const [declared, tox, nox] = await Promise.all([
    read([...SETTINGS.filter((file) => file !== 'tox.ini'), ...requirements]),
    read(['tox.ini']),
    read(['noxfile.py']),
  ])
  if (/\bpytest\b/.test(declared)) return 'pytest'
  // What the tests need is declared there alone.
  const session = /^def (tests?)\(/m.exec(nox)?.[1]
  if (/^\[testenv/m.test(tox) && /\bpytest\b/.test(tox)) return 'tox -e py'
  if (session !== undefined && tests.length > 0) return `nox -s ${session}`
  if (/\bpytest\b/.test(tox) || folder.files.some((file) => /(?:^|\/)conftest\.py$/.test(file)))
    return 'pytest'
  if (tox !== '') return 'tox -e py'
  const said = moduleOf(ofCi)
  if (said !== undefined) return said
  if (tests.length === 0) return undefined
  const texts = await Promise.all(tests.slice(0, 8).map(folder.read))
  const unittest = texts.every((text) => /\bunittest\b/.test(text ?? '') && !/\bpytest\b/.test(text ?? ''))
  return unittest ? unittestCommand(folder, tests) : 'pytest'
}

/** By default, discovery finds files like `test_a.py` in folders that are packages. */
function unittestCommand(folder: Folder, tests: readonly string[]): string {
  const [start] = tests.map((file) => file.split('/').slice(0, -1).join('/'))
  const usual = tests.some((file) => /(?:^|\/)test[^/]*$/.test(file))
  const names = usual ? '' : " -p '*_test.py'"
  if (!start) return `unittest discover${names}`
  // With `-t`, a start folder that is no package cannot be imported.
  const top = folder.has(`${start}/__init__.py`) ? ' -t .' : ''
  return `unittest discover -s ${start}${top}${names}`
}

/** What pip installs: requirement files, else the package itself with its test extras; and the groups for tests. */
function pipArguments(requirements: readonly string[], needs: PythonNeeds): readonly string[] {
  const grouped = needs.grouped.map((need) => `'${need}'`)
  if (requirements.length > 0) return [...requirements.map((file) => `-r ${file}`), ...grouped]
  if (!needs.isPackage) return grouped
  return [needs.extras.length > 0 ? `-e '.[${needs.extras.join(',')}]'` : '-e .', ...grouped]
}

interface EnvironmentPlace {
  readonly folder: Folder
  readonly ownEnvironment: boolean
}

function pipSetup(
  { folder, ownEnvironment }: EnvironmentPlace,
  installs: readonly string[],
): readonly string[] {
  if (installs.length === 0) return []
  const up = folder.name === '' || ownEnvironment ? '' : '../'.repeat(folder.name.split('/').length)
  return folder.tools.has('uv')
    ? [`uv venv --quiet ${up}.venv`, `uv pip install --quiet --python ${up}.venv ${installs.join(' ')}`]
    : [`python3 -m venv ${up}.venv`, `${up}.venv/bin/python3 -m pip install --quiet ${installs.join(' ')}`]
}
