import { isKnownLock } from '../lock-files.ts'
import type { GuardFinding, ReadFile } from './guarded-change.ts'

/**
 * Characters of a change that are compared: more than one of 3,000 commits of people has. Each rule reads them all, some rules several times.
 */
const MOST_COMPARED = 1024 * 1024

/** What of a change the rules read, and what they say about the rest. */
interface ComparedFiles {
  readonly compared: readonly ReadFile[]
  readonly findings: readonly GuardFinding[]
}

/**
 * Leaves out what is too much to compare, and says so: an unread file is a reason for a draft. No rule reads the lines of
 * lock files, so these do not count.
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
  // What is said in words takes nothing from a check.
  return { text, weight: role === 'text' ? 'note' : 'reason', isForReviewers: true }
}
