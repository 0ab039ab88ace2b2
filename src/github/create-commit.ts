import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * Makes a commit, which no branch points at yet, and returns its id. Neither author nor committer is given: only
 * then does GitHub sign a commit of the App, which shows it as Verified.
 */
export async function createCommit(
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
