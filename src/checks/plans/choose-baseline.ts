import { looksOnly } from '../../text/code-checkers.ts'
import { inlineCode } from '../../text/markdown/fenced.ts'
import { isBeside } from './own-folders.ts'
import type { ProjectPlan, RepositoryPlan } from './plan.ts'
import { OF_ANY_LANGUAGE } from './projects-holding.ts'

/** The most folders to set up and check before the agent starts. More could take longer than the run. */
const MAX_BASELINE = 4
/**
 * The deepest level of other products below a root with checks. Deeper projects are more often parts of the root, as are
 * projects that CI does not name although it tests the root.
 */
const DEEPEST = 2

/**
 * Chooses the projects to check before the agent starts, the root first. If the root has tests, other projects of its
 * ecosystem wait until a change reaches them. Others, such as a service in another language, are checked at once, since
 * the agent needs to know which of their tests fail.
 *
 * @param found the projects as detected.
 * @param projects the same projects in the same order, after the settings have removed commands; the result is of these.
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
  // Tools do not count as products, unless there is nothing else.
  const products = around.filter(({ folder }) => !/(?:^|\/)(?:tools?|scripts?|hack|contrib)\//.test(folder))
  const near = products.some(isChecked) ? products : around
  const beside = inFolders.filter(isChecked)
  const namedByCi = beside.filter(({ evidence }) => isSaid(evidence))
  const more = near.length > 0 || hasChecks ? near : namedByCi.length > 0 ? namedByCi : beside
  const first = [...more.filter(isChecked), ...(hasChecks ? [] : more.filter((one) => !isChecked(one)))]
  const most = hasChecks ? MAX_BASELINE - 1 : MAX_BASELINE
  const folders = new Set([...new Set(first.map(({ folder }) => folder))].slice(0, most))
  const chosen = new Set([...root, ...first.filter(({ folder }) => folders.has(folder))])
  // Both lists have the same projects in the same order.
  return projects.filter((_, index) => found.slice(index, index + 1).some((one) => chosen.has(one)))
}

/** Whether CI or a text for people runs the project's checks. */
function isSaid(evidence: ProjectPlan['evidence']): boolean {
  return evidence?.some(({ says }) => says !== undefined) ?? false
}

/** Whether all checks test shell scripts, which says nothing about the products beside them. */
function isOfShell({ checks }: ProjectPlan): boolean {
  return checks.every(({ inFolder }) =>
    /(?:^|&& )(?:bats|shellspec|shunit2|bashunit|roundup) /.test(inFolder),
  )
}

/** Whether a check does more than linting or checking types, for which it may build first: `npm run build && npm run lint`. */
export function hasTests({ checks }: ProjectPlan): boolean {
  return checks.some(({ inFolder }) => !looksOnly(inFolder.split(' && ').at(-1) ?? ''))
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
