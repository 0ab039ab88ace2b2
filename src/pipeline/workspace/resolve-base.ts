import { BackspaceError } from '../../errors.ts'
import { getBranch, isBranchName } from '../../github/branches.ts'
import { compareCommits, getCommit } from '../../github/commits.ts'
import type { RepositoryAccess } from '../../github/github-access.ts'
import { getPullRequest, type PullRequest, requireOpen } from '../../github/pull-requests.ts'
import { hasBranches } from '../../github/repositories.ts'
import type { RunProgress, RunRequest } from '../../runs/run.ts'
import { wishHistory } from './history.ts'
import { asksForMerge } from './merge-wish.ts'
import { requireWritable } from './require-writable.ts'
import type { Base } from './workspace.ts'

interface BaseRequest {
  readonly request: RunRequest
  /** The commits from which an earlier attempt of this run started. */
  readonly progress: Pick<RunProgress, 'baseSha' | 'mergeHeadSha'>
  /** True if the run continues a run that merged. */
  readonly goesOnMerging: boolean
}

/**
 * Finds the commit from which a run starts: the head of the pull request that the run works on, or the commit that is to
 * be merged into it; otherwise the tip of the requested or the default branch.
 *
 * @throws {BackspaceError} `repository_archived`, `repository_disabled`, `repository_empty`, `base_not_found`,
 * `fork_pull_request`, `conflict` (the pull request is closed).
 */
export async function resolveBase(
  { repository, octokit }: RepositoryAccess,
  wanted: BaseRequest,
): Promise<Base> {
  const { request, progress } = wanted
  requireWritable(repository)
  if (request.thread?.kind === 'pull_request') {
    return baseOfPullRequest({ repository, octokit }, request.thread.number, wanted)
  }
  const branch = request.options.base ?? repository.defaultBranch
  const sha = isBranchName(branch) ? await getBranch(octokit, { repository, branch }) : undefined
  if (sha === undefined) throw await missingBranch({ repository, octokit }, branch)
  const start = progress.baseSha ?? sha
  const [{ tree }, history] = await Promise.all([
    getCommit(octokit, { repository, sha: start }),
    wishHistory({ octokit, repository }, { request }),
  ])
  return { branch, sha: start, tree, trustedSha: start, history }
}

async function baseOfPullRequest(
  { repository, octokit }: Pick<RepositoryAccess, 'repository' | 'octokit'>,
  number: number,
  wanted: BaseRequest,
): Promise<Base> {
  const { request, progress } = wanted
  const pullRequest = await getPullRequest(octokit, { repository, number })
  requireOpen(pullRequest, 'begin')
  if (pullRequest.head.repositoryId !== repository.id) {
    throw new BackspaceError(
      'fork_pull_request',
      `Pull request #${number} comes from a fork. Backspace does not work on those yet, because its branch is not in this repository and its code would get this repository's rights. Ask on an issue instead.`,
    )
  }
  const merging = await findMerge({ repository, octokit }, pullRequest, wanted)
  if (merging !== undefined && typeof merging !== 'string') return merging
  const sha = progress.baseSha ?? pullRequest.head.sha
  const [{ tree }, history] = await Promise.all([
    getCommit(octokit, { repository, sha }),
    wishHistory({ octokit, repository }, { request, pullRequest }),
  ])
  const { base, head } = pullRequest
  const start = { branch: head.ref, sha, tree, pullRequest, history, trustedSha: base.sha }
  const isOnlyMerge = asksForMerge(request.prompt, base.ref)?.isAll
  return { ...start, upToDate: merging, isOnlyMerge }
}

/**
 * Finds the start of a run that merges the base into a pull request.
 *
 * @returns undefined if the run does not merge; a sentence if there is nothing to merge.
 */
async function findMerge(
  { repository, octokit }: Pick<RepositoryAccess, 'repository' | 'octokit'>,
  pullRequest: PullRequest,
  { request, progress, goesOnMerging }: BaseRequest,
): Promise<Base | string | undefined> {
  const { base, head } = pullRequest
  const asked = asksForMerge(request.prompt, base.ref)
  const pinned = progress.mergeHeadSha
  const isWanted =
    progress.baseSha === undefined ? asked !== undefined || goesOnMerging : pinned !== undefined
  if (!isWanted || request.options.plan === true) return undefined
  const tip = progress.baseSha ?? (await getBranch(octokit, { repository, branch: base.ref }))
  if (tip === undefined) throw await missingBranch({ repository, octokit }, base.ref)
  const headSha = pinned ?? head.sha
  const compared = await compareCommits(octokit, { repository, base: tip, head: headSha })
  if (compared === undefined) {
    throw new BackspaceError(
      'conflict',
      `\`${head.ref}\` and \`${base.ref}\` have no commit in common, so Backspace cannot merge them. Put the changes on a branch that begins at \`${base.ref}\`, or merge by hand with \`--allow-unrelated-histories\`.`,
    )
  }
  if (compared.behind === 0)
    return `\`${head.ref}\` is already up to date with \`${base.ref}\` at ${tip.slice(0, 7)}.`
  const ends = { ...pullRequest, head: { ...head, sha: headSha }, base: { ...base, sha: tip } }
  const [{ tree }, history] = await Promise.all([
    getCommit(octokit, { repository, sha: tip }),
    wishHistory({ octokit, repository }, { request, pullRequest: ends }),
  ])
  const both = [...(history.others ?? []), { sha: headSha, refs: [`refs/remotes/origin/${head.ref}`] }]
  const { isAll = false, isRebase = false } = asked ?? {}
  return {
    branch: head.ref,
    sha: tip,
    tree,
    pullRequest,
    merge: { headSha, from: base.ref, isAll, isRebase },
    history: { ...history, others: both },
    trustedSha: tip,
  }
}

/** The error for a missing branch. An empty repository has no branch at all; GitHub's status (409 or 404) does not tell. */
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
