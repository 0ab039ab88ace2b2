import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import { OPTIONAL_REQUEST } from './optional-request.ts'
import type { RepoRef } from './repo-ref.ts'

/** Puts labels on an issue or pull request; GitHub makes those that the repository does not have. */
export async function addLabels(
  octokit: GitHubClient,
  { repository, number, labels }: { repository: RepoRef; number: number; labels: readonly string[] },
): Promise<void> {
  const place = { owner: repository.owner, repo: repository.name, issue_number: number }
  await askGitHub(
    `label ${repository.owner}/${repository.name}#${number}`,
    octokit.rest.issues.addLabels({ ...place, labels: [...labels], ...OPTIONAL_REQUEST }),
  )
}
