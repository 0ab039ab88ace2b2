import { type Folder, folderOf, type Project } from '../project.ts'
import { nodePlan } from './node-plan.ts'
import { otherPlans, targetPlan } from './other-plans.ts'
import type { EcosystemPlan, Plan } from './plan.ts'
import { pythonPlan, TEST_FILE } from './python-plan.ts'

/** Projects in folders; checking more would take longer than the run. */
const MAX_FOLDERS = 4

/** Files in these folders belong to tests and documentation, not to the project. */
const NOT_OURS =
  /(?:^|\/)(?:__fixtures__|fixtures|testdata|examples?|samples?|templates?|vendor|third_party)\//

/**
 * The ecosystems of a project: those at its root; if the root has none, or nothing to check, also those of its folders
 * (`api/package.json`, `services/api/go.mod`), with commands that run from the root.
 */
async function detectEcosystems(project: Project): Promise<readonly EcosystemPlan[]> {
  const root = await plansOf(folderOf(project, ''))
  if (root.some(({ source, checks }) => checks.length > 0 && !isTestInFolder(source))) return root
  const folders = await plansOfFolders(project)
  if (root.length === 0) return folders
  // Tests in a folder belong to the root, unless that folder is a project of its own.
  const projects = folders.filter(({ source }) => !isTestInFolder(source))
  const taken = new Set(projects.map(({ source }) => topFolder(source)))
  const own = root.filter(({ source }) => !isTestInFolder(source) || !taken.has(topFolder(source)))
  return [...own, ...projects]
}

/** Some projects are recognised only by their tests. */
function isTestInFolder(source: string): boolean {
  return source.includes('/') && TEST_FILE.test(source)
}

async function plansOfFolders(project: Project): Promise<readonly EcosystemPlan[]> {
  const plans: EcosystemPlan[] = []
  const found: string[] = []
  for (const name of folderNames(project)) {
    // A package inside a package is checked by the outer one.
    if (found.some((outer) => name.startsWith(`${outer}/`))) continue
    const here = await plansOf(folderOf(project, name))
    if (here.length === 0) continue
    plans.push(...here.map((plan) => inFolder(name, plan)))
    found.push(name)
    if (found.length === MAX_FOLDERS) break
  }
  return plans
}

/** Folders of the first level, and those of the second that contain manifests, by name. */
function folderNames({ files }: Project): readonly string[] {
  const names = [...files].flatMap((file) => {
    const [first = '', second, third] = file.split('/')
    if (second === undefined) return []
    return third === undefined || NOT_OURS.test(file) ? [first] : [first, `${first}/${second}`]
  })
  return [...new Set(names)].filter((name) => /^\w[\w.-]*(?:\/\w[\w.-]*)?$/.test(name)).sort()
}

async function plansOf(folder: Folder): Promise<readonly EcosystemPlan[]> {
  const found = [await nodePlan(folder), await pythonPlan(folder), ...(await otherPlans(folder))]
  const plans = found.filter((plan) => plan !== undefined)
  if (plans.some((plan) => plan.checks.length > 0)) return plans
  const target = await targetPlan(folder)
  return target === undefined ? plans : [...plans, target]
}

function topFolder(file: string): string {
  return file.slice(0, file.indexOf('/'))
}

function inFolder(name: string, plan: EcosystemPlan): EcosystemPlan {
  const move = (command: string) => `cd ${name} && ${command}`
  return { source: `${name}/${plan.source}`, setup: plan.setup.map(move), checks: plan.checks.map(move) }
}

/** Joins the commands of several ecosystems into one plan. */
function joinPlans(plans: readonly EcosystemPlan[], kind: 'setup' | 'checks'): Plan {
  const asking = plans.filter((plan) => plan[kind].length > 0)
  return {
    commands: [...new Set(asking.flatMap((plan) => plan[kind]))],
    source: [...new Set(asking.map((plan) => plan.source))].join(', '),
  }
}

/**
 * How to install dependencies and how to check: as the repository says, else as its lock files, manifests and tests do.
 * Call it while the workspace is still at the base commit, so that the agent cannot change either.
 */
export async function detectPlans(
  project: Project,
  said: { readonly setup?: Plan | undefined; readonly checks?: Plan | undefined } = {},
): Promise<{ readonly setup: Plan; readonly checks: Plan }> {
  const found = said.setup && said.checks ? [] : await detectEcosystems(project)
  return { setup: said.setup ?? joinPlans(found, 'setup'), checks: said.checks ?? joinPlans(found, 'checks') }
}
