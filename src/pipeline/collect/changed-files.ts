import { BackspaceError } from '../../errors.ts'
import { mebibytes } from '../../text/amounts.ts'
import { breathe } from '../../time/breathe.ts'
import type { ChangedFile, ChangeList, ChangeStatus, LeftOut } from './change-list.ts'
import { type CompareInThread, createComparison } from './create-comparison.ts'
import { type RawChange, unreadableList } from './raw-changes.ts'

/**
 * Beyond these limits a change is not even read. The operator can change `fileBytes`. The gate has stricter limits and
 * explains its refusals better.
 */
export const COLLECT_LIMITS = { files: 2000, fileBytes: 10 * 1024 * 1024, totalBytes: 64 * 1024 * 1024 }
const MAX_DIFF_CHARACTERS = 256 * 1024

/** The blobs of a change, by id. */
export interface GivenBlobs {
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly sizes: ReadonlyMap<string, number>
  /** Larger blobs were not read. */
  readonly fileBytes: number
}

/**
 * Describes the files of a change, each with its diff.
 *
 * @param changes raw changes, with each rename as one entry.
 * @throws {BackspaceError} `change_too_large`, `tree_mismatch`
 */
export async function describeFiles(
  changes: readonly RawChange[],
  given: GivenBlobs,
  compareInThread: CompareInThread | undefined,
): Promise<ChangeList & { readonly leftOut: readonly LeftOut[] }> {
  requireSizes(changes, given)
  const compare = createComparison(compareInThread)
  const files: ChangedFile[] = []
  const leftOut: LeftOut[] = []
  for (const change of changes) {
    const file = await toChangedFile(change, given, compare)
    if (file) files.push(file)
    else leftOut.push({ path: change.path, why: tooLarge(change, given) })
    // A change may have thousands of files; other work goes on between them.
    await breathe()
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, diff: joinDiffs(files), leftOut }
}

function tooLarge({ newSha }: RawChange, { sizes, fileBytes }: GivenBlobs): string {
  const size = sizes.get(newSha) ?? 0
  return size > fileBytes
    ? `has ${mebibytes(size)} (limit ${mebibytes(fileBytes)})`
    : `would make the change larger than ${mebibytes(COLLECT_LIMITS.totalBytes)}`
}

/** @returns undefined for a file that is too large. */
async function toChangedFile(
  change: RawChange,
  given: GivenBlobs,
  compare: ReturnType<typeof createComparison>,
): Promise<ChangedFile | undefined> {
  const { path, previousPath, newMode: mode, oldMode, newSha, oldSha } = change
  const deleted = mode === '000000'
  const bytes = deleted ? null : mode === '160000' ? new Uint8Array() : bytesOf(newSha, given)
  if (bytes === undefined) return undefined
  const before = oldMode === '000000' ? null : hasBytes(oldMode) ? bytesOf(oldSha, given) : undefined
  return {
    path,
    previousPath,
    status: statusOf(change.status),
    mode,
    previousMode: oldMode,
    bytes,
    before,
    sha: deleted ? null : newSha,
    ...(await compare({ path, previousPath, mode, oldMode, bytes, before })),
  }
}

function statusOf(letter: string): ChangeStatus {
  switch (letter) {
    case 'A':
      return 'added'
    case 'D':
      return 'deleted'
    case 'R':
      return 'renamed'
    default:
      return 'modified'
  }
}

function shasOf({ oldMode, newMode, oldSha, newSha }: RawChange): string[] {
  return [hasBytes(oldMode) ? [oldSha] : [], hasBytes(newMode) ? [newSha] : []].flat()
}

/** @returns undefined for a blob that was not read, because it or the whole change is too large. */
function bytesOf(sha: string, { blobs }: GivenBlobs): Uint8Array | undefined {
  return blobs.get(sha)
}

/**
 * Makes sure that every blob has a size, and is there unless it exceeds the limits.
 *
 * @throws {BackspaceError} `tree_mismatch`
 */
function requireSizes(changes: readonly RawChange[], { blobs, sizes, fileBytes }: GivenBlobs): void {
  let total = 0
  let isWhole = true
  for (const sha of new Set(changes.flatMap(shasOf))) {
    const size = sizes.get(sha)
    if (size === undefined) throw unreadableList()
    if (size > fileBytes) continue
    total += size
    if (!blobs.has(sha)) isWhole = false
  }
  if (!isWhole && total <= COLLECT_LIMITS.totalBytes) throw unreadableList()
}

/**
 * Makes sure that all blobs together are within the limits.
 *
 * @throws {BackspaceError} `change_too_large`, `tree_mismatch`
 */
export function requireBytes(changes: readonly RawChange[], sizes: ReadonlyMap<string, number>): void {
  let total = 0
  for (const sha of new Set(changes.flatMap(shasOf))) {
    const size = sizes.get(sha)
    if (size === undefined) throw unreadableList()
    if (size <= COLLECT_LIMITS.fileBytes) total += size
  }
  if (total <= COLLECT_LIMITS.totalBytes) return
  throw new BackspaceError(
    'change_too_large',
    `The changed files hold ${Math.round(total / 1024 / 1024)} MiB, more than the ${COLLECT_LIMITS.totalBytes / 1024 / 1024} MiB that Backspace reads at once. If they are generated, add them to .gitignore and try again.`,
  )
}

/** False for a missing file and for a submodule, which has a commit instead of bytes. */
function hasBytes(mode: string): boolean {
  return mode !== '000000' && mode !== '160000'
}

export function refuseTooMany(changes: readonly RawChange[]): void {
  if (changes.length <= COLLECT_LIMITS.files) return
  const folder = changes[0]?.path.split('/')[0] ?? ''
  throw new BackspaceError(
    'change_too_large',
    `More than ${COLLECT_LIMITS.files.toLocaleString('en-US')} files were changed, far more than Backspace publishes (the first are in \`${folder}\`). If they are generated, add them to .gitignore and try again.`,
  )
}

export function joinDiffs(files: readonly ChangedFile[]): string {
  let diff = ''
  for (const [index, file] of files.entries()) {
    if (diff.length + file.diff.length > MAX_DIFF_CHARACTERS) {
      return `${diff}(the diffs of ${files.length - index} more files are not shown)\n`
    }
    diff += file.diff
  }
  return diff
}

/**
 * Joins a deletion and an addition into one rename when the contents are equal, or when git found them similar. This only
 * matters to readers; the published tree is the same.
 *
 * @param changes raw changes without renames.
 * @param similar renames that git in the sandbox or equal sizes suggest. They are not trusted, and only used where
 * `changes` has both the deletion and the addition.
 */
export function pairRenames(
  changes: readonly RawChange[],
  similar: readonly Pick<RawChange, 'path' | 'previousPath'>[],
): RawChange[] {
  const deleted = new Map(changes.filter(isPlainDeletion).map((change) => [change.path, change]))
  const bySha = Map.groupBy(deleted.values(), ({ oldSha }) => oldSha)
  const hints = new Map(similar.map(({ path, previousPath }) => [path, previousPath]))
  const gone = new Set<string>()
  const paired = changes.map((change) => {
    if (change.status !== 'A' || !mayMove(change.newMode)) return change
    const hint = deleted.get(hints.get(change.path) ?? '')
    const from = hint && isFile(hint.oldMode) && isFile(change.newMode) ? hint : nextOf(change)
    if (!from) return change
    deleted.delete(from.path)
    gone.add(from.path)
    const { oldSha, oldMode, path: previousPath } = from
    return { ...change, status: 'R', oldSha, oldMode, previousPath }
  })
  return paired.filter((change) => change.status !== 'D' || !gone.has(change.path))

  /** The first deleted file of the same kind and content that is not yet part of another rename. */
  function nextOf({ newSha, newMode }: RawChange): RawChange | undefined {
    const same = bySha.get(newSha) ?? []
    return same.find(({ path, oldMode }) => deleted.has(path) && isFile(oldMode) === isFile(newMode))
  }
}

function isPlainDeletion({ status, oldMode }: RawChange): boolean {
  return status === 'D' && mayMove(oldMode)
}

/** True for files and links. */
function mayMove(mode: string): boolean {
  return isFile(mode) || mode === '120000'
}

function isFile(mode: string): boolean {
  return mode === '100644' || mode === '100755'
}
