import { breathe } from '../../../time/breathe.ts'
import type { Project } from '../../project.ts'
import type { CiLine, CiStep, CiVersion } from './ci-line.ts'
import { type CiPackage, packagesOfStep, programsOfStep } from './ci-packages.ts'
import { type CiService, servicesStarted, withCompose } from './ci-services.ts'
import { DOCUMENTS, readDocument } from './document-lines.ts'
import { OTHER, readGithubWorkflow, type WorkflowSteps } from './github-workflows.ts'
import { makesEnvironment, scriptReader } from './local-scripts.ts'
import { OTHER_CI, readOtherCi } from './other-ci.ts'
import { recipeReader } from './recipes.ts'
import { saidLines } from './said-lines.ts'
import { linesOfStep, placeAt } from './script-lines.ts'

/** The commands that a repository names outside of its manifests: in CI and in texts for people. */
export interface SaidByRepository {
  /** Lines of CI, in the order of the files and jobs. */
  readonly ci: readonly CiLine[]
  /** Lines of code blocks in texts for people and agents. */
  readonly documents: readonly CiLine[]
  /** Versions of languages and tools that CI installs. */
  readonly versions: readonly CiVersion[]
  /** Services that CI runs beside its commands. */
  readonly services: readonly CiService[]
  /** Packages that jobs with tests install with apt. */
  readonly packages: readonly CiPackage[]
}

const MAX_FILES = 12
const MOST_CHARACTERS = 192 * 1024
const MAX_LINES = 600
const MAX_SERVICES = 100
/** Names of workflows that are always among those that are read. `FIRST` are read before others. */
const BEST = /\/(?:ci|tests?|unit-?tests?)\.ya?ml$/i
const FIRST =
  /\/(?:ci|tests?|main|build|checks?|unit|pr|pull-request|python-package|go|rust|node)[\w.-]*\.ya?ml$/i

function isTested(lines: readonly CiLine[]): boolean {
  return saidLines(lines).some(({ role }) => role === 'test')
}

/** Reads the commands of CI and of texts in the commit. Unknown expressions, and lines that are no plain commands, are left out. */
export async function readCi(project: Project): Promise<SaidByRepository> {
  const files = [...project.files].filter(
    (file) =>
      /^\.github\/workflows\/[^/]+\.ya?ml$/.test(file) &&
      !OTHER.test(file.slice('.github/workflows/'.length)),
  )
  const rank = (file: string) => (FIRST.test(file) ? 0 : 1)
  const byRank = files.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1))
  const chosen = new Set(
    byRank.toSorted((a, b) => Number(BEST.test(b)) - Number(BEST.test(a))).slice(0, MAX_FILES),
  )
  const sorted = byRank.filter((file) => chosen.has(file))
  const ci: CiLine[] = []
  const versions: CiVersion[] = []
  const beside: CiService[] = []
  const installed: CiPackage[] = []
  const built: CiService[] = []
  // In a repository of Go, CI installs its tools in the same way.
  const isOfGo = [...project.files].some((path) => /(?:^|\/)go\.mod$/.test(path))
  let left = MOST_CHARACTERS
  const scriptsOf = scriptReader(project)
  const recipesOf = recipeReader(project, scriptsOf)
  /** Jobs in which a script of the repository has started a service. */
  const served = new Set<string>()
  const push = async (steps: readonly CiStep[]) => {
    for (const step of steps) {
      const { job, jobName } = step
      const scripts = await scriptsOf(step)
      for (const { file, script } of scripts)
        for (const name of servicesStarted(script.replace(/\\\n\s{0,40}/g, '').split('\n'))) {
          served.add(job)
          beside.push({ name, file, job, jobName })
        }
      const needsMore = step.needsMore || served.has(job)
      const makers = scripts.filter(({ script }) => makesEnvironment(script)).map(({ file }) => file)
      for (const one of [{ ...step, needsMore }, ...scripts]) {
        for (const line of linesOfStep(one)) {
          const isMaker = line.words.some((word) => makers.includes(placeAt(line.folder, word) ?? ''))
          ci.push(isMaker ? { ...line, needsMore: true } : line, ...(await recipesOf(line, one)))
        }
      }
      installed.push(...packagesOfStep(step))
      if (!isOfGo)
        built.push(...programsOfStep(step).map((name) => ({ name, file: step.file, job, jobName })))
    }
  }
  const take = async (found: WorkflowSteps) => {
    await push(found.steps)
    versions.push(...found.versions)
    beside.push(...found.services)
  }
  const aside: WorkflowSteps[] = []
  for (const file of sorted) {
    left -= (await project.read(file))?.length ?? 0
    if (left < 0) break
    await breathe()
    const found = await readGithubWorkflow(project, file)
    if (found.isAside) aside.push(found)
    else await take(found)
  }
  if (!isTested(ci)) for (const found of aside) await take(found)
  for (const file of OTHER_CI) {
    // Beside workflows of GitHub, a file of Travis is outdated.
    const isOld = ci.length > 0 && file === '.travis.yml'
    const text = isTested(ci) || isOld ? undefined : await project.read(file)
    if (text === undefined) continue
    await breathe()
    const steps = await readOtherCi(project, file)
    await push(steps)
    for (const { job, jobName, services } of steps)
      beside.push(...services.map((name) => ({ name, file, job, jobName })))
  }
  const documents: CiLine[] = []
  for (const file of DOCUMENTS) {
    const text = documents.length > MAX_LINES ? undefined : await project.read(file)
    if (text !== undefined) await breathe()
    if (text !== undefined) documents.push(...readDocument(file, text).flatMap(linesOfStep))
  }
  const jobs = new Set(ci.map(({ job }) => job))
  const testing = new Set(
    saidLines(ci)
      .filter(({ role }) => role === 'test')
      .map(({ job }) => job),
  )
  const services = await withCompose(
    project,
    [
      ...beside.filter(({ job }) => jobs.has(job)),
      // A job may build the same program for each cell of a matrix.
      ...built.filter(
        (one, at) => testing.has(one.job) && built.findIndex(({ name }) => name === one.name) === at,
      ),
    ].slice(0, MAX_SERVICES),
  )
  const packages = installed.filter(({ job }) => testing.has(job))
  return {
    ...{ ci: ci.slice(0, MAX_LINES), documents: documents.slice(0, MAX_LINES) },
    ...{ versions, services, packages },
  }
}
