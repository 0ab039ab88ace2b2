import { BackspaceError } from '../errors.ts'
import { askGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { githubFailure } from './github-error.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

export interface FileToCommit {
  readonly path: string
  /** Of a file, a symbolic link or a submodule. */
  readonly mode: '100644' | '100755' | '120000' | '160000'
  /** Null deletes the file. Without `bytes`, GitHub has the blob `sha` already. */
  readonly content: { readonly bytes?: Uint8Array | undefined; readonly sha: string } | null
}

interface CommitChangesRequest {
  readonly repository: RepoRef
  readonly parents: readonly string[]
  /** Tree of one of the parents. Files that are not in `files` stay as they are in this tree. */
  readonly baseTree: string
  readonly files: readonly FileToCommit[]
  readonly message: string
  /** Git's id that the new tree must have; undefined if it is not known. */
  readonly tree?: string | undefined
}

/**
 * Creates a commit through the Git Data API: blobs, a tree on top of a parent's tree, a commit. No branch points at it
 * yet. Every blob must get the id that Backspace computed for it, so GitHub commits exactly the bytes that were
 * checked.
 *
 * @returns the commit's id.
 * @throws {BackspaceError} `tree_mismatch` if GitHub stored other bytes, or made another tree.
 */
export async function commitChanges(
  octokit: GitHubClient,
  { repository, parents, baseTree, files, message, tree: expected }: CommitChangesRequest,
): Promise<string> {
  await uploadBlobs(octokit, repository, files)
  // A merge may result in the tree of its base, and GitHub rejects an empty list.
  const tree = files.length === 0 ? baseTree : await storeTree(octokit, { repository, baseTree, files })
  if (expected !== undefined && tree !== expected) {
    throw new BackspaceError(
      'tree_mismatch',
      'The tree that GitHub made of the changed files is not the one that was verified, so nothing was published. Try again.',
      { facts: { expected, stored: tree } },
    )
  }
  // Without author and committer GitHub signs a commit of the App, and shows it as Verified.
  const { data: commit } = await askGitHub(
    `store a commit in ${fullName(repository)}`,
    octokit.rest.git.createCommit({
      ...inRepository(repository),
      message,
      tree,
      parents: [...parents],
    }),
  )
  return commit.sha
}

async function storeTree(
  octokit: GitHubClient,
  { repository, baseTree, files }: Pick<CommitChangesRequest, 'repository' | 'baseTree' | 'files'>,
): Promise<string> {
  const { data } = await askGitHub(
    `store the changed tree in ${fullName(repository)}`,
    octokit.rest.git.createTree({
      ...inRepository(repository),
      base_tree: baseTree,
      tree: files.map(({ path, mode, content }) => ({
        path,
        mode,
        type: mode === '160000' ? 'commit' : 'blob',
        sha: content?.sha ?? null,
      })),
    }),
  )
  return data.sha
}

/** How many uploads run at once. GitHub allows 100 concurrent requests for everything. */
const UPLOADS_AT_ONCE = 6

async function uploadBlobs(
  octokit: GitHubClient,
  repository: RepoRef,
  files: readonly FileToCommit[],
): Promise<void> {
  const waiting = new Map<string, Uint8Array>()
  for (const { content } of files) if (content?.bytes) waiting.set(content.sha, content.bytes)
  const blobs = [...waiting]
  async function upload(): Promise<void> {
    for (let next = blobs.pop(); next; next = blobs.pop()) {
      const [sha, bytes] = next
      const stored = await createBlob(octokit, repository, bytes)
      if (stored === sha) continue
      throw new BackspaceError(
        'tree_mismatch',
        'GitHub stored a file with other bytes than Backspace sent, so nothing was published. Try again.',
        { facts: { sent: sha, stored } },
      )
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, upload))
}

/** Stores bytes as a git blob and returns the blob's id. It is safe to repeat: the same bytes are the same blob. */
async function createBlob(octokit: GitHubClient, repository: RepoRef, bytes: Uint8Array): Promise<string> {
  const { data } = await askGitHub(
    `store a file in ${fullName(repository)}`,
    octokit.rest.git.createBlob({
      ...inRepository(repository),
      content: Buffer.from(bytes).toString('base64'),
      encoding: 'base64',
    }),
  )
  return data.sha
}

interface CommitInfo {
  readonly sha: string
  readonly tree: string
  readonly message: string
  readonly parents: readonly string[]
}

export async function getCommit(
  octokit: GitHubClient,
  { repository, sha }: { readonly repository: RepoRef; readonly sha: string },
): Promise<CommitInfo> {
  const { data } = await askGitHub(
    `read a commit of ${fullName(repository)}`,
    octokit.rest.git.getCommit({ ...inRepository(repository), commit_sha: sha }),
  )
  return {
    sha: data.sha,
    tree: data.tree.sha,
    message: data.message,
    parents: data.parents.map((parent) => parent.sha),
  }
}

interface TreeEntry {
  readonly path: string
  /** Six octal digits. */
  readonly mode: string
  readonly sha: string
  /** Size of a file in bytes. */
  readonly size?: number | undefined
}

export interface TreeListing {
  /** Every file, symlink and submodule; no directories. */
  readonly entries: readonly TreeEntry[]
  /** Git's id of each folder by its path, as far as GitHub lists them. The root is not included. */
  readonly folders?: ReadonlyMap<string, string> | undefined
  /** True if GitHub left entries out (above 100,000 entries or 7 MB). */
  readonly truncated: boolean
}

/** Lists a whole tree. */
export async function getTree(
  octokit: GitHubClient,
  { repository, tree }: { readonly repository: RepoRef; readonly tree: string },
): Promise<TreeListing> {
  const where = { ...inRepository(repository), tree_sha: tree, recursive: '1' }
  // Octokit searches the parsed answer for large numbers, which takes a second for 100,000 files. There are none in it.
  const request = { parseSuccessResponseBody: false }
  const { tree: found, truncated } = await askGitHub(
    `list the files of ${fullName(repository)}`,
    octokit.rest.git.getTree({ ...where, request }).then(({ data }) => parseTree(data)),
  )
  const entries: TreeEntry[] = []
  const folders = new Map<string, string>()
  for (const { type, path, mode, sha, size } of found) {
    if (type === 'tree') folders.set(path, sha)
    else entries.push({ path, mode, sha, size })
  }
  return { entries, folders, truncated }
}

type FoundTree = Awaited<ReturnType<GitHubClient['rest']['git']['getTree']>>['data']

async function parseTree(body: unknown): Promise<FoundTree> {
  return (await new Response(body as ReadableStream).json()) as FoundTree
}

/** The bytes of the blob with this id. */
export async function readBlob(
  octokit: GitHubClient,
  { repository, sha }: { readonly repository: RepoRef; readonly sha: string },
): Promise<Uint8Array> {
  const { data } = await askGitHub(
    `read a file of ${fullName(repository)}`,
    octokit.rest.git.getBlob({ ...inRepository(repository), file_sha: sha }),
  )
  return Buffer.from(data.content, 'base64')
}

interface ComparedCommits {
  /** The last commit that both have in common. */
  readonly mergeBase: string
  /** Commits that only `head` has. */
  readonly ahead: number
  /** Commits that only `base` has. */
  readonly behind: number
}

/**
 * Compares two commits.
 *
 * @param head may be a commit of a fork, if a pull request of the repository has it.
 * @returns undefined if they have no commit in common.
 */
export async function compareCommits(
  octokit: GitHubClient,
  { repository, base, head }: { readonly repository: RepoRef; readonly base: string; readonly head: string },
): Promise<ComparedCommits | undefined> {
  const request = octokit.rest.repos.compareCommitsWithBasehead({
    ...inRepository(repository),
    basehead: `${base}...${head}`,
    per_page: 1,
  })
  const apart = request.catch((error: unknown) => {
    if (/no common ancestor/i.test(githubFailure(error)?.message ?? '')) return undefined
    throw error
  })
  const answer = await askGitHub(`compare commits of ${fullName(repository)}`, apart)
  if (answer === undefined) return undefined
  const { data } = answer
  return { mergeBase: data.merge_base_commit.sha, ahead: data.ahead_by, behind: data.behind_by }
}
