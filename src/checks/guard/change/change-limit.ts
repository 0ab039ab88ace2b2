import { isKnownLock } from '../../lock-files.ts'
import type { GuardFinding, ReadFile } from './guarded-change.ts'

/**
 * The most characters of a change that are compared; one in 3,000 commits of people is larger. Each rule
 * reads all of them, and some rules read them several times.
 */
const MOST_COMPARED = 1024 * 1024

/** The part of a change that the rules read, and findings about the rest. */
interface ComparedFiles {
  readonly compared: readonly ReadFile[]
  readonly findings: readonly GuardFinding[]
}

/**
 * Leaves out files beyond the limit and reports each as a reason for a draft. The contents of lock files do
 * not count, since no rule reads them.
 */
export function withinLimit(files: readonly ReadFile[]): ComparedFiles {
  let left = MOST_COMPARED
  const unread: ReadFile[] = []
  const fitting = new Set<ReadFile>()
  // Pages of a generated site come first in the alphabet, and must not take the place of tests.
  const byWeight = files.toSorted((one, other) => Number(isPage(one)) - Number(isPage(other)))
  for (const read of byWeight) {
    if (isKnownLock(read.file.path)) continue
    const size = sizeOf(read)
    if (size > left) {
      unread.push(read)
      continue
    }
    left -= size
    fitting.add(read)
  }
  return { compared: files.filter((read) => fitting.has(read)), findings: unread.map(unreadFinding) }
}

/** Matches pages of a site, which neither the program nor its tests run. */
const PAGE =
  /(?:^|\/)(?:docs?|site|api|javadoc|website)\/.{0,300}\.(?:html?|css|svg|xml|map|json|js|plist|dsidx)$/
/** Matches what steers tools, wherever it is. */
const STEERS = /(?:^|\/)(?:package|tsconfig[\w.-]*|jsr|deno)\.json$|\.config\.[cm]?js$/

function isPage({ file, isTest, role }: ReadFile): boolean {
  return role === 'text' || (!isTest && PAGE.test(file.path) && !STEERS.test(file.path))
}

function sizeOf({ hunks }: ReadFile): number {
  return hunks.reduce((sum, lines) => lines.reduce((part, { text }) => part + text.length + 1, sum), 0)
}

function unreadFinding(read: ReadFile): GuardFinding {
  const text = `\`${read.file.path}\` was not compared: the change has more than a million characters`
  // Text and pages for people cannot weaken a check.
  return { text, weight: isPage(read) ? 'note' : 'reason', isForReviewers: true }
}
