/** A text of a repository for contributors. */
export interface CommunityFile {
  /** In the repository; `acme/.github/CONTRIBUTING.md` in its owner's defaults. */
  readonly path: string
  readonly text: string
}

const TEMPLATE = /^(?:\.github\/|docs\/)?pull_request_template(?:\.(?:md|txt))?$/i
const TEMPLATE_OF_SEVERAL = /^(?:\.github\/|docs\/)?pull_request_template\/[^/]+\.(?:md|txt)$/i
const CONTRIBUTING = /^(?:\.github\/|docs\/)?contributing\.(?:md|rst|txt)$/i

/** The pull request template where GitHub looks for it; in a folder of several, the first by name. */
export function templateIn(paths: readonly string[]): string | undefined {
  return firstPlace(paths.filter((path) => TEMPLATE.test(path))) ?? paths.filter(isOneOfSeveral).sort()[0]
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
