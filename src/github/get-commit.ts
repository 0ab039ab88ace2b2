import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface CommitInfo {
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
