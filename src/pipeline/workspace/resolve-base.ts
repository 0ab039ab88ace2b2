import { BackspaceError } from '../../errors.ts'
import { getBranch, isBranchName } from '../../github/branches.ts'
import { getCommit } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getPullRequest, requireOpen } from '../../github/pull-requests.ts'
import { hasBranches } from '../../github/repositories.ts'
import type { RunRequest } from '../../runs/run.ts'
import { wishHistory } from './history.ts'
import { requireWritable } from './require-writable.ts'
import type { Base } from './workspace.ts'

/**
 * Finds the commit to start from: the head of the pull request that the run works on, else the requested or
 * the default branch.
 *
 * @param pinnedSha the commit that an earlier attempt of this run started from.
 * @throws {BackspaceError} `repository_archived`, `repository_disabled`, `repository_empty`, `base_not_found`,
 * `fork_pull_request`, `conflict` (the pull request is closed).
 */
export async function resolveBase(
  { repository, octokit }: RepositoryAccess,
  request: RunRequest,
  pinnedSha?: string,
): Promise<Base> {
  requireWritable(repository)
  if (request.thread?.kind === 'pull_request') {
    return headOfPullRequest({ repository, octokit }, { request, number: request.thread.number, pinnedSha })
  }
  const branch = request.options.base ?? repository.defaultBranch
  const sha = isBranchName(branch) ? await getBranch(octokit, { repository, branch }) : undefined
  if (sha === undefined) throw await missingBranch({ repository, octokit }, branch)
  const start = pinnedSha ?? sha
  const [{ tree }, history] = await Promise.all([
    getCommit(octokit, { repository, sha: start }),
    wishHistory({ octokit, repository }, { request }),
  ])
  return { branch, sha: start, tree, trustedSha: start, history }
}

async function headOfPullRequest(
  { repository, octokit }: Pick<RepositoryAccess, 'repository' | 'octokit'>,
  {
    request,
    number,
    pinnedSha,
  }: { readonly request: RunRequest; readonly number: number; readonly pinnedSha: string | undefined },
): Promise<Base> {
  const pullRequest = await getPullRequest(octokit, { repository, number })
  requireOpen(pullRequest, 'begin')
  if (pullRequest.head.repositoryId !== repository.id) {
    throw new BackspaceError(
      'fork_pull_request',
      `Pull request #${number} comes from a fork. Backspace does not work on those yet, because its branch is not in this repository and its code would get this repository's rights. Ask on an issue instead.`,
    )
  }
  const sha = pinnedSha ?? pullRequest.head.sha
  const [{ tree }, history] = await Promise.all([
    getCommit(octokit, { repository, sha }),
    wishHistory({ octokit, repository }, { request, pullRequest }),
  ])
  return { branch: pullRequest.head.ref, sha, tree, pullRequest, history, trustedSha: pullRequest.base.sha }
}

/** An empty repository has no branch at all. (The status does not help: 409 from github.com, 404 from other servers.) */
async function missingBranch(
  { repository, octokit }: Pick<RepositoryAccess, 'repository' | 'octokit'>,
  branch: string,
): Promise<BackspaceError> {
  const name = `${repository.owner}/${repository.name}`
  if (!(await hasBranches(octokit, repository))) {
    return new BackspaceError('repository_empty', `${name} is empty. Push a first commit and try again.`)
  }
  return new BackspaceError(
    'base_not_found',
    branch === repository.defaultBranch
      ? `The default branch \`${branch}\` of ${name} does not exist. Choose another one in the repository's settings, or give the name of an existing branch as \`base\`.`
      : `${name} has no branch \`${branch}\`. Give the name of an existing branch as \`base\`, or leave it out.`,
  )
}
