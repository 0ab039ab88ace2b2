import { type Folder, folderOf } from '../folder.ts'
import type { Project } from '../project.ts'
import { nodePlan } from './node-plan.ts'
import { otherPlans, targetPlan } from './other-plans.ts'
import type { EcosystemPlan, Plan } from './plan.ts'
import { pythonPlan, TEST_FILE } from './python-plan.ts'

/** Packages of a repository without anything at its root; more would take longer than the run. */
const MAX_FOLDERS = 4

/**
 * The ecosystems of a project: those at its root, else those of its folders (`api/package.json`). Their commands
 * are made to run from the root.
 */
export async function detectEcosystems(project: Project): Promise<readonly EcosystemPlan[]> {
  const root = await plansOf(folderOf(project, ''))
  if (root.some(({ source }) => !isTestInFolder(source))) return root
  const folders = await plansOfFolders(project)
  if (root.length === 0) return folders
  // Tests in a folder are the root's own, unless that folder is a project by itself.
  const projects = folders.filter(({ source }) => !isTestInFolder(source))
  const taken = new Set(projects.map(({ source }) => topFolder(source)))
  return [...root.filter(({ source }) => !taken.has(topFolder(source))), ...projects]
}

/** A project may be recognised by nothing but its tests. */
function isTestInFolder(source: string): boolean {
  return source.includes('/') && TEST_FILE.test(source)
}

async function plansOfFolders(project: Project): Promise<readonly EcosystemPlan[]> {
  const names = [...new Set([...project.files].filter((file) => file.includes('/')).map(topFolder))]
  const plans: EcosystemPlan[] = []
  let folders = 0
  for (const name of names.filter((candidate) => /^\w[\w.-]*$/.test(candidate)).sort()) {
    const found = await plansOf(folderOf(project, name))
    if (found.length === 0) continue
    plans.push(...found.map((plan) => inFolder(name, plan)))
    if (++folders === MAX_FOLDERS) break
  }
  return plans
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

/** Joins what several ecosystems ask for into one plan. */
export function joinPlans(plans: readonly EcosystemPlan[], kind: 'setup' | 'checks'): Plan {
  const asking = plans.filter((plan) => plan[kind].length > 0)
  return {
    commands: [...new Set(asking.flatMap((plan) => plan[kind]))],
    source: [...new Set(asking.map((plan) => plan.source))].join(', '),
  }
}
