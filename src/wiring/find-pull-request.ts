import { BackspaceError, knownError } from '../errors.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import { getIssue, type ThreadRef } from '../github/issues.ts'
import { requireOpen } from '../github/pull-requests.ts'
import { fullName } from '../github/repo-ref.ts'
import type { WebDeps } from '../web/web-deps.ts'

/**
 * Reads what a request for a proof needs to know about its pull request, with the credential that reaches the
 * repository.
 */
export function createPullRequestFinder(
  github: Pick<GitHubAccess, 'repository'>,
): WebDeps['findPullRequest'] {
  return async (asked, number) => {
    const { octokit, repository } = await github.repository(asked)
    const found = await getIssue(octokit, { repository, number }).catch((error: unknown) => {
      throw knownError(error)?.code === 'not_found' ? unknownPullRequest({ repository, number }) : error
    })
    if (!found.pull_request) throw unknownPullRequest({ repository, number })
    requireOpen({ number, state: found.state }, 'prove')
    return { number, title: found.title, author: found.user?.login ?? 'ghost', url: found.html_url }
  }
}

function unknownPullRequest({ repository, number }: ThreadRef): BackspaceError {
  return new BackspaceError('not_found', `${fullName(repository)} has no pull request #${number}.`)
}
