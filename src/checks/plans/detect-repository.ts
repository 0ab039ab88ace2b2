import { type Folder, foldersOf, type Project } from '../project.ts'
import { candidateFolders, depthOf, pythonFolders } from './candidate-folders.ts'
import { chooseBaseline } from './choose-baseline.ts'
import { adoptCi } from './ci/adopt-ci.ts'
import { isOfRepository } from './ci/document-lines.ts'
import { OTHER_CI } from './ci/other-ci.ts'
import { withPreparations } from './ci/preparations.ts'
import { readCi, type SaidByRepository } from './ci/read-ci.ts'
import { type SaidLine, type SaidOutside, saidLines } from './ci/said-lines.ts'
import { projectsOfCi } from './ci-projects.ts'
import { bazelPlan, isOfBazel, otherPlans, testedBesideBazel } from './ecosystems/other-plans.ts'
import { belowGemfile, withKnownScripts } from './ecosystems/script-plans.ts'
import { findUntested } from './find-untested.ts'
import { type JudgeMember, judgeMembers } from './members.ts'
import { nativePlan, testedBesideNative } from './native/native-plan.ts'
import { nodePlan } from './node/node-plan.ts'
import { isInTests } from './own-folders.ts'
import { type EcosystemPlan, type Plan, type ProjectPlan, projectIn, type RepositoryPlan } from './plan.ts'
import { pythonPlan, TEST_FILE } from './python/python-plan.ts'
import {
  holds,
  isBuiltWithin,
  isEmptyRun,
  isGuess,
  isRustExtension,
  isSecond,
  testsBuild,
  withoutStrays,
} from './stray-plans.ts'
import { targetsElsewhere } from './target-plan.ts'

/** The commands in the settings of a repository or its owner. Each plan replaces what would be detected. */
export interface SaidPlans {
  readonly setup?: Plan | undefined
  readonly checks?: Plan | undefined
  /** The lines of CI and of texts for people, if they have been read already. */
  readonly outside?: SaidByRepository | undefined
}

/**
 * Finds all projects of a commit, with the commands that install and check them: those of the settings, else those that lock
 * files, manifests, tests and CI suggest. Call this on the base commit, so that a change cannot switch its checks off, and
 * on the tree of the change for its setup and for projects that it adds.
 */
export async function detectRepository(project: Project, said: SaidPlans = {}): Promise<RepositoryPlan> {
  const found =
    said.setup && said.checks ? [] : await findProjects(project, said.outside ?? (await readCi(project)))
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

/** A project whose members are still being found. */
interface Growing {
  readonly plan: ProjectPlan
  readonly covers: string[]
  readonly judge: JudgeMember
}

async function findProjects(project: Project, all: SaidByRepository): Promise<readonly ProjectPlan[]> {
  const folders = foldersOf(project, candidateFolders(project))
  const isRun = (line: SaidLine) => !isEmptyRun(line, project.files)
  const root = folders.find(({ name }) => name === '')
  const elsewhere = root === undefined ? new Set<string>() : await targetsElsewhere(root)
  const isThere = ({ words, folder }: SaidLine) =>
    !(folder === '' && words[0] === 'make' && elsewhere.has(words[1] ?? ''))
  const said: SaidOutside = {
    all: all.ci,
    ci: saidLines(all.ci).filter(isRun),
    documents: saidLines(all.documents).filter(
      (line) =>
        isRun(line) && isThere(line) && !DECLARING.has(line.ecosystem) && isOfRepository(line, project.files),
    ),
  }
  const nested = pythonFolders(project)
  const growing: Growing[] = []
  const hasCi = OTHER_CI.some((file) => project.files.has(file))
  /** True once a project has the virtual environment at the root. Others get their own, since they may need other versions. */
  let isShared = false
  for (const folder of folders) {
    const ownEnvironment = isShared
    for (const bare of await plansOf(folder, { growing, nested, ownEnvironment, said, hasCi })) {
      const plan = await withPreparations(bare, { folder, said })
      const outer = outerOf(growing, { folder: folder.name, ecosystem: plan.ecosystem })
      const inner = outer?.plan.folder ? folder.name.slice(outer.plan.folder.length + 1) : folder.name
      const membership = outer === undefined ? 'alone' : await outer.judge(inner)
      // What has no checks covers none that CI runs.
      const isOwn = outer?.plan.checks.length === 0 && plan.evidence?.some(({ says }) => says !== undefined)
      if (membership === 'covered' && !(isOwn && plan.checks.length > 0)) {
        outer?.covers.push(folder.name)
        continue
      }
      if (isInTests(folder.name) && plan.checks.length === 0) continue
      if (plan.setup.some((command) => / venv /.test(command))) isShared = true
      const covers: string[] = []
      const own = projectIn(folder.name, membership === 'member' ? asMember(plan) : plan, {
        covers,
        tools: project.tools,
      })
      const { setup, folder: workspace } = outer?.plan ?? own
      growing.push({
        plan: membership === 'member' ? { ...own, setup, workspace } : own,
        covers,
        judge: await judgeMembers(folder, plan),
      })
    }
  }
  const projects = growing.map(({ plan }) => plan)
  return [...projectsOfCi(project, { projects, said, judged: JUDGED }), ...projects].sort(
    (a, b) =>
      depthOf(a.folder) - depthOf(b.folder) || (a.folder < b.folder ? -1 : a.folder > b.folder ? 1 : 0),
  )
}

/** Adapts the checks of a member: its lock file and environment of uv are at the root of the workspace. */
function asMember(plan: EcosystemPlan): EcosystemPlan {
  if (plan.ecosystem !== 'Python') return plan
  const checks = plan.checks.map((command) =>
    command.replace(/^(?:\.venv\/bin\/)?python3 /, 'uv run --frozen python3 '),
  )
  return { ...plan, checks }
}

interface Around {
  readonly growing: readonly Growing[]
  readonly nested: ReadonlySet<string>
  readonly ownEnvironment: boolean
  readonly said: SaidOutside
  readonly hasCi: boolean
}

async function plansOf(folder: Folder, around: Around): Promise<readonly EcosystemPlan[]> {
  const { said, nested, ownEnvironment } = around
  const outer = around.growing.map(({ plan }) => plan)
  const own = withoutNested(folder, nested)
  const countTests = ({ files }: Folder) => files.filter((file) => TEST_FILE.test(file)).length
  const hasNested = countTests(own) < countTests(folder)
  const isPart = outer.some(
    (plan) =>
      plan.ecosystem === 'Python' &&
      plan.checks.length > 0 &&
      plan.folder !== folder.name &&
      holds(plan.folder, folder.name),
  )
  const python = await pythonPlan(own, { ownEnvironment, hasNested, isPart, hasCi: around.hasCi, said })
  // Python tests without a manifest belong to the root.
  const isOwn = python !== undefined && (folder.name === '' || !TEST_FILE.test(python.source))
  const found = [
    await nodePlan(folder, said),
    isOwn ? python : undefined,
    ...(await otherPlans(folder, said)),
  ]
  const isExtension = await isRustExtension(folder, { plans: found, said })
  const ofPhp = found.some(isOfPhp) ? await withKnownScripts(folder, said) : said
  const known = withoutStrays(found, said)
    .filter(
      (plan) =>
        plan !== undefined && !(plan.ecosystem === 'Rust' && (isExtension || isBuiltWithin(folder, outer))),
    )
    .map((plan) =>
      WITH_OWN_READER.has(plan.ecosystem)
        ? plan
        : adoptCi(plan, {
            folder: folder.name,
            said: isOfPhp(plan) ? ofPhp : said,
            tools: folder.tools,
          }),
    )
    .map((plan) => belowGemfile(plan, outer))
    .map((plan, _, all) => (isSecond(plan, { all, said, folder }) ? { ...plan, checks: [] } : plan))
  const isInside = outer.some((plan) => plan.checks.length > 0 && holds(plan.folder, folder.name))
  const tested = testedBesideNative(folder, said) ?? testedBesideBazel(folder, said)
  const isOther = !known.every((plan) => isGuess(plan) || testsBuild(plan, said)) && tested === undefined
  if (isInside || folder.name.split('/').length > 2 || isOther) return known
  const native = (isOfBazel(folder, said) ? undefined : await nativePlan(folder, said)) ?? bazelPlan(folder)
  if (native === undefined) return known
  if (native.checks.length === 0) return [...known, native]
  const kept = known.map((plan) => (tested?.has(plan.ecosystem) ? plan : { ...plan, checks: [] }))
  return [...kept, native]
}

/** Ecosystems whose manifests declare test targets. If one declares none, texts for people describe other machines. */
const DECLARING = new Set(['Swift', 'Zig'])

function isOfPhp(plan: EcosystemPlan | undefined): boolean {
  return plan?.ecosystem === 'PHP'
}

/** Ecosystems whose plans already take the lines of CI into account. */
const WITH_OWN_READER = new Set(['JavaScript', 'Python'])
/** Ecosystems whose lines of CI do not count in a folder where they were not taken: those of Gradle may only build there. */
const JUDGED = new Set([...WITH_OWN_READER, 'Gradle'])

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
