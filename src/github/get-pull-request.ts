import { askGitHub } from './ask-github.ts'
import type { GitHubClient } from './github-client.ts'
import type { RepoRef } from './repo-ref.ts'

export interface PullRequest {
  readonly number: number
  readonly url: string
  readonly title: string
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  readonly head: {
    readonly ref: string
    readonly sha: string
    /** Undefined when the fork was deleted. */
    readonly repositoryId: number | undefined
  }
  readonly base: { readonly ref: string; readonly sha: string; readonly repositoryId: number }
}

export async function getPullRequest(
  octokit: GitHubClient,
  { repository, number }: { repository: RepoRef; number: number },
): Promise<PullRequest> {
  const { data } = await askGitHub(
    `read pull request ${repository.owner}/${repository.name}#${number}`,
    octokit.rest.pulls.get({ owner: repository.owner, repo: repository.name, pull_number: number }),
  )
  return toPullRequest(data)
}

/** The fields that we use, out of GitHub's answer. */
export function toPullRequest(data: {
  readonly number: number
  readonly html_url: string
  readonly title: string
  readonly state: string
  readonly draft?: boolean | undefined
  readonly head: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: number } | null }
  readonly base: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: number } }
}): PullRequest {
  return {
    number: data.number,
    url: data.html_url,
    title: data.title,
    state: data.state === 'open' ? 'open' : 'closed',
    draft: data.draft ?? false,
    head: { ref: data.head.ref, sha: data.head.sha, repositoryId: data.head.repo?.id },
    base: { ref: data.base.ref, sha: data.base.sha, repositoryId: data.base.repo.id },
  }
}
