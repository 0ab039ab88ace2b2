/** A text of a repository for contributors. */
export interface CommunityFile {
  /** In the repository; `acme/.github/CONTRIBUTING.md` in its owner's defaults. */
  readonly path: string
  readonly text: string
}

const TEMPLATE = /^(?:\.github\/|docs\/)?pull_request_template(?:\.(?:md|txt))?$/i
const TEMPLATE_OF_SEVERAL = /^(?:\.github\/|docs\/)?pull_request_template\/[^/]+\.(?:md|txt)$/i
const CONTRIBUTING = /^(?:\.github\/|docs\/)?contributing\.(?:md|rst|txt)$/i

/** Of several templates: what their names say that they are for, the most usual first. */
const PURPOSES = [
  /^(?:default|general|pull[-_]?request(?:[-_]template)?|pr|code(?:[-_]changes?)?|changes?)\b/i,
  /bug|fix/i,
  /feat|enhance|improve/i,
]

/** The pull request template where GitHub looks for it; in a folder of several, the one for most changes by its name. */
export function templateIn(paths: readonly string[]): string | undefined {
  const several = paths.filter(isOneOfSeveral).sort()
  const named = (purpose: RegExp) =>
    several.find((path) => purpose.test(path.slice(path.lastIndexOf('/') + 1)))
  const usual = PURPOSES.map(named).find((path) => path !== undefined)
  return firstPlace(paths.filter((path) => TEMPLATE.test(path))) ?? usual ?? several[0]
}

/** The guidelines that GitHub shows beside a new pull request. */
export function contributingIn(paths: readonly string[]): string | undefined {
  return firstPlace(paths.filter((path) => CONTRIBUTING.test(path)))
}

function isOneOfSeveral(path: string): boolean {
  return TEMPLATE_OF_SEVERAL.test(path)
}

/** GitHub takes `.github` before the root, and the root before `docs`. */
function firstPlace(paths: readonly string[]): string | undefined {
  const rank = (path: string) => (path.startsWith('.github/') ? 0 : path.includes('/') ? 2 : 1)
  return [...paths].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))[0]
}
