import { type DiffableFile, diffFile, type FileDiffFacts, replacedFile } from './diff-file.ts'

/** Runs `diffFile` where it stops nothing else; undefined if it took longer than `limitMs`, or too many lines differ. */
export type CompareInThread = (file: DiffableFile, limitMs: number) => Promise<FileDiffFacts | undefined>

/** Both sides together: a search in files up to this size takes a few milliseconds. */
const SMALL_BYTES = 32 * 1024
const SMALL_EDIT_LENGTH = 200
const FILE_MS = 3_000
/** For all files of a change together. */
const CHANGE_MS = 15_000

/**
 * Compares the files of one change, one after the other. Comparing takes time that grows faster than the files, so
 * larger ones are compared in a thread, with a limit for each file and for all; what takes longer counts as replaced.
 */
export function createComparison(
  inThread: CompareInThread = async () => undefined,
): (file: DiffableFile) => Promise<FileDiffFacts> {
  let left = CHANGE_MS
  return async (file) => {
    const quick = sizeOf(file) <= SMALL_BYTES ? diffFile(file, SMALL_EDIT_LENGTH) : undefined
    if (quick) return quick
    if (left <= 0) return replacedFile(file)
    const startedAt = performance.now()
    const found = await inThread(file, Math.min(FILE_MS, left))
    left -= performance.now() - startedAt
    return found ?? replacedFile(file)
  }
}

function sizeOf({ before, bytes }: DiffableFile): number {
  return (before?.length ?? 0) + (bytes?.length ?? 0)
}
