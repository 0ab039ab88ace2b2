import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

type Issue = Awaited<ReturnType<GitHubClient['rest']['issues']['get']>>['data']

/** An issue or a pull request, as GitHub's API gives it: the same as in a webhook about an issue. */
export async function getIssue(
  octokit: GitHubClient,
  { repository, number }: { readonly repository: RepoRef; readonly number: number },
): Promise<Issue> {
  const { owner, name } = repository
  const request = octokit.rest.issues.get({ owner, repo: name, issue_number: number })
  const { data } = await askGitHub(`read ${owner}/${name}#${number}`, request)
  return data
}
