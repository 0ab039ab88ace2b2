/** Folders that hold a file for each change, whatever tool reads them: towncrier, scriv, changie, reno, antsibull, Nx, Chronus. */
const FOLDER =
  /^(?:[^/]{1,80}\/){0,3}(?:newsfragments|news\.d|changelog\.d|changes\.d|(?:changes?|changelogs?)\/(?:fragments|unreleased)|changelog_unreleased|upcoming_changes|\.unreleased|releasenotes\/notes|\.changes|\.changelog|\.chloggen|\.chronus\/changes|\.nx\/version-plans)\//i
/** Folders of a usual name, which count only where a file in them shows what they are for. */
const PLAIN_FOLDER = /^(?:[^/]{1,80}\/){0,3}(?:changes?|changelogs?|news)\//i
/** Named by towncrier: `1234.bugfix.rst`, `+orphan.misc.md`. */
const FRAGMENT =
  /\/(?:\+?[\w-]{0,40}\d+|\+[\w-]{1,40})\.(?:added|breaking|bug|bugfix|change|changed|compatibility|contrib|deprecation|dev|docs?|enhancement|feature|fix|fixed|highlight|improvement|misc|new_feature|packaging|performance|removal|removed|trivial|vendor)(?:\.\d+)?(?:\.(?:rst|md|txt))?$/i
/** How rubocop's projects name them: `changelog/fix_a_crash.md`. */
const BY_KIND = /\/(?:fix|new|change)_\w{1,120}\.md$/
/** Of projects that tests or generators work on. */
const OF_TESTS = /(?:^|\/)(?:tests?|testdata|fixtures|examples?|templates|generators)\//i
const TEMPLATE = /\/[._]?template(?:\.\w{1,10})?$/i

/** Where each change of a repository leaves a file about itself. */
export type ChangeEntries =
  | { readonly kind: 'changesets' }
  /** `folder` ends with `/`. */
  | { readonly kind: 'files'; readonly folder: string }

/**
 * @param paths every file of the base commit.
 * @returns undefined if no folder is known to be meant for that.
 */
export function findChangeEntries(paths: readonly string[]): ChangeEntries | undefined {
  if (paths.includes('.changeset/config.json')) return { kind: 'changesets' }
  const own = paths.filter((path) => !OF_TESTS.test(path))
  const entries = own.filter((path) => FRAGMENT.test(path) || BY_KIND.test(path) || TEMPLATE.test(path))
  const has = (name: RegExp) => own.some((path) => name.test(path))
  const folder =
    shortest(own, FOLDER) ??
    shortest(entries, PLAIN_FOLDER) ??
    (has(/^rush\.json$/) ? shortest(own, /^common\/changes\//) : undefined) ??
    (has(/^beachball\.config\.\w+$/) ? shortest(own, /^change\//) : undefined)
  return folder === undefined ? undefined : { kind: 'files', folder }
}

/** Other folders of that name are further down. */
function shortest(paths: readonly string[], pattern: RegExp): string | undefined {
  const found = paths.flatMap((path) => pattern.exec(path)?.[0] ?? [])
  return found.reduce<string | undefined>(
    (best, next) => (best === undefined || next.length < best.length ? next : best),
    undefined,
  )
}
