import { looksOnly } from '../../text/code-checkers.ts'
import { inlineCode } from '../../text/fenced.ts'
import { isBeside } from './own-folders.ts'
import type { ProjectPlan, RepositoryPlan } from './plan.ts'
import { OF_ANY_LANGUAGE } from './projects-holding.ts'

/** Folders of projects that are set up and checked before the agent starts; more would take longer than the run. */
const MAX_BASELINE = 4
/**
 * Below a root with checks, what is deeper is a part of it more often than a product beside it; and so is what CI does not
 * name where it tests the root.
 */
const DEEPEST = 2

/**
 * The root first. If it has tests, projects of its own ecosystem in folders wait until a change reaches them: others, such
 * as a service in another language, are what the agent needs to see fail.
 */
export function chooseBaseline(
  found: readonly ProjectPlan[],
  projects: readonly ProjectPlan[],
): readonly ProjectPlan[] {
  const isRoot = ({ folder }: ProjectPlan) => folder === ''
  const isChecked = ({ checks }: ProjectPlan) => checks.length > 0
  const root = found.filter(isRoot)
  const tested = new Set(
    root.filter((one) => hasTests(one) && !isOfShell(one)).map(({ ecosystem }) => ecosystem),
  )
  const hasChecks = root.some(isChecked)
  const inFolders = found.filter((one) => !isRoot(one) && !tested.has(one.ecosystem))
  const isOfCi = root.some((one) => isSaid(one.evidence) && hasTests(one) && !isOfShell(one))
  const around = [...tested].some((ecosystem) => OF_ANY_LANGUAGE.has(ecosystem))
    ? []
    : inFolders.filter(
        ({ folder, evidence }) =>
          !isBeside(folder) &&
          (!hasChecks || (folder.split('/').length <= DEEPEST && !(isOfCi && !isSaid(evidence)))),
      )
  // Tools of a repository are no products, unless there is nothing else.
  const products = around.filter(({ folder }) => !/(?:^|\/)(?:tools?|scripts?|hack|contrib)\//.test(folder))
  const near = products.some(isChecked) ? products : around
  const more = near.length > 0 || hasChecks ? near : inFolders.filter(isChecked)
  const first = [...more.filter(isChecked), ...(hasChecks ? [] : more.filter((one) => !isChecked(one)))]
  const most = hasChecks ? MAX_BASELINE - 1 : MAX_BASELINE
  const folders = new Set([...new Set(first.map(({ folder }) => folder))].slice(0, most))
  const chosen = new Set([...root, ...first.filter(({ folder }) => folders.has(folder))])
  // The same projects, in the same order, with what the settings left of them.
  return projects.filter((_, index) => found.slice(index, index + 1).some((one) => chosen.has(one)))
}

/** Whether CI, or a text for people, runs its checks. */
function isSaid(evidence: ProjectPlan['evidence']): boolean {
  return evidence?.some(({ says }) => says !== undefined) ?? false
}

/** Tests of scripts say nothing about the products beside them. */
function isOfShell({ checks }: ProjectPlan): boolean {
  return checks.every(({ inFolder }) =>
    /(?:^|&& )(?:bats|shellspec|shunit2|bashunit|roundup) /.test(inFolder),
  )
}

/** Not only linters and types. */
export function hasTests({ checks }: ProjectPlan): boolean {
  return checks.some(({ inFolder }) => !looksOnly(inFolder))
}

const MAX_NAMED = 6

/** One sentence on the projects that are not set up before the agent starts; none if there are no others with checks. */
export function describeOthers({ projects, baseline, said }: RepositoryPlan): readonly string[] {
  const others = projects.filter((one) => one.checks.length > 0 && !baseline.includes(one))
  if (said !== undefined || others.length === 0) return []
  const named = others
    .slice(0, MAX_NAMED)
    .map(({ folder, checks }) => `${inlineCode(folder, 80)} (${inlineCode(checks[0]?.inFolder ?? '', 80)})`)
  const more = others.length > MAX_NAMED ? [`${others.length - MAX_NAMED} more`] : []
  return [`Not set up, and checked if the change reaches them: ${[...named, ...more].join(', ')}`]
}
