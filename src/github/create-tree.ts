import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/** A file of the new tree; without a blob it is deleted. */
export interface TreeChange {
  readonly path: string
  readonly mode: '100644' | '100755'
  readonly sha: string | null
}

/** Makes a tree out of another one and changes to it, and returns its id. Everything else stays as it is. */
export async function createTree(
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
