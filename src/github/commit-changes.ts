import { BackspaceError } from '../errors.ts'
import { createBlob } from './create-blob.ts'
import { createCommit } from './create-commit.ts'
import { createTree, type TreeChange } from './create-tree.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface CommitChangesRequest {
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
