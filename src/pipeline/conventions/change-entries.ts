/** Folders with one file per change, used by towncrier, scriv, changie, reno, antsibull, Nx, Chronus and others. */
const FOLDER =
  /^(?:[^/]{1,80}\/){0,3}(?:newsfragments|news\.d|changelog\.d|changes\.d|(?:changes?|changelogs?)\/(?:fragments|unreleased)|changelog_unreleased|upcoming_changes|\.unreleased|releasenotes\/notes|\.changes|\.changelog|\.chloggen|\.chronus\/changes|\.nx\/version-plans)\//i
/** Folders with common names, which count only if a file in them shows their purpose. */
const PLAIN_FOLDER = /^(?:[^/]{1,80}\/){0,3}(?:changes?|changelogs?|news)\//i
/** File names of towncrier: `1234.bugfix.rst`, `+orphan.misc.md`. */
const FRAGMENT =
  /\/(?:\+?[\w-]{0,40}\d+|\+[\w-]{1,40})\.(?:added|breaking|bug|bugfix|change|changed|compatibility|contrib|deprecation|dev|docs?|enhancement|feature|fix|fixed|highlight|improvement|misc|new_feature|packaging|performance|removal|removed|trivial|vendor)(?:\.\d+)?(?:\.(?:rst|md|txt))?$/i
/** File names in the projects of RuboCop: `changelog/fix_a_crash.md`. */
const BY_KIND = /\/(?:fix|new|change)_\w{1,120}\.md$/
/** Folders that belong to sample projects of tests or generators. */
const OF_TESTS = /(?:^|\/)(?:tests?|testdata|fixtures|examples?|templates|generators)\//i
const TEMPLATE = /\/[._]?template(?:\.\w{1,10})?$/i

/** Where each change of a repository must add a file that describes it. */
export type ChangeEntries =
  | { readonly kind: 'changesets' }
  /** `folder` ends with `/`. */
  | { readonly kind: 'files'; readonly folder: string }

/**
 * @param paths every file of the base commit.
 * @returns undefined if the repository has no such folder.
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

/** The shortest match, since the repository's own folder is above others of the same name. */
function shortest(paths: readonly string[], pattern: RegExp): string | undefined {
  const found = paths.flatMap((path) => pattern.exec(path)?.[0] ?? [])
  return found.reduce<string | undefined>(
    (best, next) => (best === undefined || next.length < best.length ? next : best),
    undefined,
  )
}
