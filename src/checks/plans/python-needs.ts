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
  const declared = keysIn(pyproject, ['project', 'optional-dependencies'])
  const extras = [...declared, ...keysIn(pyproject, ['tool', 'poetry', 'extras'])]
  const ofTests = extras.filter((name) => {
    const needs = stringsIn(pyproject, ['project', 'optional-dependencies', name])
    return FOR_TESTS.includes(name) || needs.some((need) => RUNNER.test(need))
  })
  const older = [...extrasOfCfg(cfg), ...extrasOfScript(script)].filter((name) => FOR_TESTS.includes(name))
  const groups = groupsForTests(pyproject)
  return {
    extras: [...new Set([...ofTests, ...older])].filter((name) => /^[\w.-]{1,60}$/.test(name)),
    groups,
    grouped: groups.flatMap((name) => requirementsOf(pyproject, name)).slice(0, MAX_REQUIREMENTS),
    isPackage: /^\[(?:project|build-system|tool\.poetry)\]/m.test(toml ?? '') || folder.has('setup.py'),
  }
}

function groupsForTests(pyproject: unknown): readonly string[] {
  const groups = keysIn(pyproject, ['dependency-groups'])
  const poetry = keysIn(pyproject, ['tool', 'poetry', 'group'])
  const ofTests = groups.filter(
    (name) => FOR_TESTS.includes(name) || requirementsOf(pyproject, name).some((need) => RUNNER.test(need)),
  )
  return [...new Set([...ofTests, ...poetry.filter((name) => FOR_TESTS.includes(name))])].filter((name) =>
    /^[\w.-]{1,60}$/.test(name),
  )
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
