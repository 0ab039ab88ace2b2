import { BackspaceError } from '../../errors.ts'
import { compareCommits, getCommit, getTree, readBlob, type TreeListing } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import type { PullRequest } from '../../github/pull-requests.ts'
import type { ChangeList } from '../collect/change-list.ts'
import {
  COLLECT_LIMITS,
  describeFiles,
  type GivenBlobs,
  pairRenames,
  requireBytes,
} from '../collect/changed-files.ts'
import type { CompareInThread } from '../collect/create-comparison.ts'
import type { RawChange } from '../collect/raw-changes.ts'
import { blobSha } from '../collect/read-blobs.ts'
import type { VerifiedBase } from '../verify/open-room.ts'

/** The changes of a pull request, read from GitHub without running any of its code. */
export interface ProvedChange extends ChangeList {
  /** The commit from which its branch started. */
  readonly from: VerifiedBase
}

interface ReadOptions {
  readonly signal: AbortSignal
  readonly compareInThread: CompareInThread | undefined
}

/** Each file costs one or two requests. */
const MOST_FILES = 300
const AT_ONCE = 6
const NO_SHA = '0'.repeat(40)
const NO_MODE = '000000'

/**
 * Reads an open pull request as the difference between two trees, so that it does not matter who wrote it or where its
 * branch is. Settings and checks are those of the commit from which the branch started.
 *
 * @throws {BackspaceError} `change_too_large`, `tree_mismatch`
 */
export async function readProvedChange(
  access: RepositoryAccess,
  { number, head, base }: PullRequest,
  { signal, compareInThread }: ReadOptions,
): Promise<ProvedChange> {
  const { octokit, repository } = access
  const parted = await compareCommits(octokit, { repository, base: base.sha, head: head.sha })
  if (parted === undefined) {
    throw new BackspaceError(
      'conflict',
      `Pull request #${number} has no commit in common with \`${base.ref}\`, so it is no change of it that could be proved.`,
    )
  }
  const { mergeBase: sha } = parted
  const [began, ended] = await Promise.all([
    getCommit(octokit, { repository, sha }),
    getCommit(octokit, { repository, sha: head.sha }),
  ])
  const [baseTree, headTree] = await Promise.all([
    getTree(octokit, { repository, tree: began.tree }),
    getTree(octokit, { repository, tree: ended.tree }),
  ])
  if (baseTree.truncated || headTree.truncated) {
    throw new BackspaceError(
      'change_too_large',
      `${repository.owner}/${repository.name} has more files than GitHub lists, so pull request #${number} cannot be proved.`,
    )
  }
  signal.throwIfAborted()
  const changes = pairRenames(changesBetween(baseTree, headTree), [])
  requireFew(changes, number)
  const sizes = sizesOf(baseTree, headTree)
  // Checked before reading, since anyone can open a pull request and all of it is kept in memory.
  requireBytes(changes, sizes)
  const given = await readContents(access, changes, { sizes, signal })
  const { leftOut, ...described } = await describeFiles(changes, given, compareInThread)
  const [first] = leftOut
  if (first) {
    throw new BackspaceError(
      'change_too_large',
      `Pull request #${number} cannot be proved: \`${first.path}\` ${first.why}.`,
    )
  }
  const fork = head.repositoryId === repository.id ? undefined : head.repository
  return {
    ...described,
    from: { access, base: { branch: base.ref, sha, tree: began.tree, fork, trustedSha: sha }, baseTree },
  }
}

function changesBetween(base: TreeListing, head: TreeListing): readonly RawChange[] {
  const before = new Map(base.entries.map((entry) => [entry.path, entry]))
  const after = new Set(head.entries.map(({ path }) => path))
  const changed = head.entries.flatMap(({ path, mode, sha }): readonly RawChange[] => {
    const old = before.get(path)
    if (old === undefined) {
      return [{ path, status: 'A', oldMode: NO_MODE, oldSha: NO_SHA, newMode: mode, newSha: sha }]
    }
    if (old.mode === mode && old.sha === sha) return []
    return [{ path, status: 'M', oldMode: old.mode, oldSha: old.sha, newMode: mode, newSha: sha }]
  })
  const gone = base.entries.flatMap(({ path, mode, sha }): readonly RawChange[] =>
    after.has(path)
      ? []
      : [{ path, status: 'D', oldMode: mode, oldSha: sha, newMode: NO_MODE, newSha: NO_SHA }],
  )
  return [...changed, ...gone]
}

function requireFew(changes: readonly RawChange[], number: number): void {
  if (changes.length <= MOST_FILES) return
  throw new BackspaceError(
    'change_too_large',
    `Pull request #${number} changes ${changes.length} files. Backspace proves pull requests of up to ${MOST_FILES} files; split it to have it proved.`,
  )
}

function sizesOf(...trees: readonly TreeListing[]): ReadonlyMap<string, number> {
  return new Map(trees.flatMap(({ entries }) => entries.map(({ sha, size = 0 }) => [sha, size] as const)))
}

/** Reads the files of both sides and verifies their hashes. Submodules have no contents. */
async function readContents(
  { octokit, repository }: RepositoryAccess,
  changes: readonly RawChange[],
  { sizes, signal }: { readonly sizes: ReadonlyMap<string, number>; readonly signal: AbortSignal },
): Promise<GivenBlobs> {
  const sides = changes.flatMap(({ oldMode, oldSha, newMode, newSha }) => [
    { mode: oldMode, sha: oldSha },
    { mode: newMode, sha: newSha },
  ])
  const files = sides.filter(({ mode }) => mode !== NO_MODE && mode !== '160000')
  const wanted = [...new Set(files.map(({ sha }) => sha))].filter(
    (sha) => (sizes.get(sha) ?? 0) <= COLLECT_LIMITS.fileBytes,
  )
  const blobs = new Map<string, Uint8Array>()
  async function read(): Promise<void> {
    for (let sha = wanted.pop(); sha !== undefined; sha = wanted.pop()) {
      signal.throwIfAborted()
      const bytes = await readBlob(octokit, { repository, sha })
      if (blobSha(bytes) !== sha) {
        throw new BackspaceError(
          'tree_mismatch',
          'GitHub sent a file with other bytes than it lists. Try again.',
        )
      }
      blobs.set(sha, bytes)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, read))
  return { blobs, sizes, fileBytes: COLLECT_LIMITS.fileBytes }
}
