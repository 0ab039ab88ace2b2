import { BackspaceError } from '../../errors.ts'
import type { Cloner } from '../clone/clone-repository.ts'
import type { GitOnHost } from '../clone/git-on-host.ts'
import type { DisputedSubmodule } from '../clone/newer-commit.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import { COLLECT_LIMITS, describeFiles, refuseTooMany, requireBytes } from '../collect/changed-files.ts'
import { parseRawChanges, type RawChange } from '../collect/raw-changes.ts'
import { readBlobs } from '../collect/read-blobs.ts'
import { readPointer } from '../workspace/large-pointer.ts'
import type { MergeWish } from '../workspace/merge-wish.ts'
import type { Base } from '../workspace/workspace.ts'
import { lockCommand } from './lock-commands.ts'
import { markersIn } from './markers.ts'
import { type ConflictedPath, type MergedTree, readMergeTree, type Stage } from './read-merge-tree.ts'

/** A merge that git began on the host and that an agent has to finish. */
export interface PreparedMerge {
  readonly wish: MergeWish
  /** Id of the tree with which the agent begins. Files in conflict have markers; lock files are those of the base. */
  readonly tree: string
  /** The changes from the base branch to this tree. */
  readonly files: readonly ChangedFile[]
  /** Ids of blobs and submodules in one of the branches, so that GitHub already has them. */
  readonly known: ReadonlySet<string>
  readonly conflicts: readonly MergeConflict[]
  /** Folders of submodules that both sides updated; the merge has the newer of the two commits. */
  readonly forwarded: readonly string[]
}

/** A file that both sides changed and git could not merge. */
export interface MergeConflict extends ConflictedPath {
  /** The command that regenerates a lock file; undefined for other files. */
  readonly relock: string | undefined
  /** True if the file has conflict markers. Otherwise it is the file of one side, or missing. */
  readonly hasMarkers: boolean
  /** The bytes of both sides, without sides that are too large. */
  readonly sides: readonly Uint8Array[]
}

/**
 * Merges the base into the branch of the pull request, on the host and without a work tree.
 *
 * @returns undefined if the run does not merge.
 * @throws {BackspaceError} `clone_failed`, `change_too_large`
 */
export async function prepareMerge(
  cloner: Pick<Cloner, 'onHost' | 'newerCommit'>,
  request: Parameters<Cloner['onHost']>[0],
): Promise<PreparedMerge | undefined> {
  const { merge: wish } = request.base
  return (
    wish &&
    cloner.onHost(request, (git) =>
      mergeWith(git, {
        wish,
        base: request.base,
        newerCommit: (disputed) => cloner.newerCommit(disputed, request),
      }),
    )
  )
}

interface MergeRequest {
  readonly wish: MergeWish
  readonly base: Base
  readonly newerCommit: (disputed: DisputedSubmodule) => Promise<string | undefined>
}

async function mergeWith(git: GitOnHost, request: MergeRequest): Promise<PreparedMerge> {
  const { wish, base } = request
  // Conflict markers show these names.
  await git.run(['update-ref', 'refs/heads/head', wish.headSha])
  await git.run(['update-ref', 'refs/heads/base', base.sha])
  const printed = await git.run(['merge-tree', '--write-tree', '-z', 'head', 'base'], [1])
  const merged = readMergeTree(printed)
  if (!merged) {
    throw new BackspaceError(
      'clone_failed',
      'Git on the machine that runs Backspace could not merge the branches. It needs git 2.38 or newer.',
    )
  }
  const newer = await newerCommits(git, merged, request)
  const open = merged.conflicts.filter(({ path }) => !newer.has(path))
  const sidesOf = await readAllSides(git, open)
  const tree = await settleWhole(git, { tree: merged.tree, conflicts: open, newer }, sidesOf)
  const changes = await changesBetween(git, base.sha, tree)
  const fresh = new Set((await changesBetween(git, wish.headSha, tree)).map(({ newSha }) => newSha))
  const inHead = changes.map(({ newSha }) => newSha).filter((sha) => !fresh.has(sha))
  const sideIds = merged.conflicts.flatMap(({ ours, theirs }) =>
    [ours, theirs].flatMap((side) => side?.sha ?? []),
  )
  const known = new Set([...inHead, ...sideIds])
  const files = await readFiles(git, changes)
  const text = new Map(files.map(({ path, bytes }) => [path, bytes]))
  const conflicts: MergeConflict[] = []
  for (const path of open) {
    const relock = lockCommand(path.path)
    const bytes = text.get(path.path)
    const sides = sidesOf.get(path) ?? []
    const hasMarkers =
      !relock && bytes !== undefined && bytes !== null && markersIn(bytes, { begun: bytes, sides }).length > 0
    conflicts.push({ ...path, relock, hasMarkers, sides })
  }
  return { wish, tree, files, known, conflicts, forwarded: [...newer.keys()] }
}

const SUBMODULE = '160000'

/** Takes the newer commit of each disputed submodule, as git does if it has the submodule. */
async function newerCommits(
  git: GitOnHost,
  { tree, conflicts }: MergedTree,
  { newerCommit }: Pick<MergeRequest, 'newerCommit'>,
): Promise<ReadonlyMap<string, Stage>> {
  const found = new Map<string, Stage>()
  for (const { path, ours, theirs } of conflicts) {
    if (ours?.mode !== SUBMODULE || theirs?.mode !== SUBMODULE) continue
    const gitmodules = await git.run(['show', `${tree}:.gitmodules`], [128])
    const sha = await newerCommit({ path, ours: ours.sha, theirs: theirs.sha, gitmodules })
    if (sha !== undefined) found.set(path, { mode: SUBMODULE, sha })
  }
  return found
}

type SidesOf = ReadonlyMap<ConflictedPath, readonly Uint8Array[]>

/**
 * Replaces files in which conflict markers are of no use: a lock file by that of the base, from which its tool regenerates
 * it, and a pointer of Git LFS by that of the head, as for any binary file.
 */
async function settleWhole(
  git: GitOnHost,
  { tree, conflicts, newer }: MergedTree & { readonly newer: ReadonlyMap<string, Stage> },
  sidesOf: SidesOf,
): Promise<string> {
  const files = conflicts.flatMap((conflict) => {
    const { path, ours, theirs } = conflict
    if (lockCommand(path)) return [{ path, side: theirs }]
    const sides = sidesOf.get(conflict) ?? []
    return ours && sides.length === 2 && sides.every(readPointer) ? [{ path, side: ours }] : []
  })
  const whole = [...files, ...[...newer].map(([path, side]) => ({ path, side }))]
  if (whole.length === 0) return tree
  await git.run(['read-tree', tree])
  for (const { path, side } of whole) {
    const how = side
      ? ['--add', '--cacheinfo', `${side.mode},${side.sha},${path}`]
      : ['--force-remove', '--', path]
    await git.run(['update-index', ...how])
  }
  return (await git.run(['write-tree'])).trim()
}

async function changesBetween(git: GitOnHost, from: string, to: string): Promise<RawChange[]> {
  const args = ['diff-tree', '-r', '--raw', '-z', '--no-abbrev', '--no-renames', '--ignore-submodules=none']
  const changes = parseRawChanges(Buffer.from(await git.run([...args, from, to])), COLLECT_LIMITS.files * 4)
  return changes
}

const FILE_MODES = ['100644', '100755', '120000']

async function readFiles(git: GitOnHost, changes: readonly RawChange[]): Promise<readonly ChangedFile[]> {
  refuseTooMany(changes)
  const ids = changes.flatMap(({ oldMode, oldSha, newMode, newSha }) => [
    ...(FILE_MODES.includes(oldMode) ? [oldSha] : []),
    ...(FILE_MODES.includes(newMode) ? [newSha] : []),
  ])
  const sizes = await git.sizes([...new Set(ids)])
  requireBytes(changes, sizes)
  const fileBytes = COLLECT_LIMITS.totalBytes
  const wanted = [...sizes].filter(([, size]) => size <= fileBytes).map(([sha]) => sha)
  const blobs = await readBlobs(await git.read(wanted), fileBytes)
  const { files, leftOut } = await describeFiles(changes, { blobs, sizes, fileBytes }, undefined)
  const [tooLarge] = leftOut
  if (tooLarge === undefined) return files
  throw new BackspaceError(
    'change_too_large',
    `The branches were not merged: \`${tooLarge.path}\` ${tooLarge.why}. Merge them by hand.`,
  )
}

async function readAllSides(git: GitOnHost, conflicts: readonly ConflictedPath[]): Promise<SidesOf> {
  const found = new Map<ConflictedPath, readonly Uint8Array[]>()
  for (const conflict of conflicts) {
    if (!lockCommand(conflict.path)) found.set(conflict, await readSides(git, conflict))
  }
  return found
}

async function readSides(git: GitOnHost, { ours, theirs }: ConflictedPath): Promise<readonly Uint8Array[]> {
  const ids = [ours, theirs].flatMap((stage) => (stage && FILE_MODES.includes(stage.mode) ? [stage.sha] : []))
  const sizes = await git.sizes(ids)
  const small = ids.filter((sha) => (sizes.get(sha) ?? Infinity) <= COLLECT_LIMITS.fileBytes)
  const blobs = await readBlobs(await git.read(small), COLLECT_LIMITS.fileBytes)
  return ids.flatMap((sha) => blobs.get(sha) ?? [])
}
