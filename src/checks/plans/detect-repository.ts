import { type Folder, foldersOf, type Project } from '../project.ts'
import { findUntested } from './find-untested.ts'
import { type JudgeMember, judgeMembers } from './members.ts'
import { nodePlan } from './node-plan.ts'
import { otherPlans, targetPlan } from './other-plans.ts'
import { isBeside, isInTests, isOthers } from './own-folders.ts'
import { type EcosystemPlan, type Plan, type ProjectPlan, projectIn, type RepositoryPlan } from './plan.ts'
import { pythonPlan, TEST_FILE } from './python-plan.ts'

/** Folders of projects that are set up and checked before the agent starts; more would take longer than the run. */
const MAX_BASELINE = 4
/** Folders with manifests that are looked at. */
const MAX_FOLDERS = 150

/** A file that makes its folder a candidate. */
const MANIFEST =
  /^(?:package\.json|deno\.jsonc?|go\.mod|Cargo\.toml|pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|noxfile\.py|Pipfile|[\w.-]*requirements[\w.-]*\.txt|pom\.xml|build\.gradle(?:\.kts)?|settings\.gradle(?:\.kts)?|Gemfile|composer\.json|mix\.exs|pubspec\.yaml|[^/]+\.(?:slnx?|csproj|fsproj)|GNUmakefile|[Mm]akefile|[Jj]ustfile|CMakeLists\.txt|meson\.build|Package\.swift|build\.zig|build\.sbt|dune-project|stack\.yaml|cabal\.project|rebar\.config|project\.clj)$/
const PYTHON = /^(?:pyproject\.toml|setup\.(?:py|cfg)|tox\.ini|pytest\.ini|Pipfile)$/
const REQUIREMENTS = /requirements[\w.-]*\.txt$/

/** What the settings of a repository or its owner say; each replaces what is detected. */
export interface SaidPlans {
  readonly setup?: Plan | undefined
  readonly checks?: Plan | undefined
}

/**
 * All projects of a commit, with how to install their dependencies and how to check them: as the repository says, else as
 * its lock files, manifests, tests and CI do. Call it on the base commit, so that a change cannot switch its checks off;
 * and on the tree of the change for its setup, and for projects that it adds.
 */
export async function detectRepository(project: Project, said: SaidPlans = {}): Promise<RepositoryPlan> {
  const found = said.setup && said.checks ? [] : await findProjects(project)
  const projects = said.setup === undefined ? found : found.map((one) => ({ ...one, setup: [] }))
  if (said.checks !== undefined) {
    const checks = said.checks.commands.map((command) => ({
      command,
      folder: '',
      inFolder: command,
      ecosystem: 'settings',
    }))
    const bare = projects.map((one) => ({ ...one, checks: [] }))
    return { projects: bare, baseline: chooseBaseline(found, bare), untested: [], said: checks }
  }
  return { projects, baseline: chooseBaseline(found, projects), untested: findUntested(project, projects) }
}

/** A project while its members are still being found. */
interface Growing {
  readonly plan: ProjectPlan
  readonly covers: string[]
  readonly judge: JudgeMember
}

async function findProjects(project: Project): Promise<readonly ProjectPlan[]> {
  const folders = foldersOf(project, candidates(project))
  const nested = pythonFolders(project)
  const growing: Growing[] = []
  /** The first one gets the virtual environment at the root, others their own: they may ask for other versions. */
  let isShared = false
  for (const folder of folders) {
    const ownEnvironment = isShared
    for (const plan of await plansOf(folder, { growing, nested, ownEnvironment })) {
      const outer = outerOf(growing, { folder: folder.name, ecosystem: plan.ecosystem })
      const inner = outer?.plan.folder ? folder.name.slice(outer.plan.folder.length + 1) : folder.name
      const membership = outer === undefined ? 'alone' : await outer.judge(inner)
      if (membership === 'covered') {
        outer?.covers.push(folder.name)
        continue
      }
      if (isInTests(folder.name) && plan.checks.length === 0) continue
      if (plan.setup.some((command) => / venv /.test(command))) isShared = true
      const covers: string[] = []
      const own = projectIn(folder.name, plan, covers)
      const { setup, folder: workspace } = outer?.plan ?? own
      growing.push({
        plan: membership === 'member' ? { ...own, setup, workspace } : own,
        covers,
        judge: await judgeMembers(folder, plan),
      })
    }
  }
  return growing.map(({ plan }) => plan)
}

/** The root, and the folders with a manifest, by depth and name. */
function candidates({ files }: Project): readonly string[] {
  const names = new Set<string>()
  for (const file of files) {
    const slash = file.lastIndexOf('/')
    if (slash !== -1 && MANIFEST.test(file.slice(slash + 1)) && !isOthers(file))
      names.add(file.slice(0, slash))
  }
  const depth = (name: string) => name.split('/').length
  const sorted = [...names].sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))
  return ['', ...sorted].slice(0, MAX_FOLDERS)
}

/** Folders whose tests in Python are their own, and not of what is around them. */
function pythonFolders({ files }: Project): ReadonlySet<string> {
  const lists = new Set<string>()
  const found = new Set<string>()
  const folderOf = (file: string) => file.slice(0, Math.max(0, file.lastIndexOf('/')))
  for (const file of files) {
    const folder = folderOf(file)
    const name = file.slice(folder === '' ? 0 : folder.length + 1)
    if (folder === '' || isOthers(file)) continue
    if (PYTHON.test(name)) found.add(folder)
    else if (REQUIREMENTS.test(name)) lists.add(folder)
  }
  for (const file of files) {
    if (TEST_FILE.test(file)) for (const folder of lists) if (file.startsWith(`${folder}/`)) found.add(folder)
  }
  return found
}

interface Around {
  readonly growing: readonly Growing[]
  readonly nested: ReadonlySet<string>
  readonly ownEnvironment: boolean
}

async function plansOf(folder: Folder, around: Around): Promise<readonly EcosystemPlan[]> {
  const python = await pythonPlan(withoutNested(folder, around.nested), around)
  // Tests without a manifest belong to the root.
  const isOwn = python !== undefined && (folder.name === '' || !TEST_FILE.test(python.source))
  const found = [await nodePlan(folder), isOwn ? python : undefined, ...(await otherPlans(folder))]
  const plans = found.filter((plan) => plan !== undefined)
  if (plans.some((plan) => plan.checks.length > 0)) return plans
  const isInside = around.growing.some(
    ({ plan }) => plan.checks.length > 0 && holds(plan.folder, folder.name),
  )
  if (isInside || folder.name.split('/').length > 2) return plans
  const target = await targetPlan(folder)
  return target === undefined ? plans : [...plans, target]
}

function withoutNested(folder: Folder, nested: ReadonlySet<string>): Folder {
  const start = folder.name === '' ? '' : `${folder.name}/`
  const isNested = (file: string) => {
    for (let at = file.indexOf('/'); at !== -1; at = file.indexOf('/', at + 1)) {
      if (nested.has(`${start}${file.slice(0, at)}`)) return true
    }
    return false
  }
  return { ...folder, files: folder.files.filter((file) => !file.endsWith('.py') || !isNested(file)) }
}

function outerOf(
  growing: readonly Growing[],
  { folder, ecosystem }: { readonly folder: string; readonly ecosystem: string },
): Growing | undefined {
  return growing.findLast(
    ({ plan }) => plan.ecosystem === ecosystem && plan.folder !== folder && holds(plan.folder, folder),
  )
}

function holds(outer: string, folder: string): boolean {
  return outer === '' || folder === outer || folder.startsWith(`${outer}/`)
}

/**
 * The root first. If it has tests, projects of its own ecosystem in folders wait until a change reaches them: others, such
 * as a service in another language, are what the agent needs to see fail.
 */
function chooseBaseline(
  found: readonly ProjectPlan[],
  projects: readonly ProjectPlan[],
): readonly ProjectPlan[] {
  const root = found.filter(({ folder }) => folder === '')
  const tested = new Set(root.filter(hasTests).map(({ ecosystem }) => ecosystem))
  const hasChecks = root.some(({ checks }) => checks.length > 0)
  const inFolders = found.filter(({ folder }) => folder !== '')
  const near = inFolders.filter(
    (one) => !isBeside(one.folder) && !tested.has(one.ecosystem) && (!hasChecks || one.checks.length > 0),
  )
  const more = near.length > 0 || hasChecks ? near : inFolders
  const most = hasChecks ? MAX_BASELINE - 1 : MAX_BASELINE
  const folders = new Set([...new Set(more.map(({ folder }) => folder))].slice(0, most))
  return projects.filter(
    ({ folder, ecosystem }) =>
      folder === '' ||
      (folders.has(folder) && more.some((one) => one.folder === folder && one.ecosystem === ecosystem)),
  )
}

function hasTests({ checks }: ProjectPlan): boolean {
  return checks.some(
    ({ inFolder }) => !/\b(?:lint\w*|types?|typecheck|check:types|type-check|exec|npx)\b/.test(inFolder),
  )
}
