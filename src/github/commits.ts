import { BackspaceError } from '../errors.ts'
import type { GitHubClient } from './github-client.ts'
import { askGitHub } from './github-error.ts'
import type { RepoRef } from './repo-ref.ts'

interface CommitChangesRequest {
  readonly repository: RepoRef
  readonly parent: string
  /** Tree of the parent; what is not in `files` stays as it is there. */
  readonly baseTree: string
  readonly files: readonly FileToCommit[]
  readonly message: string
}

export interface FileToCommit {
  readonly path: string
  readonly mode: '100644' | '100755'
  /** Null deletes the file. */
  readonly content: { readonly bytes: Uint8Array; readonly sha: string } | null
}

/** As many uploads at once; GitHub allows 100 requests at once for everything. */
const UPLOADS_AT_ONCE = 6

/**
 * Makes a commit through the Git Data API: blobs, a tree on the parent's, a commit. No branch points at it yet.
 * Every blob must get the id that was computed for it, so what was checked is what is committed.
 *
 * @returns the commit's id.
 */
export async function commitChanges(octokit: GitHubClient, request: CommitChangesRequest): Promise<string> {
  const { repository, parent, baseTree, files, message } = request
  await uploadBlobs(octokit, repository, files)
  const changes = files.map(
    ({ path, mode, content }): TreeChange => ({ path, mode, sha: content?.sha ?? null }),
  )
  const tree = await createTree(octokit, { repository, baseTree, changes })
  return createCommit(octokit, { repository, message, tree, parent })
}

async function uploadBlobs(
  octokit: GitHubClient,
  repository: RepoRef,
  files: readonly FileToCommit[],
): Promise<void> {
  const waiting = [
    ...new Map(files.flatMap(({ content }) => (content ? [[content.sha, content.bytes]] : []))).entries(),
  ]
  async function upload(): Promise<void> {
    for (let next = waiting.pop(); next; next = waiting.pop()) {
      const [sha, bytes] = next
      const stored = await createBlob(octokit, { repository, bytes })
      if (stored === sha) continue
      throw new BackspaceError(
        'tree_mismatch',
        'GitHub stored a file as something else than what was sent, so nothing was published. Try again.',
        { facts: { sent: sha, stored } },
      )
    }
  }
  await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, upload))
}

interface CommitInfo {
  readonly sha: string
  readonly tree: string
  readonly message: string
  readonly parents: readonly string[]
}

export async function getCommit(
  octokit: GitHubClient,
  { repository, sha }: { repository: RepoRef; sha: string },
): Promise<CommitInfo> {
  const { data } = await askGitHub(
    `read a commit of ${repository.owner}/${repository.name}`,
    octokit.rest.git.getCommit({ owner: repository.owner, repo: repository.name, commit_sha: sha }),
  )
  return {
    sha: data.sha,
    tree: data.tree.sha,
    message: data.message,
    parents: data.parents.map((parent) => parent.sha),
  }
}

/**
 * Makes a commit, which no branch points at yet, and returns its id. Neither author nor committer is given: only
 * then does GitHub sign a commit of the App, which shows it as Verified.
 */
async function createCommit(
  octokit: GitHubClient,
  {
    repository,
    message,
    tree,
    parent,
  }: { repository: RepoRef; message: string; tree: string; parent: string },
): Promise<string> {
  const { data } = await askGitHub(
    `store a commit in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createCommit({
      owner: repository.owner,
      repo: repository.name,
      message,
      tree,
      parents: [parent],
    }),
  )
  return data.sha
}

/** Stores bytes as a git blob and returns its id. The same bytes are the same blob, so it may be repeated. */
async function createBlob(
  octokit: GitHubClient,
  { repository, bytes }: { repository: RepoRef; bytes: Uint8Array },
): Promise<string> {
  const { data } = await askGitHub(
    `store a file in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createBlob({
      owner: repository.owner,
      repo: repository.name,
      content: Buffer.from(bytes).toString('base64'),
      encoding: 'base64',
    }),
  )
  return data.sha
}

/** A file of the new tree; without a blob it is deleted. */
interface TreeChange {
  readonly path: string
  readonly mode: '100644' | '100755'
  readonly sha: string | null
}

/** Makes a tree out of another one and changes to it, and returns its id. Everything else stays as it is. */
async function createTree(
  octokit: GitHubClient,
  {
    repository,
    baseTree,
    changes,
  }: { repository: RepoRef; baseTree: string; changes: readonly TreeChange[] },
): Promise<string> {
  const { data } = await askGitHub(
    `store the changed tree in ${repository.owner}/${repository.name}`,
    octokit.rest.git.createTree({
      owner: repository.owner,
      repo: repository.name,
      base_tree: baseTree,
      tree: changes.map(({ path, mode, sha }) => ({ path, mode, type: 'blob' as const, sha })),
    }),
  )
  return data.sha
}

interface TreeEntry {
  readonly path: string
  /** Six octal digits. */
  readonly mode: string
  readonly sha: string
}

export interface TreeListing {
  /** Every file, symlink and submodule; no directories. */
  readonly entries: readonly TreeEntry[]
  /** True when GitHub left something out (above 100,000 entries or 7 MB). */
  readonly truncated: boolean
}

/** Lists a whole tree. */
export async function getTree(
  octokit: GitHubClient,
  { repository, tree }: { repository: RepoRef; tree: string },
): Promise<TreeListing> {
  const { data } = await askGitHub(
    `list the files of ${repository.owner}/${repository.name}`,
    octokit.rest.git.getTree({
      owner: repository.owner,
      repo: repository.name,
      tree_sha: tree,
      recursive: '1',
    }),
  )
  const entries = data.tree
    .filter(({ type }) => type !== 'tree')
    .map(({ path, mode, sha }) => ({ path, mode, sha }))
  return { entries, truncated: data.truncated }
}
