import { keysIn, stringsIn, valueAt } from '../read-manifest.ts'
import type { PythonManifests } from './python-manifests.ts'

/** The dependencies that the manifests of a Python project name for its tests. */
export interface PythonNeeds {
  /** Names of the extras for tests, to install with the package. */
  readonly extras: readonly string[]
  /** Names of the dependency groups (PEP 735, poetry) for tests. */
  readonly groups: readonly string[]
  /** The requirements of these groups, and of tables of pdm, uv, rye and poetry, each such as `pytest>=8`. */
  readonly grouped: readonly string[]
  /** Whether the project itself can be installed. */
  readonly isPackage: boolean
  /** Whether it has a `[project]` table, but does not say how it is built. */
  readonly isBare: boolean
  /** The requirements of the project and its extras for tests, to install if the project itself cannot be installed. */
  readonly dependencies: readonly string[]
  /** Whether it is the root of a workspace of uv. */
  readonly isWorkspace: boolean
}

const FOR_TESTS =
  /^(?:all[-_])?(?:complete|default|tests?|testing|dev|develop|development|unit-?tests?|ci)(?:[-_](?:extras|deps|requirements|dependencies))?$/i
const RUNNER = /^\s{0,9}(?:pytest|tox|nox)\b(?![-.])/i
const MAX_REQUIREMENTS = 60

/** Reads what tests need. A name counts only if a manifest declares it as an extra or a group. */
export function readPythonNeeds(manifests: PythonManifests): PythonNeeds {
  const { pyproject, setupCfg, setupPy, hasSetupPy } = manifests
  const extras = [
    ...keysIn(pyproject, ['project', 'optional-dependencies']),
    ...keysIn(pyproject, ['tool', 'poetry', 'extras']),
    ...[...(setupCfg.get('options.extras_require')?.keys() ?? [])],
    ...extrasOfScript(setupPy),
  ]
  const groups = groupsForTests(pyproject)
  const isBuilt =
    valueAt(pyproject, ['build-system']) !== undefined ||
    valueAt(pyproject, ['tool', 'poetry', 'name']) !== undefined
  const isScripted = hasSetupPy || setupCfg.has('metadata') || setupCfg.has('options')
  const isProject = valueAt(pyproject, ['project']) !== undefined
  const isPackage =
    (isBuilt &&
      (isProject ||
        valueAt(pyproject, ['tool', 'poetry']) !== undefined ||
        isScripted ||
        valueAt(pyproject, ['tool', 'flit']) !== undefined)) ||
    isScripted
  const chosen = forTests(extras, (name) => [
    ...stringsIn(pyproject, ['project', 'optional-dependencies', name]),
    ...(setupCfg.get('options.extras_require')?.get(name) ?? '').split('\n'),
  ])
  return {
    extras: chosen,
    groups,
    grouped: plain([
      ...installedGroups(pyproject, groups).flatMap((name) => requirementsOf(pyproject, name)),
      ...ofTools(pyproject),
      ...testsRequire(setupPy),
    ]),
    isPackage:
      isPackage &&
      (valueAt(pyproject, ['tool', 'uv', 'package']) !== false || isCompiled(pyproject)) &&
      valueAt(pyproject, ['tool', 'poetry', 'package-mode']) !== false,
    isBare: isProject && !isPackage,
    dependencies: plain([
      ...stringsIn(pyproject, ['project', 'dependencies']),
      ...chosen.flatMap((name) => stringsIn(pyproject, ['project', 'optional-dependencies', name])),
    ]),
    isWorkspace: valueAt(pyproject, ['tool', 'uv', 'workspace']) !== undefined,
  }
}

/** Whether the build compiles an extension, which tests need even where uv does not install the package. */
function isCompiled(pyproject: unknown): boolean {
  const [backend = ''] = stringsIn(pyproject, ['build-system', 'build-backend'])
  return /^(?:maturin|mesonpy|scikit_build_core)\b/.test(backend)
}

/** Names of the dependency groups that uv installs by default. */
export function defaultGroups(pyproject: unknown): readonly string[] {
  const said = valueAt(pyproject, ['tool', 'uv', 'default-groups'])
  if (said === 'all') return keysIn(pyproject, ['dependency-groups'])
  return said === undefined ? ['dev'] : stringsIn(said, [])
}

/** The groups for tests; with all that uv installs by default, if a manifest says so and these are among them. */
function installedGroups(pyproject: unknown, groups: readonly string[]): readonly string[] {
  const said = valueAt(pyproject, ['tool', 'uv', 'default-groups'])
  const usual = said === undefined ? [] : defaultGroups(pyproject)
  const isAmong = groups.length > 0 && groups.every((name) => usual.includes(name))
  return isAmong ? [...new Set([...groups, ...usual])] : groups
}

function groupsForTests(pyproject: unknown): readonly string[] {
  const groups = [
    ...keysIn(pyproject, ['dependency-groups']),
    ...keysIn(pyproject, ['tool', 'poetry', 'group']),
  ]
  return forTests(groups, (name) => requirementsOf(pyproject, name))
}

/** The names for tests. If none of them brings a test runner, one other that does is added. */
function forTests(names: readonly string[], needsOf: (name: string) => readonly string[]): readonly string[] {
  const safe = [...new Set(names)].filter((name) => /^\w[\w.-]{0,59}$/.test(name))
  const named = safe.filter((name) => FOR_TESTS.test(name))
  const isRunning = (name: string) => needsOf(name).some((need) => RUNNER.test(need))
  const others = safe.filter((name) => !named.includes(name) && isRunning(name))
  // A group such as `test-unit` includes `test-base` and has more.
  const other = named.some(isRunning) ? undefined : (others.find((name) => /unit/i.test(name)) ?? others[0])
  return other === undefined ? named : [...named, other]
}

/** The requirements of a group, with those of the groups that it includes. */
export function requirementsOf(pyproject: unknown, group: string): readonly string[] {
  const found: string[] = []
  const seen = new Set<string>()
  const open = [group]
  for (let name = open.pop(); name !== undefined && seen.size < 20; name = open.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    found.push(...stringsIn(pyproject, ['dependency-groups', name]))
    found.push(...poetryTexts(valueAt(pyproject, ['tool', 'poetry', 'group', name, 'dependencies'])))
    const list = valueAt(pyproject, ['dependency-groups', name])
    if (Array.isArray(list))
      open.push(...list.slice(0, 100).flatMap((one) => stringsIn(one, ['include-group'])))
  }
  return plain(found).map((need) => fromSources(pyproject, need))
}

/** Replaces a requirement that uv takes from a folder of the repository by that folder: `./tools/helper`. */
function fromSources(pyproject: unknown, need: string): string {
  const name = /^[\w.-]{1,80}/.exec(need)?.[0] ?? ''
  const [path] = stringsIn(pyproject, ['tool', 'uv', 'sources', name, 'path'])
  return path !== undefined && /^\.{0,2}[\w./-]{1,200}$/.test(path) && !path.startsWith('/')
    ? `./${path.replace(/^\.\/|\/$/g, '')}`
    : need
}

/** Development dependencies in the tables of pdm, uv, rye and poetry. */
function ofTools(pyproject: unknown): readonly string[] {
  const pdm = valueAt(pyproject, ['tool', 'pdm', 'dev-dependencies'])
  return [
    ...keysIn(pdm, [])
      .filter((name) => FOR_TESTS.test(name))
      .flatMap((name) => stringsIn(pdm, [name])),
    ...stringsIn(pyproject, ['tool', 'uv', 'dev-dependencies']),
    ...stringsIn(pyproject, ['tool', 'rye', 'dev-dependencies']),
    ...poetryTexts(valueAt(pyproject, ['tool', 'poetry', 'dev-dependencies'])),
  ]
}

/** Turns poetry's `pytest = "^8.1"` into `pytest>=8.1`. */
function poetryTexts(table: unknown): readonly string[] {
  return keysIn(table, []).flatMap((name) => {
    const said = valueAt(table, [name])
    const version = typeof said === 'string' ? said : valueAt(said, ['version'])
    if (name === 'python' || typeof version !== 'string' || !/^[\w.*^~<>=!, -]{1,80}$/.test(version))
      return []
    const range =
      version.trim() === '*' ? '' : version.replace(/^[\^~]\s?(?=\d)/, '>=').replace(/^(?=\d)/, '==')
    return [`${name}${range}`]
  })
}

function plain(needs: readonly string[]): readonly string[] {
  const safe = needs
    .map((need) => need.trim())
    .filter(
      (need) =>
        /^(?:\.\/)?[\w.][\w.[\],;<>=!~ "'*+()@:/^-]{0,200}$/.test(need) &&
        !/@\s?(?:git|file)|:\/\//.test(need),
    )
  return [...new Set(safe)].slice(0, MAX_REQUIREMENTS)
}

/** The strings of `tests_require=[…]`, or of a list such as `TESTS_REQUIRE = […]`, in the text of setup.py. */
function testsRequire(text: string): readonly string[] {
  const [, list] =
    /\b(?:tests?_require\w{0,20}|TESTS?_REQUIRE\w{0,20})\s{0,9}=\s{0,9}\[([^\]]{0,2000})\]/.exec(text) ?? []
  // A string may contain quotes of the other kind: `"a; python_version < '3.9'"`.
  const bare = (list ?? '').replace(/#[^\n]*/g, '')
  return [...bare.matchAll(/"([^"\n]{1,120})"|'([^'\n]{1,120})'/g)].map(
    ([, double, single]) => double ?? single ?? '',
  )
}

/** The keys of `extras_require` in the text of setup.py, as far as they are plain strings. */
function extrasOfScript(text: string): readonly string[] {
  const start = text.search(/\bextras_require\b/)
  if (start === -1) return []
  const own = [...text.slice(start, start + 4000).matchAll(/["']([\w.-]{1,60})["']\s{0,9}[:\]]/g)]
  const [, variable] =
    /^extras_require\s{0,9}=\s{0,9}([A-Za-z_]\w{0,40})\b/.exec(text.slice(start, start + 120)) ?? []
  // A variable such as `EXTRAS = { "tests": TESTS }`, whose last brace is on a line of its own.
  const table =
    variable === undefined ? '' : (text.split(new RegExp(`^${variable}\\s{0,9}=\\s{0,9}\\{`, 'm'))[1] ?? '')
  const keys = [...table.slice(0, table.indexOf('\n}') + 1).matchAll(/["']([\w.-]{1,60})["']\s{0,9}:/g)]
  // Assignments such as `extras["test"] = […]`, each on a line of its own.
  const assigned = text.split('\n').flatMap((line) => {
    const [, name = '', key] =
      /^\s{0,9}([A-Za-z_]\w{0,40})\[["']([\w.-]{1,60})["']\]\s{0,9}\+?=/.exec(line) ?? []
    return key !== undefined && name === variable ? [key] : []
  })
  return [...new Set([...[...own, ...keys].map(([, name = '']) => name), ...assigned])]
}
