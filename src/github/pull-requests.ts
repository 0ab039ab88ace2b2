import { BackspaceError } from '../errors.ts'
import type { SafeMarkdown } from '../text/markdown/safe-markdown.ts'
import { askGitHub } from './github-call.ts'
import type { GitHubClient } from './github-client.ts'
import { githubFailure } from './github-error.ts'
import type { ThreadRef } from './issues.ts'
import { fullName, inRepository, type RepoRef } from './repo-ref.ts'

export interface PullRequest {
  readonly number: number
  readonly url: string
  readonly title: string
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  /** True if GitHub has found conflicts with the base branch. It takes GitHub some seconds after a push to find out. */
  readonly isConflicting?: boolean | undefined
  readonly head: {
    readonly ref: string
    readonly sha: string
    /** Undefined if the fork was deleted. */
    readonly repositoryId: number | undefined
    /** `owner/name` of the repository that has the branch; undefined if it was deleted. */
    readonly repository?: string | undefined
  }
  readonly base: { readonly ref: string; readonly sha: string; readonly repositoryId: number }
}

export async function getPullRequest(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<PullRequest> {
  const { data } = await askGitHub(
    `read pull request ${fullName(repository)}#${number}`,
    octokit.rest.pulls.get({ ...inRepository(repository), pull_number: number }),
  )
  return toPullRequest(data)
}

const IS_CLOSED = {
  prove: 'is closed. Reopen it to have it proved.',
  begin: 'is closed. Reopen it, or ask on an issue to get a new pull request.',
  publish:
    'was closed meanwhile, so nothing was pushed to it. Reopen it and ask again, or ask on an issue to get a new pull request.',
} as const

/**
 * Throws unless a pull request is open.
 *
 * @param to what it must be open for, as the message says it.
 * @throws {BackspaceError} `conflict` if it is closed, with what to do.
 */
export function requireOpen(
  { number, state }: { readonly number: number; readonly state: string },
  to: keyof typeof IS_CLOSED,
): void {
  if (state === 'open') return
  throw new BackspaceError('conflict', `Pull request #${number} ${IS_CLOSED[to]}`)
}

/**
 * The newest pull request from a branch, open or closed; undefined if there is none.
 *
 * @param head `owner:branch`.
 */
export async function findPullRequest(
  octokit: GitHubClient,
  { repository, head }: { readonly repository: RepoRef; readonly head: string },
): Promise<PullRequest | undefined> {
  const { data } = await askGitHub(
    `look for a pull request in ${fullName(repository)}`,
    octokit.rest.pulls.list({ ...inRepository(repository), head, state: 'all', per_page: 10 }),
  )
  // Some servers ignore filters that they do not know, so the branch is compared here. Another branch's pull request
  // must never be taken for this one's.
  const branch = head.slice(head.indexOf(':') + 1)
  const found = data.find((pull) => pull.head.ref === branch)
  return found && toPullRequest(found)
}

/** The hundred newest open pull requests that are to be merged into a branch. */
export async function listOpenPullRequests(
  octokit: GitHubClient,
  { repository, base }: { readonly repository: RepoRef; readonly base: string },
): Promise<readonly (PullRequest & { readonly author: string })[]> {
  const { data } = await askGitHub(
    `list the open pull requests of ${fullName(repository)}`,
    octokit.rest.pulls.list({ ...inRepository(repository), base, state: 'open', per_page: 100 }),
  )
  return data.map((pull) => ({ ...toPullRequest(pull), author: pull.user?.login ?? '' }))
}

/** Changes the title and the body of a pull request. */
export async function editPullRequest(
  octokit: GitHubClient,
  { repository, number, title, body }: ThreadRef & { readonly title: string; readonly body: SafeMarkdown },
): Promise<void> {
  await askGitHub(
    `edit pull request ${fullName(repository)}#${number}`,
    octokit.rest.pulls.update({ ...inRepository(repository), pull_number: number, title, body }),
  )
}

interface CreatePullRequestRequest {
  readonly repository: RepoRef
  readonly title: string
  readonly body: SafeMarkdown
  /** `owner:branch`. The owner differs from the repository's if the branch is in a fork. */
  readonly head: string
  readonly base: string
  readonly draft: boolean
}

/**
 * Opens a pull request, or finds the open one that its head has already: an earlier attempt may have opened one
 * although its answer was lost. If the plan of the account has no draft pull requests, an ordinary one is opened.
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
    `open a pull request in ${fullName(repository)}`,
    octokit.rest.pulls.create({
      ...inRepository(repository),
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

/** Picks the fields that Backspace uses from GitHub's answer. */
function toPullRequest(data: {
  readonly number: number
  readonly html_url: string
  readonly title: string
  readonly state: string
  readonly draft?: boolean | undefined
  readonly mergeable_state?: string | undefined
  readonly head: {
    readonly ref: string
    readonly sha: string
    readonly repo: { readonly id: number; readonly full_name?: string | undefined } | null
  }
  readonly base: { readonly ref: string; readonly sha: string; readonly repo: { readonly id: number } }
}): PullRequest {
  return {
    number: data.number,
    url: data.html_url,
    title: data.title,
    state: data.state === 'open' ? 'open' : 'closed',
    draft: data.draft ?? false,
    isConflicting: data.mergeable_state === 'dirty',
    head: {
      ref: data.head.ref,
      sha: data.head.sha,
      repositoryId: data.head.repo?.id,
      repository: data.head.repo?.full_name,
    },
    base: { ref: data.base.ref, sha: data.base.sha, repositoryId: data.base.repo.id },
  }
}

interface PullRequestFile {
  readonly path: string
  /** GitHub's word: added, modified, removed, renamed … */
  readonly status: string
  readonly additions: number
  readonly deletions: number
  /** Unified diff without a header; undefined for binary files and large ones. */
  readonly patch?: string | undefined
}

/** The first hundred files that a pull request changes. */
export async function listChangedFiles(
  octokit: GitHubClient,
  { repository, number }: ThreadRef,
): Promise<readonly PullRequestFile[]> {
  const { data } = await askGitHub(
    `read the changes of ${fullName(repository)}#${number}`,
    octokit.rest.pulls.listFiles({ ...inRepository(repository), pull_number: number, per_page: 100 }),
  )
  return data.map(({ filename: path, status, additions, deletions, patch }) => {
    return { path, status, additions, deletions, patch }
  })
}
