import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

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
