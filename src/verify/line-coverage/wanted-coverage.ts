import { posix } from 'node:path'
import type { Project } from '../../checks/project.ts'
import type { CheckResult } from '../../checks/run-checks.ts'
import { namesOf, statusByName } from '../compare-tests.ts'
import type { NamedTest } from '../reports/named-test.ts'
import type { CoverageAsk, CoverageTool } from '../runners/runner.ts'
import type { ChangedLines } from './changed-lines.ts'
import type { GoModule } from './coverage-place.ts'
import type { CoverageReading, CoverageText, ReadCoverage } from './read-coverage.ts'

/** The coverage that checks should measure. */
export interface WantedCoverage {
  readonly changed: readonly ChangedLines[]
  /** Every file of the tree that is checked. A report among them was not written by the checks. */
  readonly tree: ReadonlySet<string>
  readonly readCoverage: ReadCoverage
  /** The result of a check before the change; undefined if that is not known. */
  readonly earlier: (command: string) => EarlierRun | undefined
}

interface EarlierRun {
  readonly result: Pick<CheckResult, 'exitCode' | 'durationMs'>
  readonly tests?: readonly NamedTest[] | undefined
}

/** Milliseconds. A check that takes longer runs without coverage, which slows tests down. */
const MOST_EARLIER_MS = 2 * 60_000
const UNKNOWN_MS = 60_000
const TIMES_AS_LONG = 2
const MARGIN_MS = 20_000

/** The most milliseconds for a run with coverage, after which one without may follow; undefined if coverage would take too long. */
export function coverageLimit(earlier: EarlierRun | undefined, timeoutMs: number): number | undefined {
  if (earlier === undefined) return Math.min(UNKNOWN_MS, timeoutMs)
  const { durationMs } = earlier.result
  return durationMs > MOST_EARLIER_MS
    ? undefined
    : Math.min(TIMES_AS_LONG * durationMs + MARGIN_MS, timeoutMs)
}

/**
 * Whether measuring coverage may have caused a failure. It has not if the same tests failed before.
 *
 * @param run the run that measured coverage.
 */
export function mayBlameCoverage(run: EarlierRun, earlier: EarlierRun | undefined): boolean {
  const [before, now] = [earlier, run].map((one) => one?.tests && namesOf(one.tests, 'failed'))
  if (run.result.exitCode === 0 && (now === undefined || now.size === 0)) return false
  if (before === undefined || now === undefined || now.size === 0) return true
  return earlier?.result.exitCode === 0 || [...now].some((name) => !before.has(name))
}

/** Whether two runs have the same results for the same tests, so that coverage measured in one of them holds for both. */
export function saySame(
  one: readonly NamedTest[] | undefined,
  other: readonly NamedTest[] | undefined,
): boolean {
  if (one === undefined || other?.length !== one.length) return false
  const statuses = statusByName(other)
  return one.every(({ name, status }) => statuses.get(name) === status)
}

const MAX_MANIFESTS = 20
const MAX_PATH = 300
const PYTHON =
  /(?:^|\/)(?:pyproject\.toml|setup\.(?:cfg|py)|tox\.ini|\.?pytest\.ini|Pipfile|uv\.lock|poetry\.lock|[^/]*requirements[^/]*\.(?:txt|in))$|(?:^|\/)requirements\/[^/]+\.(?:txt|in)$/

/** Finds in the manifests of the project which coverage can be asked for. */
export async function coverageAsk(
  { changed }: Pick<WantedCoverage, 'changed'>,
  { project, root }: { readonly project: Project; readonly root: string },
): Promise<CoverageAsk> {
  const files = changed.map(({ path }) => path)
  const some = (ending: RegExp) => files.some((file) => ending.test(file))
  const tools = new Set<CoverageTool>()
  if (some(/\.(?:[cm]?[jt]sx?|vue|svelte)$/)) {
    const texts = await textsOf(project, /(?:^|\/)package\.json$/)
    if (texts.some((text) => /"@vitest\/coverage-\w+"/.test(text))) tools.add('@vitest/coverage')
  }
  if (some(/\.py$/)) {
    const texts = await textsOf(project, PYTHON)
    if (texts.some((text) => /\bpytest[-_]cov\b/i.test(text))) tools.add('pytest-cov')
    if (texts.some((text) => /(?:^|[\s"'=])--cov(?:[\s"'=]|$)/m.test(text))) tools.add('pytest-cov in use')
  }
  return { root, files, tools }
}

/** The texts of matching files, nearest to the root first. */
async function textsOf(project: Project, names: RegExp): Promise<readonly string[]> {
  const byDepth: string[][] = []
  for (const path of project.files) {
    if (path.length > MAX_PATH || !names.test(path) || path.includes('node_modules/')) continue
    const depth = path.split('/').length
    const there = byDepth[depth] ?? []
    if (there.length < MAX_MANIFESTS) there.push(path)
    byDepth[depth] = there
  }
  const first = byDepth.flat().slice(0, MAX_MANIFESTS)
  const texts = await Promise.all(first.map((path) => project.read(path)))
  return texts.flatMap((text) => text ?? [])
}

/** Reads the coverage reports of one check; undefined if there are none. */
export async function readCovered(
  texts: readonly CoverageText[],
  of: WantedCoverage & { readonly project: Project; readonly root: string },
): Promise<CoverageReading | undefined> {
  const { changed, tree, readCoverage, project, root } = of
  const written = texts.filter(({ path }) => path === undefined || !tree.has(path))
  if (written.length === 0) return undefined
  const names = new Set(changed.map(({ path }) => posix.basename(path)))
  const paths = [...tree].filter((path) => names.has(posix.basename(path)))
  const modules = await modulesOf(project)
  return await readCoverage({ texts: written, root, changed, paths, modules })
}

async function modulesOf(project: Project): Promise<readonly GoModule[]> {
  const paths = [...project.files].filter((path) => /(?:^|\/)go\.mod$/.test(path)).slice(0, MAX_MANIFESTS)
  const found = await Promise.all(
    paths.map(async (path) => {
      const name = /^module[ \t]+(\S+)/m.exec((await project.read(path)) ?? '')?.[1]?.replaceAll('"', '')
      return name === undefined ? [] : [{ name, folder: path.slice(0, Math.max(0, path.lastIndexOf('/'))) }]
    }),
  )
  return found.flat()
}
