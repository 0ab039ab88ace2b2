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
  const compared = files.filter((read) => {
    if (isKnownLock(read.file.path)) return false
    const size = sizeOf(read)
    const fits = size <= left
    if (fits) left -= size
    else unread.push(read)
    return fits
  })
  return { compared, findings: unread.map(unreadFinding) }
}

function sizeOf({ hunks }: ReadFile): number {
  return hunks.reduce((sum, lines) => lines.reduce((part, { text }) => part + text.length + 1, sum), 0)
}

function unreadFinding({ file, role }: ReadFile): GuardFinding {
  const text = `\`${file.path}\` was not compared: the change has more than a million characters`
  // Text for people cannot weaken a check.
  return { text, weight: role === 'text' ? 'note' : 'reason', isForReviewers: true }
}
