import { askGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import type { ThreadRef } from './issues.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

/** What has become of a pull request, according to GitHub. */
export interface PullRequestEnd {
  readonly state: 'open' | 'merged' | 'closed'
  /** The branch that the pull request is, or was to be, merged into. */
  readonly base: string
  /** When the pull request was merged or closed; undefined while it is open. */
  readonly endedAt: Date | undefined
  /** The commit that the merge created on the base branch; undefined unless it was merged. */
  readonly mergeSha: string | undefined
  readonly headSha: string
}

export async function readPullRequestEnd(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<PullRequestEnd> {
  const { data } = await askGitHub(
    `read pull request ${fullName(repository)}#${number}`,
    octokit.rest.pulls.get({ ...inRepository(repository), pull_number: number }),
  )
  const endedAt = data.merged_at ?? data.closed_at
  return {
    state: data.merged ? 'merged' : data.state === 'open' ? 'open' : 'closed',
    base: data.base.ref,
    endedAt: endedAt === null ? undefined : new Date(endedAt),
    mergeSha: data.merged ? (data.merge_commit_sha ?? undefined) : undefined,
    headSha: data.head.sha,
  }
}

interface PullRequestCommit {
  readonly sha: string
  /** True if the commit has several parents, for instance because the base branch was merged into it. */
  readonly isMerge: boolean
}

/** The commits of a pull request, at most 250. */
export async function listPullRequestCommits(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<readonly PullRequestCommit[]> {
  const commits = await askGitHub(
    `read the commits of ${fullName(repository)}#${number}`,
    octokit.paginate(octokit.rest.pulls.listCommits, {
      ...inRepository(repository),
      pull_number: number,
      per_page: 100,
    }),
  )
  return commits.map(({ sha, parents }) => ({ sha, isMerge: parents.length > 1 }))
}

interface BranchCommit {
  readonly sha: string
  readonly message: string
  /** When the commit was made, by the committer's clock; undefined if git has no time. */
  readonly at: Date | undefined
}

const PAGES = 3

/** The newest commits of a branch since some time, by the committers' clocks; at most 300. */
export async function listCommitsSince(
  octokit: GitHubClient,
  {
    repository,
    branch,
    since,
  }: { readonly repository: RepoRef; readonly branch: string; readonly since: Date },
): Promise<readonly BranchCommit[]> {
  const found: BranchCommit[] = []
  for (let page = 1; page <= PAGES; page++) {
    const { data } = await askGitHub(
      `read the commits of ${fullName(repository)}`,
      octokit.rest.repos.listCommits({
        ...inRepository(repository),
        sha: branch,
        since: since.toISOString(),
        per_page: 100,
        page,
      }),
    )
    found.push(
      ...data.map(({ sha, commit }) => {
        const at = new Date(commit.committer?.date ?? '')
        return { sha, message: commit.message, at: Number.isNaN(at.getTime()) ? undefined : at }
      }),
    )
    if (data.length < 100) break
  }
  return found
}
