import { isLockFile } from '../../checks/lock-files.ts'
import { BackspaceError } from '../../errors.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { listed } from './reasons.ts'

/** The most that one run may publish. */
export interface PublishLimits {
  readonly files: number
  /** Added plus removed lines in all files that people write; lock files do not count. */
  readonly lines: number
}

export const PUBLISH_LIMITS: PublishLimits = {
  files: 400,
  lines: 20_000,
}

/** A file whose changed lines take more than this share of the limit is generated or data, and may be left out alone. */
const LONG_PART = 0.25

/**
 * The longest files of a change with too many lines, each with the reason why it is left out. Empty if the rest would
 * still be too long.
 */
export function longFiles(
  files: readonly ChangedFile[],
  { lines: most }: PublishLimits,
): readonly (readonly [ChangedFile, string])[] {
  let left = writtenLines(files)
  const long: (readonly [ChangedFile, string])[] = []
  for (const file of files.toSorted((one, other) => linesOf(other) - linesOf(one))) {
    if (left <= most || linesOf(file) < most * LONG_PART) break
    if (isLockFile(file.path)) continue
    left -= linesOf(file)
    const why = `has ${linesOf(file)} changed lines, with which the change would have more than ${most} (\`BACKSPACE_MAX_LINES\`)`
    long.push([file, why])
  }
  return left <= most && long.length < files.length ? long : []
}

function linesOf({ additions, deletions }: ChangedFile): number {
  return additions + deletions
}

function writtenLines(files: readonly ChangedFile[]): number {
  return files.reduce((sum, file) => (isLockFile(file.path) ? sum : sum + linesOf(file)), 0)
}

/** @throws {BackspaceError} `change_too_large` */
export function refuseSize(files: readonly ChangedFile[], limits: PublishLimits): void {
  const lines = writtenLines(files)
  const problems: string[] = []
  if (files.length > limits.files) problems.unshift(`${files.length} files changed (limit ${limits.files})`)
  if (lines > limits.lines) problems.unshift(`${lines} lines changed (limit ${limits.lines})`)
  if (problems.length === 0) return
  throw new BackspaceError(
    'change_too_large',
    `Nothing was published: ${listed(problems)}. Ask for the change in smaller parts; generated and installed files belong in .gitignore.`,
    { facts: { problems } },
  )
}
