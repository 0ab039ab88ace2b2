import { BackspaceError, type ErrorCode, knownError } from '../../errors.ts'
import { getCommit } from '../../github/commits.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import { createFork, syncFork } from '../../github/repositories.ts'
import type { Pause } from '../../time/pause.ts'
import type { Base } from '../workspace/workspace.ts'
import type { DoOnce } from './do-once.ts'
import type { PublishTarget } from './publish-plan.ts'

interface ForkParts {
  readonly once: DoOnce
  readonly pause: Pause
  readonly signal: AbortSignal
}

const ATTEMPTS = 60
const BETWEEN_MS = 2000
/** Errors that mean that the repository may not be forked, or not with this token. */
const FORBIDS_FORKS: readonly ErrorCode[] = ['permission_missing', 'not_found', 'conflict']

/**
 * Makes or finds a fork in the account of the token, and waits until it has the base commit. GitHub fills forks in the
 * background, which takes from a second to minutes.
 *
 * @throws {BackspaceError} `fork_failed`, `scope_missing`
 */
export async function forkRepository(
  { octokit, repository }: PublishTarget,
  { branch, sha }: Base,
  { once, pause, signal }: ForkParts,
): Promise<RepoRef> {
  const make = once({
    name: 'fork',
    // No look-up is needed: GitHub answers a second request with the existing fork.
    lookUp: async () => undefined,
    act: () => createFork(octokit, repository),
  })
  const fork = await make.catch((error: unknown) => {
    const code = knownError(error)?.code
    if (code === undefined || !FORBIDS_FORKS.includes(code)) throw error
    throw new BackspaceError(
      'fork_failed',
      `GITHUB_PAT may not push to ${repository.owner}/${repository.name}, and the repository could not be forked either. Allow forking, or give the token's owner write access.`,
      { cause: error },
    )
  })
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await hasCommit(octokit, fork, sha)) return fork
    // An old fork must be synced to get the commit. A fork that GitHub is still filling refuses, and the next try may work.
    await syncFork(octokit, { fork, branch }).catch(() => undefined)
    if (await hasCommit(octokit, fork, sha)) return fork
    await pause(BETWEEN_MS, signal)
  }
  throw new BackspaceError(
    'fork_failed',
    `The fork ${fork.owner}/${fork.name} did not become ready within two minutes. Try again.`,
  )
}

async function hasCommit(octokit: GitHubClient, repository: RepoRef, sha: string): Promise<boolean> {
  return getCommit(octokit, { repository, sha }).then(
    () => true,
    () => false,
  )
}
