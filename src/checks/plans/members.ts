import type { Folder } from '../project.ts'
import { mavenModules } from './ecosystems/jvm-plans.ts'
import { testedModules } from './ecosystems/other-plans.ts'
import { parsePackage, runsInMembers } from './node/node-scripts.ts'
import { matchGlobs, membersOf } from './node/workspaces.ts'
import { isInTests } from './own-folders.ts'
import type { EcosystemPlan } from './plan.ts'
import { readJsonObject, readToml, stringsIn } from './read-manifest.ts'

/**
 * The relation of a folder with a manifest to the project of the same ecosystem around it:
 *
 * - `covered`: the checks of the outer project run its tests as well.
 * - `member`: it is installed with the outer project, but tested alone.
 * - `alone`: it is a project of its own.
 */
export type Membership = 'covered' | 'member' | 'alone'

/** Judges a folder. @param inner its path relative to the outer folder. */
export type JudgeMember = (inner: string) => Promise<Membership>

const ALONE: JudgeMember = async () => 'alone'
const COVERED: JudgeMember = async () => 'covered'

/** Reads a project's manifest and returns a function that judges the folders below it. */
export async function judgeMembers(outer: Folder, plan: EcosystemPlan): Promise<JudgeMember> {
  const judge = Object.hasOwn(JUDGES, plan.ecosystem) ? JUDGES[plan.ecosystem] : undefined
  return judge === undefined ? ALONE : await judge(outer, plan)
}

const JUDGES: Readonly<Record<string, (outer: Folder, plan: EcosystemPlan) => Promise<JudgeMember>>> = {
  JavaScript: judgePackages,
  Python: judgeDistributions,
  Go: judgeGoModules,
  Rust: judgeCrates,
  Maven: judgeModules,
  Gradle: judgeSubprojects,
  Elixir: judgeApps,
  // These tools test everything below their folder.
  Deno: async () => COVERED,
  CMake: async () => COVERED,
  Meson: async () => COVERED,
  make: async () => COVERED,
  just: async () => COVERED,
  '.NET': async (_, { source }) => (/\.slnx?$/.test(source) ? COVERED : ALONE),
}

async function judgePackages(outer: Folder, { checks, source }: EcosystemPlan): Promise<JudgeMember> {
  if (source === 'rush.json') return COVERED
  const isMember = await membersOf(outer)
  const runsAll = await runsInMembers(outer)
  return async (inner) => {
    if (!isMember(inner)) return (await isMarker(outer, inner)) ? 'covered' : 'alone'
    const { scripts } = parsePackage(await outer.read(`${inner}/package.json`)) ?? {}
    const tests = Object.keys(scripts ?? {}).some((name) => name.startsWith('test'))
    return checks.length > 0 && (runsAll || !tests) ? 'covered' : 'member'
  }
}

/** A package.json that only says how the files beside it are loaded: `{ "type": "module" }`. */
async function isMarker(outer: Folder, inner: string): Promise<boolean> {
  const parsed = readJsonObject(await outer.read(`${inner}/package.json`)) ?? {}
  return !['scripts', 'dependencies', 'devDependencies', 'workspaces'].some((key) =>
    Object.hasOwn(parsed, key),
  )
}

/** Judges by the workspace of uv. Folders with only requirements and no tests belong to the project around them. */
async function judgeDistributions(outer: Folder, { checks }: EcosystemPlan): Promise<JudgeMember> {
  const { tool } = readToml(await outer.read('pyproject.toml'))
  const isMember = matchGlobs(stringsIn(tool, ['uv', 'workspace', 'members']))
  const isExcluded = matchGlobs(stringsIn(tool, ['uv', 'workspace', 'exclude']))
  const narrowed = stringsIn(tool, ['pytest', 'ini_options', 'testpaths']).length > 0
  return async (inner) => {
    if (isMember(inner) && !isExcluded(inner)) {
      return checks.length > 0 && !narrowed ? 'covered' : 'member'
    }
    const named = ['pyproject.toml', 'setup.py', 'setup.cfg', 'Pipfile', 'tox.ini', 'pytest.ini']
    const isOnlyList = !named.some((file) => outer.has(`${inner}/${file}`))
    const hasTests = outer.files.some((file) => file.startsWith(`${inner}/`) && /test[^/]*\.py$/.test(file))
    // Requirements in a folder of tests are for the tests of the project around it.
    const isOthers = isOnlyList && (!hasTests || isInTests(inner))
    return isOthers && checks.length > 0 ? 'covered' : 'alone'
  }
}

/** Covers the modules that a workspace of Go uses. */
async function judgeGoModules(outer: Folder): Promise<JudgeMember> {
  const used = new Set(await testedModules(outer))
  return async (inner) => (used.has(inner) ? 'covered' : 'alone')
}

/** Covers all crates below a workspace of Cargo that are neither excluded nor workspaces themselves. */
async function judgeCrates(outer: Folder): Promise<JudgeMember> {
  const { workspace } = readToml(await outer.read('Cargo.toml'))
  if (workspace === undefined) return ALONE
  const excluded = stringsIn(workspace, ['exclude'])
  return async (inner) => {
    if (excluded.some((folder) => inner === folder || inner.startsWith(`${folder}/`))) return 'alone'
    const own = readToml(await outer.read(`${inner}/Cargo.toml`))
    return own.workspace === undefined ? 'covered' : 'alone'
  }
}

async function judgeModules(outer: Folder): Promise<JudgeMember> {
  const known = new Set<string>()
  const open = ['']
  for (let folder = open.pop(); folder !== undefined && known.size < 150; folder = open.pop()) {
    for (const name of await mavenModules(outer, folder)) {
      const path = [folder, ...name.split('/')].filter((part) => part !== '' && part !== '.').join('/')
      if (!known.has(path)) open.push(path)
      known.add(path)
    }
  }
  return async (inner) => (known.has(inner) ? 'covered' : 'alone')
}

async function judgeSubprojects(outer: Folder): Promise<JudgeMember> {
  const settings = ['settings.gradle', 'settings.gradle.kts']
  if (!settings.some(outer.has)) return ALONE
  return async (inner) => (settings.some((file) => outer.has(`${inner}/${file}`)) ? 'alone' : 'covered')
}

async function judgeApps(outer: Folder): Promise<JudgeMember> {
  const apps = /\bapps_path:\s{0,9}"([\w./-]{1,100})"/.exec((await outer.read('mix.exs')) ?? '')?.[1]
  return async (inner) => (apps !== undefined && inner.startsWith(`${apps}/`) ? 'covered' : 'alone')
}
