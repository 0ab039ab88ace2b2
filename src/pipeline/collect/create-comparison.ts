import { type DiffableFile, diffFile, type FileDiffFacts, replacedFile } from './diff-file.ts'

/** Runs `diffFile` in a thread; undefined if it took longer than `limitMs`, or if too many lines differ. */
export type CompareInThread = (file: DiffableFile, limitMs: number) => Promise<FileDiffFacts | undefined>

/** Bytes of both sides together; comparing files up to this size takes a few milliseconds. */
const SMALL_BYTES = 32 * 1024
const SMALL_EDIT_LENGTH = 200
const FILE_MS = 3_000
/** Milliseconds for all files of a change together. */
const CHANGE_MS = 15_000

/**
 * Makes a comparison for the files of one change. The time grows faster than the size of a file, so larger files are
 * compared in a thread, with a time limit per file and one for all files. A file beyond the limit is shown as replaced.
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
