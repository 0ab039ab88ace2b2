import type { Folder } from '../project.ts'
import { keysIn, readToml, stringsIn, valueAt } from './read-manifest.ts'

/** What the manifests of a Python project say about what its tests need. */
export interface PythonNeeds {
  /** Optional dependencies to install with the package: those for tests. */
  readonly extras: readonly string[]
  /** Dependency groups (PEP 735, poetry) for tests. */
  readonly groups: readonly string[]
  /** The requirements of these groups, each a text such as `pytest>=8`. */
  readonly grouped: readonly string[]
  /** Whether it can be installed itself. */
  readonly isPackage: boolean
  /** Whether it is the root of uv's workspace. */
  readonly isWorkspace: boolean
}

const FOR_TESTS = ['test', 'tests', 'testing', 'dev', 'develop', 'development']
const RUNNER = /^\s{0,9}(?:pytest|tox|nox)\b(?!-)/i
const MAX_REQUIREMENTS = 60

/** Reads pyproject.toml, setup.cfg and setup.py: names count only where they are declared as what they are. */
export async function readPythonNeeds(folder: Folder): Promise<PythonNeeds> {
  const [toml, cfg = '', script = ''] = await Promise.all(
    ['pyproject.toml', 'setup.cfg', 'setup.py'].map(folder.read),
  )
  const pyproject = readToml(toml)
  const extras = [
    ...keysIn(pyproject, ['project', 'optional-dependencies']),
    ...keysIn(pyproject, ['tool', 'poetry', 'extras']),
    ...extrasOfCfg(cfg),
    ...extrasOfScript(script),
  ]
  const groups = groupsForTests(pyproject)
  return {
    extras: forTests(extras, (name) => stringsIn(pyproject, ['project', 'optional-dependencies', name])),
    groups,
    grouped: [...new Set(groups.flatMap((name) => requirementsOf(pyproject, name)))].slice(
      0,
      MAX_REQUIREMENTS,
    ),
    isPackage: /^\[(?:project|build-system|tool\.poetry)\]/m.test(toml ?? '') || folder.has('setup.py'),
    isWorkspace: valueAt(pyproject, ['tool', 'uv', 'workspace']) !== undefined,
  }
}

function groupsForTests(pyproject: unknown): readonly string[] {
  const groups = [
    ...keysIn(pyproject, ['dependency-groups']),
    ...keysIn(pyproject, ['tool', 'poetry', 'group']),
  ]
  return forTests(groups, (name) => requirementsOf(pyproject, name))
}

/** Those that are named for tests, else the first one that has what runs them. */
function forTests(names: readonly string[], needsOf: (name: string) => readonly string[]): readonly string[] {
  const plain = [...new Set(names)].filter((name) => /^\w[\w.-]{0,59}$/.test(name))
  const named = plain.filter((name) => FOR_TESTS.includes(name))
  const other = plain.find((name) => needsOf(name).some((need) => RUNNER.test(need)))
  return named.length > 0 || other === undefined ? named : [other]
}

/** With the groups that a group includes. */
function requirementsOf(pyproject: unknown, group: string): readonly string[] {
  const found: string[] = []
  const seen = new Set<string>()
  const open = [group]
  for (let name = open.pop(); name !== undefined && seen.size < 20; name = open.pop()) {
    if (seen.has(name)) continue
    seen.add(name)
    found.push(...stringsIn(pyproject, ['dependency-groups', name]))
    const list = valueAt(pyproject, ['dependency-groups', name])
    if (Array.isArray(list))
      open.push(...list.slice(0, 100).flatMap((one) => stringsIn(one, ['include-group'])))
  }
  return found.filter((need) => /^[\w.[\],;<>=!~ "*+()@:/-]{1,200}$/.test(need))
}

/** The keys of `[options.extras_require]`. */
function extrasOfCfg(text: string): readonly string[] {
  const lines = text.slice(0, 64 * 1024).split('\n')
  const start = lines.findIndex((line) => /^\[options\.extras_require\]\s*$/.test(line))
  const rest = start === -1 ? [] : lines.slice(start + 1)
  const end = rest.findIndex((line) => line.startsWith('['))
  return rest
    .slice(0, end === -1 ? undefined : end)
    .flatMap((line) => /^([\w.-]{1,60})\s{0,9}=/.exec(line)?.[1] ?? [])
}

/** The keys of the object after `extras_require`, as far as they are plain. */
function extrasOfScript(text: string): readonly string[] {
  const start = text.search(/\bextras_require\b/)
  if (start === -1) return []
  return [...text.slice(start, start + 4000).matchAll(/["']([\w.-]{1,60})["']\s{0,9}[:\]]/g)].map(
    ([, name = '']) => name,
  )
}
