import { askGitHub, OPTIONAL_REQUEST } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** An issue or a pull request. GitHub numbers both in one sequence, and both have comments and labels. */
export interface ThreadRef {
  readonly repository: RepoRef
  readonly number: number
}

/** An issue as GitHub's API returns it, and as webhooks about issues contain it. */
type Issue = Awaited<ReturnType<GitHubClient['rest']['issues']['get']>>['data']

/** Reads an issue or a pull request. */
export async function getIssue(octokit: GitHubClient, { repository, number }: ThreadRef): Promise<Issue> {
  const { data } = await askGitHub(
    `read ${fullName(repository)}#${number}`,
    octokit.rest.issues.get({ ...inRepository(repository), issue_number: number }),
  )
  return data
}

/** Puts labels on an issue or a pull request. GitHub creates labels that the repository does not have yet. */
export async function addLabels(
  octokit: GitHubClient,
  { repository, number, labels }: ThreadRef & { readonly labels: readonly string[] },
): Promise<void> {
  await askGitHub(
    `label ${fullName(repository)}#${number}`,
    octokit.rest.issues.addLabels({
      ...inRepository(repository),
      ...OPTIONAL_REQUEST,
      issue_number: number,
      labels: [...labels],
    }),
  )
}
