import type { GitHubClient } from './github-client.ts'
import { askGitHub, githubFailure } from './github-error.ts'
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
function toPullRequest(data: {
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

interface CreatePullRequestRequest {
  readonly repository: RepoRef
  readonly title: string
  readonly body: string
  /** `owner:branch`; the owner is another one when the branch is in a fork. */
  readonly head: string
  readonly base: string
  readonly draft: boolean
}

/**
 * Opens a pull request, or finds the one that this head already has: after a lost answer nobody knows whether it
 * was opened, so it is looked up instead of opened twice. A plan without drafts gets an ordinary one.
 */
export async function createPullRequest(
  octokit: GitHubClient,
  request: CreatePullRequestRequest,
): Promise<PullRequest> {
  try {
    return await open(octokit, request)
  } catch (error) {
    const failure = githubFailure(error)
    if (!failure || (failure.status !== 422 && failure.status < 500)) throw error
    const existing = await findPullRequest(octokit, request)
    if (existing?.state === 'open') return existing
    if (request.draft && /draft/i.test(failure.message)) return open(octokit, { ...request, draft: false })
    throw error
  }
}

async function open(
  octokit: GitHubClient,
  { repository, title, body, head, base, draft }: CreatePullRequestRequest,
): Promise<PullRequest> {
  const { data } = await askGitHub(
    `open a pull request in ${repository.owner}/${repository.name}`,
    octokit.rest.pulls.create({
      owner: repository.owner,
      repo: repository.name,
      title,
      body,
      head,
      base,
      draft,
      maintainer_can_modify: true,
    }),
  )
  return toPullRequest(data)
}

interface ChangedFile {
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
