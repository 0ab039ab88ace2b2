import type { UncheckedPart } from './plan.ts'

/** Parts of a repository that no check covers, all for the same reason. */
export interface PartsOfReason {
  /** Folders or files, relative to the root; empty for the root. At least one. */
  readonly paths: readonly string[]
  /** The rest of a sentence for people; see `UncheckedPart`. */
  readonly reason: string
}

/** Groups parts by their reason, in the order of the first of each, so that one reason is said once. */
export function partsByReason(parts: readonly UncheckedPart[]): readonly PartsOfReason[] {
  return [...Map.groupBy(parts, ({ reason }) => reason)].map(([reason, alike]) => ({
    paths: [...new Set(alike.map(({ path }) => path))],
    reason,
  }))
}

const MOST_PATHS = 5

/**
 * Names the paths for a sentence: `` `a` ``, or ``each of `a`, `b` and 3 more``.
 *
 * @param nameOf how one path is shown; the root is named in words.
 */
export function namePaths(paths: readonly string[], nameOf: (path: string) => string): string {
  const names = paths.map((path) => (path === '' ? 'the root' : nameOf(path)))
  if (names.length === 1) return names[0] ?? ''
  const shown = names.length > MOST_PATHS + 1 ? names.slice(0, MOST_PATHS) : names.slice(0, -1)
  const last = names.length > MOST_PATHS + 1 ? `${names.length - MOST_PATHS} more` : names.at(-1)
  return `each of ${shown.join(', ')} and ${last}`
}
