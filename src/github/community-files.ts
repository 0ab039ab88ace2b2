/** A file in which a repository addresses its contributors. */
export interface CommunityFile {
  /** Path in the repository; `acme/.github/CONTRIBUTING.md` for a default file of its owner. */
  readonly path: string
  readonly text: string
}

const TEMPLATE = /^(?:\.github\/|docs\/)?pull_request_template(?:\.(?:md|txt))?$/i
const TEMPLATE_OF_SEVERAL = /^(?:\.github\/|docs\/)?pull_request_template\/[^/]+\.(?:md|txt)$/i
const CONTRIBUTING = /^(?:\.github\/|docs\/)?contributing\.(?:md|rst|txt)$/i

/** Which template to prefer when there are several, by what their names say; the most general first. */
const PURPOSES = [
  /^(?:default|general|pull[-_]?request(?:[-_]template)?|pr|code(?:[-_]changes?)?|changes?)\b/i,
  /bug|fix/i,
  /feat|enhance|improve/i,
]

/**
 * The pull request template, in the places where GitHub looks for it. If a folder has several, the most general one by
 * its name.
 */
export function templateIn(paths: readonly string[]): string | undefined {
  const several = paths.filter(isOneOfSeveral).sort()
  const named = (purpose: RegExp) =>
    several.find((path) => purpose.test(path.slice(path.lastIndexOf('/') + 1)))
  const usual = PURPOSES.map(named).find((path) => path !== undefined)
  return firstPlace(paths.filter((path) => TEMPLATE.test(path))) ?? usual ?? several[0]
}

/** The guidelines for contributors that GitHub links to when someone opens a pull request. */
export function contributingIn(paths: readonly string[]): string | undefined {
  return firstPlace(paths.filter((path) => CONTRIBUTING.test(path)))
}

function isOneOfSeveral(path: string): boolean {
  return TEMPLATE_OF_SEVERAL.test(path)
}

/** The file in the first of GitHub's places: `.github`, then the root, then `docs`. */
function firstPlace(paths: readonly string[]): string | undefined {
  const rank = (path: string) => (path.startsWith('.github/') ? 0 : path.includes('/') ? 2 : 1)
  return [...paths].sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1))[0]
}
