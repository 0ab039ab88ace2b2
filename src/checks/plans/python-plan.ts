import type { Folder } from '../project.ts'
import type { EcosystemPlan } from './plan.ts'

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

export async function pythonPlan(folder: Folder): Promise<EcosystemPlan | undefined> {
  const requirements = REQUIREMENTS.filter(folder.has)
  const tests = folder.files.filter((file) => TEST_FILE.test(file))
  const [source] = [...['uv.lock', 'poetry.lock', ...SETTINGS, ...requirements].filter(folder.has), ...tests]
  if (source === undefined) return undefined

  const texts = await Promise.all([...SETTINGS, ...requirements].map(folder.read))
  const declared = texts.filter((text) => text !== undefined).join('\n')
  const runner = await testRunner(folder, { tests, declared })
  const commands = (prefix: string) => (runner === undefined ? [] : [`${prefix} ${runner}`])
  if (folder.has('uv.lock')) {
    // Without --inexact uv would uninstall itself.
    const [setup, exact] = folder.tools.has('uv') ? [[], ''] : [pipSetup(folder, ['uv']), ' --inexact']
    return {
      source,
      setup: [...setup, `uv sync --frozen${exact}`],
      checks: commands(runner?.startsWith('unittest') ? 'uv run --frozen python3 -m' : 'uv run --frozen'),
    }
  }
  if (folder.has('poetry.lock')) {
    const setup = folder.tools.has('poetry') ? [] : pipSetup(folder, ['poetry'])
    return {
      source,
      setup: [...setup, 'poetry install --no-interaction'],
      checks: commands(runner?.startsWith('unittest') ? 'poetry run python3 -m' : 'poetry run'),
    }
  }
  const installs = await pipArguments(folder, requirements)
  // A virtual environment does not see the programs of the system.
  const isModule = runner === 'pytest' || runner === 'tox'
  const missing = isModule && (installs.length > 0 || !folder.tools.has(runner))
  return {
    source,
    setup: pipSetup(folder, missing ? [...installs, runner] : installs),
    checks: commands('python3 -m'),
  }
}

/** `pytest` if anything mentions it, else the framework that the tests use. */
async function testRunner(
  folder: Folder,
  { tests, declared }: { readonly tests: readonly string[]; readonly declared: string },
): Promise<string | undefined> {
  if (/\bpytest\b/.test(declared) || folder.files.some((file) => /(?:^|\/)conftest\.py$/.test(file)))
    return 'pytest'
  if (folder.has('tox.ini')) return 'tox'
  if (tests.length === 0) return undefined
  const texts = await Promise.all(tests.slice(0, 20).map(folder.read))
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

/** What pip installs: requirement files, else the package itself with its test extras. */
async function pipArguments(folder: Folder, requirements: readonly string[]): Promise<readonly string[]> {
  if (requirements.length > 0) return requirements.map((file) => `-r ${file}`)
  const pyproject = (await folder.read('pyproject.toml')) ?? ''
  const isPackage = /^\[(?:project|build-system|tool\.poetry)\]/m.test(pyproject)
  if (!isPackage && !folder.has('setup.py')) return []
  const declaresExtras = /^\[project\.optional-dependencies\]/m.test(pyproject)
  const extras = ['test', 'tests', 'testing', 'dev'].filter((name) =>
    new RegExp(`^${name}\\s*=\\s*\\[`, 'm').test(pyproject),
  )
  return [declaresExtras && extras.length > 0 ? `-e '.[${extras.join(',')}]'` : '-e .']
}

/** One virtual environment for all folders, at the root of the workspace, where commands find it. */
function pipSetup(folder: Folder, installs: readonly string[]): readonly string[] {
  if (installs.length === 0) return []
  const inFolder = folder.name === '' ? '' : '../'.repeat(folder.name.split('/').length)
  return folder.tools.has('uv')
    ? [
        `uv venv --quiet ${inFolder}.venv`,
        `uv pip install --quiet --python ${inFolder}.venv ${installs.join(' ')}`,
      ]
    : [
        `python3 -m venv ${inFolder}.venv`,
        `${inFolder}.venv/bin/python3 -m pip install --quiet ${installs.join(' ')}`,
      ]
}
