import { BackspaceError } from '../../errors.ts'
import { getBranch } from '../../github/branches.ts'
import { permissionOfAccount } from '../../github/collaborators.ts'
import { commentExists } from '../../github/comments.ts'
import { compareCommits } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getPullRequest, requireOpen } from '../../github/pull-requests.ts'
import { mayWrite, permissionOf } from '../../github/repositories.ts'
import type { Run } from '../../runs/run.ts'
import { counted } from '../../text/amounts.ts'
import { requireWritable } from '../workspace/require-writable.ts'
import type { Base } from '../workspace/workspace.ts'

/**
 * Checks again what may have changed while the run worked: the repository still accepts changes, the person who asked may
 * still write and has not deleted the request, and the base or the pull request still exists.
 *
 * @returns sentences for the reviewer, for example on a base that got new commits.
 * @throws {BackspaceError} `repository_archived`, `repository_disabled`, `not_permitted`, `base_not_found`,
 * `conflict` (the pull request was closed).
 */
export async function requirePublishable(
  access: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { run, base }: { readonly run: Pick<Run, 'request'>; readonly base: Base },
): Promise<readonly string[]> {
  requireWritable(access.repository)
  await requirePermission(access, run)
  await requireComment(access, run)
  return base.pullRequest
    ? requireStillOpen(access, { base, number: base.pullRequest.number })
    : requireBase(access, base)
}

async function requirePermission(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { request: { trigger, requester } }: Pick<Run, 'request'>,
): Promise<void> {
  // An API token without an owner is not tied to a person; the operator chose its repositories.
  const login = trigger === 'code' ? requester.owner : requester.login
  if (login === undefined) return
  // A person who signed in is identified by the account's id, since the login may have changed meanwhile.
  const id = trigger === 'code' ? requester.id : undefined
  const permission =
    id === undefined
      ? await permissionOf(octokit, repository, login)
      : (await permissionOfAccount(octokit, repository, { id, login })).permission
  if (mayWrite(permission)) return
  throw new BackspaceError(
    'not_permitted',
    `@${login} no longer has write access to ${repository.owner}/${repository.name}, so nothing was published.`,
  )
}

/** Makes sure that the comment with the request still exists. A deleted request counts as withdrawn. */
async function requireComment(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { request: { comment } }: Pick<Run, 'request'>,
): Promise<void> {
  if (comment === undefined) return
  const { id, kind } = comment
  if (await commentExists(octokit, { repository, id, kind })) return
  throw new BackspaceError(
    'not_permitted',
    'The comment that asked for this was deleted while the run worked, so nothing was published. Ask again if you still want it.',
  )
}

async function requireStillOpen(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { base: { merge, sha }, number }: { readonly base: Base; readonly number: number },
): Promise<readonly string[]> {
  const pullRequest = await getPullRequest(octokit, { repository, number })
  requireOpen(pullRequest, 'publish')
  const { ref } = pullRequest.base
  if (!merge) {
    const ask = 'comment `/backspace resolve the conflicts` to have it merged'
    return pullRequest.isConflicting ? [`This pull request is in conflict with \`${ref}\`: ${ask}.`] : []
  }
  const tip = await getBranch(octokit, { repository, branch: merge.from })
  if (tip === undefined || tip === sha) return []
  const lost = await lostCommits({ octokit, repository }, sha, tip)
  if (lost > 0) return [rewritten(merge.from, sha, lost)]
  return [`\`${merge.from}\` got new commits while it was merged; what is merged is ${sha.slice(0, 7)}.`]
}

/** How many commits of a branch its new tip lacks after a forced push; infinite if the two have no common commit. */
async function lostCommits(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  before: string,
  tip: string,
): Promise<number> {
  const compared = await compareCommits(octokit, { repository, base: before, head: tip })
  return compared?.behind ?? Number.POSITIVE_INFINITY
}

function rewritten(branch: string, sha: string, lost: number): string {
  const [commits, them] =
    lost === 1
      ? ['1 commit', 'it']
      : [Number.isFinite(lost) ? counted(lost, 'commit') : 'all commits', 'them']
  return `\`${branch}\` was rewritten while this was made: it no longer has ${commits} up to ${sha.slice(0, 7)}, and merging this would bring ${them} back.`
}

/** Makes sure that the base branch exists. It may have moved; GitHub shows whether the pull request can still be merged. */
async function requireBase(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  base: Base,
): Promise<readonly string[]> {
  const tip = await getBranch(octokit, { repository, branch: base.branch })
  if (tip === undefined) {
    throw new BackspaceError(
      'base_not_found',
      `Branch \`${base.branch}\` was deleted while the run worked, so nothing was published. Ask again with another branch as the base.`,
    )
  }
  if (tip === base.sha) return []
  const lost = await lostCommits({ octokit, repository }, base.sha, tip)
  if (lost > 0) return [rewritten(base.branch, base.sha, lost)]
  return [`\`${base.branch}\` got new commits while this was made; it starts from ${base.sha.slice(0, 7)}.`]
}
