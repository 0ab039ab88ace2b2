import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface ChangedFile {
  readonly path: string
  /** GitHub's word: added, modified, removed, renamed … */
  readonly status: string
  readonly additions: number
  readonly deletions: number
  /** Unified diff without a header; absent for binary files and large ones. */
  readonly patch?: string
}

/** What a pull request changes; its first hundred files. */
export async function listChangedFiles(
  octokit: GitHubClient,
  { repository, number }: { readonly repository: RepoRef; readonly number: number },
): Promise<readonly ChangedFile[]> {
  const { owner, name } = repository
  const { data } = await askGitHub(
    `read what ${owner}/${name}#${number} changes`,
    octokit.rest.pulls.listFiles({ owner, repo: name, pull_number: number, per_page: 100 }),
  )
  return data.map(({ filename, status, additions, deletions, patch }) => ({
    ...{ path: filename, status, additions, deletions },
    ...(patch === undefined ? {} : { patch }),
  }))
}
