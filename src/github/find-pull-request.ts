import { askGitHub } from './ask-github.ts'
import { type PullRequest, toPullRequest } from './get-pull-request.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

/**
 * The newest pull request from a branch, whatever its state; undefined when there is none.
 *
 * @param head `owner:branch`.
 */
export async function findPullRequest(
  octokit: GitHubClient,
  { repository, head }: { repository: RepoRef; head: string },
): Promise<PullRequest | undefined> {
  const { data } = await askGitHub(
    `look for a pull request in ${repository.owner}/${repository.name}`,
    octokit.rest.pulls.list({
      owner: repository.owner,
      repo: repository.name,
      head,
      state: 'all',
      per_page: 10,
    }),
  )
  // Some servers ignore an unknown filter; the branch is compared again, so that no other one is adopted.
  const branch = head.slice(head.indexOf(':') + 1)
  const found = data.find((pull) => pull.head.ref === branch)
  return found && toPullRequest(found)
}
