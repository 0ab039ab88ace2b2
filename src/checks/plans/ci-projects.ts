import type { Project } from '../project.ts'
import { ciFolders, ciPlan } from './ci/ci-plan.ts'
import type { SaidOutside } from './ci/said-lines.ts'
import { isBeside } from './own-folders.ts'
import { type ProjectPlan, projectIn } from './plan.ts'
import { holds } from './stray-plans.ts'

/** The most folders that only CI tests to add as projects. */
const MAX_OF_CI = 4

/**
 * Projects for folders that CI tests and that no manifest says how to test.
 *
 * @param found.projects what the manifests say.
 * @param found.judged ecosystems whose readers have already judged the lines of CI.
 */
export function projectsOfCi(
  project: Project,
  {
    projects,
    said,
    judged,
  }: {
    readonly projects: readonly ProjectPlan[]
    readonly said: SaidOutside
    readonly judged: ReadonlySet<string>
  },
): readonly ProjectPlan[] {
  return ciFolders([...said.ci, ...said.documents])
    .slice(0, 4 * MAX_OF_CI)
    .filter(
      (one) =>
        isKnown(project, one.folder, projects) &&
        !isChecked(projects, one) &&
        !(judged.has(one.ecosystem) && isThere(projects, one)),
    )
    .slice(0, MAX_OF_CI)
    .flatMap(({ folder }) => {
      const plan = ciPlan(said, folder)
      return plan === undefined ? [] : [projectIn(folder, plan, { tools: project.tools })]
    })
    .filter((one) => !projects.some((other) => runsSame(one, other)))
}

interface TestedFolder {
  readonly folder: string
  readonly ecosystem: string
}

/** Whether a project of the ecosystem is in the folder: lines that its reader did not take are no tests. */
function isThere(projects: readonly ProjectPlan[], { folder, ecosystem }: TestedFolder): boolean {
  return projects.some((one) => one.folder === folder && one.ecosystem === ecosystem)
}

/** Whether the line of CI that one project tests with also tests the other one, which may be in another folder. */
function runsSame({ evidence: [first] = [] }: ProjectPlan, { evidence, checks }: ProjectPlan): boolean {
  return (
    checks.length > 0 &&
    evidence?.some(({ file, line }) => file === first?.file && line === first.line) === true
  )
}

/** Whether a folder is in the repository. One beside the product counts if no product has checks. */
function isKnown({ files }: Project, folder: string, projects: readonly ProjectPlan[]): boolean {
  if (folder === '') return true
  const isTested = projects.some((one) => one.checks.length > 0 && !isBeside(one.folder))
  return !(isTested && isBeside(folder)) && [...files].some((file) => file.startsWith(`${folder}/`))
}

/** Whether a project around the folder has checks, or a project of the same ecosystem inside it. */
function isChecked(projects: readonly ProjectPlan[], { folder, ecosystem }: TestedFolder): boolean {
  return projects.some(
    (one) =>
      one.checks.length > 0 &&
      (holds(one.folder, folder) || (one.ecosystem === ecosystem && holds(folder, one.folder))),
  )
}
