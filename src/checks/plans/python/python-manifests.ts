import type { Folder } from '../../project.ts'
import { type IniFile, readIni } from '../read-ini.ts'
import { keysIn, readToml, valueAt } from '../read-manifest.ts'

/** The parsed manifests of a Python project; a missing one is empty. */
export interface PythonManifests {
  readonly pyproject: Readonly<Record<string, unknown>>
  readonly setupCfg: IniFile
  readonly toxIni: IniFile
  readonly toxToml: Readonly<Record<string, unknown>>
  readonly hatchToml: Readonly<Record<string, unknown>>
  readonly pytestIni: IniFile
  readonly pipfile: Readonly<Record<string, unknown>>
  readonly pixiToml: Readonly<Record<string, unknown>>
  /** Text of a program, as is `noxfile`. Only running it would show all, so patterns find the plain strings in it. */
  readonly setupPy: string
  readonly hasSetupPy: boolean
  readonly noxfile: string
  /** Whether another manager than tox, nox or hatch locks what the tests need. */
  readonly isLocked: boolean
}

export async function readPythonManifests(folder: Folder): Promise<PythonManifests> {
  const names = [
    'pyproject.toml',
    'setup.cfg',
    'tox.ini',
    'tox.toml',
    'pytest.ini',
    'Pipfile',
    'setup.py',
    'noxfile.py',
    'hatch.toml',
    'pixi.toml',
  ]
  const [
    pyproject,
    setupCfg,
    toxIni,
    toxToml,
    pytestIni,
    pipfile,
    setupPy = '',
    noxfile = '',
    hatchToml,
    pixiToml,
  ] = await Promise.all(names.map(folder.read))
  return {
    pyproject: readToml(pyproject),
    setupCfg: readIni(setupCfg),
    toxIni: readIni(toxIni),
    toxToml: readToml(toxToml),
    hatchToml: readToml(hatchToml),
    pytestIni: readIni(pytestIni),
    pipfile: readToml(pipfile),
    pixiToml: readToml(pixiToml),
    setupPy: setupPy.slice(0, 64 * 1024),
    hasSetupPy: folder.has('setup.py'),
    noxfile: noxfile.slice(0, 64 * 1024),
    isLocked: ['uv.lock', 'poetry.lock', 'pdm.lock', 'Pipfile.lock'].some(folder.has),
  }
}

/** Whether a manifest configures pytest, or names it among what tests need. */
export function namesPytest(manifests: PythonManifests): boolean {
  const { pyproject, setupCfg, toxIni, pytestIni } = manifests
  const isConfigured =
    valueAt(pyproject, ['tool', 'pytest']) !== undefined ||
    pytestIni.size > 0 ||
    setupCfg.has('tool:pytest') ||
    toxIni.has('pytest')
  return isConfigured || declaresPytest(manifests)
}

/** Whether a manifest names pytest among what tests need. */
export function declaresPytest({ pyproject, setupCfg, pipfile, setupPy }: PythonManifests): boolean {
  const inTable = (path: readonly string[]) => keysIn(pyproject, path).some(isPytest)
  const groups = keysIn(pyproject, ['tool', 'poetry', 'group'])
  const declared: readonly unknown[] = [
    valueAt(pyproject, ['project', 'dependencies']),
    valueAt(pyproject, ['project', 'optional-dependencies']),
    valueAt(pyproject, ['dependency-groups']),
    valueAt(pyproject, ['tool', 'pdm', 'dev-dependencies']),
    valueAt(pyproject, ['tool', 'uv', 'dev-dependencies']),
    valueAt(pyproject, ['tool', 'rye', 'dev-dependencies']),
    valueAt(pyproject, ['tool', 'hatch', 'envs']),
    [...setupCfg].flatMap(([name, section]) =>
      name === 'tool:pytest' ? [] : [...section.values()].flatMap((value) => value.split('\n')),
    ),
  ]
  return (
    declared.some((value) => stringsWithin(value).some(isPytest)) ||
    inTable(['tool', 'poetry', 'dependencies']) ||
    inTable(['tool', 'poetry', 'dev-dependencies']) ||
    groups.some((group) => inTable(['tool', 'poetry', 'group', group, 'dependencies'])) ||
    ['packages', 'dev-packages'].some((set) => keysIn(pipfile, [set]).some(isPytest)) ||
    /["']pytest\b/.test(setupPy)
  )
}

function isPytest(requirement: string): boolean {
  return /^\s{0,9}pytest(?![\w.])/i.test(requirement)
}

/** The strings in nested lists and tables of a manifest. */
function stringsWithin(value: unknown, depth = 0): readonly string[] {
  if (typeof value === 'string') return [value]
  if (depth > 5 || value === null || typeof value !== 'object') return []
  return Object.values(value)
    .slice(0, 200)
    .flatMap((one) => stringsWithin(one, depth + 1))
}
