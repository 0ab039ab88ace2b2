import { setImmediate } from 'node:timers/promises'
import { BackspaceError } from '../../errors.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { ChangedFile, ChangeList, ChangeStatus } from './change-list.ts'
import { type CompareInThread, createComparison } from './create-comparison.ts'
import { type ListedChanges, listChanges } from './list-changes.ts'
import { type RawChange, unreadableList } from './raw-changes.ts'
import { readBlobs } from './read-blobs.ts'

interface CollectOptions {
  /** Git blob id and mode of every path of the base commit, as GitHub says; undefined when GitHub cut its list. */
  readonly baseFiles: ReadonlyMap<string, { readonly sha: string; readonly mode: string }> | undefined
  readonly signal: AbortSignal
  /** Without it, large files count as replaced. */
  readonly compareInThread?: CompareInThread | undefined
  /** What was collected last: it is not read again while the workspace has the same tree. */
  readonly last?: CollectedChanges | undefined
}

export interface CollectedChanges extends ChangeList {
  /** Git's id of the workspace's tree, as the sandbox says: it tells only whether to read again. */
  readonly tree: string
  /** For people: what was left out, and why. */
  readonly notices: readonly string[]
}

/** A larger change is not even read. The gate has stricter limits, and explains its refusals better. */
const LIMITS = { files: 2000, fileBytes: 10 * 1024 * 1024, totalBytes: 64 * 1024 * 1024 }
const MAX_DIFF_CHARACTERS = 256 * 1024

/**
 * Reads what the agent changed. Git inside the sandbox says which paths, and gives their bytes; the host hashes those, and
 * never runs git on anything that the sandbox wrote. Files that `.gitignore` covers, and files that setup left behind, are
 * not collected.
 *
 * @throws {BackspaceError} `change_too_large`, `publish_blocked` (a name that is not UTF-8), `tree_mismatch`
 */
export async function collectChanges(
  workspace: Workspace,
  { baseFiles, signal, compareInThread, last }: CollectOptions,
): Promise<CollectedChanges> {
  const listed = await listChanges(workspace, { known: last?.tree ?? '', limits: LIMITS, signal })
  const { found, tree } = listed
  if (!found && last) return { ...last, notices: noticesOf(listed) }
  if (!found) throw unreadableList()
  refuseTooMany(found.changes)
  checkAgainstBase(found.changes, baseFiles)
  const changes = pairRenames(found.changes, found.similar)
  requireBytes(changes, found.sizes)
  const blobs = await readBlobs(found.blobs)
  const compare = createComparison(compareInThread)
  const files: ChangedFile[] = []
  for (const change of changes) {
    files.push(await toChangedFile(change, { blobs, sizes: found.sizes }, compare))
    // A change may have thousands of files; other work goes on between them.
    await setImmediate()
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, diff: joinDiffs(files), notices: noticesOf(listed), tree }
}

/** What the sandbox gave, by id. */
interface GivenBlobs {
  readonly blobs: ReadonlyMap<string, Uint8Array>
  readonly sizes: ReadonlyMap<string, number>
}

async function toChangedFile(
  change: RawChange,
  given: GivenBlobs,
  compare: ReturnType<typeof createComparison>,
): Promise<ChangedFile> {
  const { path, previousPath, newMode: mode, oldMode, newSha, oldSha } = change
  const deleted = mode === '000000'
  const bytes = deleted ? null : mode === '160000' ? new Uint8Array() : bytesOf(newSha, given)
  if (bytes === undefined) {
    throw new BackspaceError(
      'change_too_large',
      `\`${path}\` is larger than ${LIMITS.fileBytes / 1024 / 1024} MiB, more than Backspace publishes. Ask for a change without it.`,
    )
  }
  const before = oldMode === '000000' ? null : hasBytes(oldMode) ? bytesOf(oldSha, given) : undefined
  return {
    path,
    previousPath,
    status: statusOf(change.status),
    mode,
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

/** @returns undefined for a blob that is too large. */
function bytesOf(sha: string, { blobs, sizes }: GivenBlobs): Uint8Array | undefined {
  const bytes = blobs.get(sha)
  if (!bytes && (sizes.get(sha) ?? 0) <= LIMITS.fileBytes) throw unreadableList()
  return bytes
}

/** Every blob has a size, and all that would be read are within the limit. */
function requireBytes(changes: readonly RawChange[], sizes: ReadonlyMap<string, number>): void {
  let total = 0
  for (const sha of new Set(changes.flatMap(shasOf))) {
    const size = sizes.get(sha)
    if (size === undefined) throw unreadableList()
    if (size <= LIMITS.fileBytes) total += size
  }
  if (total <= LIMITS.totalBytes) return
  throw new BackspaceError(
    'change_too_large',
    `The changed files hold ${Math.round(total / 1024 / 1024)} MiB, more than the ${LIMITS.totalBytes / 1024 / 1024} MiB that Backspace publishes at once. Ask for a smaller change.`,
  )
}

/** Submodules have a commit, not bytes. */
function hasBytes(mode: string): boolean {
  return mode !== '000000' && mode !== '160000'
}

function refuseTooMany(changes: readonly RawChange[]): void {
  if (changes.length <= LIMITS.files) return
  const folder = changes[0]?.path.split('/')[0] ?? ''
  throw new BackspaceError(
    'change_too_large',
    `${changes.length} files were changed, far more than Backspace publishes (the first are in \`${folder}\`). If they are generated, add them to .gitignore and try again.`,
  )
}

/** The sandbox's idea of the base commit must be GitHub's. */
function checkAgainstBase(changes: readonly RawChange[], baseFiles: CollectOptions['baseFiles']): void {
  if (!baseFiles) return
  for (const { path, oldMode, oldSha } of changes) {
    const known = baseFiles.get(path)
    const agrees = known ? known.sha === oldSha && known.mode === oldMode : oldMode === '000000'
    if (agrees) continue
    throw new BackspaceError(
      'tree_mismatch',
      'The sandbox compared its files with another commit than the one that the run started from, so nothing was published. Try again.',
      { facts: { path } },
    )
  }
}

function joinDiffs(files: readonly ChangedFile[]): string {
  let diff = ''
  for (const [index, file] of files.entries()) {
    if (diff.length + file.diff.length > MAX_DIFF_CHARACTERS) {
      return `${diff}(the diffs of ${files.length - index} more files are not shown)\n`
    }
    diff += file.diff
  }
  return diff
}

function noticesOf({ nested, unreadable }: ListedChanges): string[] {
  return [
    nested > 0
      ? `${nested} nested git ${nested === 1 ? 'repository was' : 'repositories were'} left out of the change.`
      : '',
    unreadable ? 'Some files could not be read by git and were left out of the change.' : '',
  ].filter((notice) => notice !== '')
}

/**
 * Joins a deletion and an addition to one rename when the file is the same, or when git found it similar. Only people
 * see the difference: the published tree is the same.
 *
 * @param changes without renames.
 * @param similar renames according to git in the sandbox, which is not trusted: used only where `changes` has both.
 */
function pairRenames(changes: readonly RawChange[], similar: readonly RawChange[]): RawChange[] {
  const deleted = new Map(changes.filter(isPlainDeletion).map((change) => [change.path, change]))
  const bySha = Map.groupBy(deleted.values(), ({ oldSha }) => oldSha)
  const hints = new Map(similar.map(({ path, previousPath }) => [path, previousPath]))
  const gone = new Set<string>()
  const paired = changes.map((change) => {
    if (change.status !== 'A' || !isFile(change.newMode)) return change
    const from = deleted.get(hints.get(change.path) ?? '') ?? nextOf(bySha.get(change.newSha))
    if (!from) return change
    deleted.delete(from.path)
    gone.add(from.path)
    const { oldSha, oldMode, path: previousPath } = from
    return { ...change, status: 'R', oldSha, oldMode, previousPath }
  })
  return paired.filter((change) => change.status !== 'D' || !gone.has(change.path))

  /** The first deleted file of the same content that no other file came from. */
  function nextOf(same: RawChange[] = []): RawChange | undefined {
    let next = same.shift()
    while (next && !deleted.has(next.path)) next = same.shift()
    return next
  }
}

function isPlainDeletion({ status, oldMode }: RawChange): boolean {
  return status === 'D' && isFile(oldMode)
}

function isFile(mode: string): boolean {
  return mode === '100644' || mode === '100755'
}
