import { getTree, type TreeListing } from '../github/commits.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { PullRequest } from '../github/pull-requests.ts'
import type { RunRequest } from '../runs/run.ts'
import type { Attempt } from './attempt.ts'
import type { KeptConventions } from './conventions/read-conventions.ts'
import { type RunReport, reportAnswer } from './run-report.ts'
import { resolveBase } from './workspace/resolve-base.ts'
import type { Base } from './workspace/workspace.ts'

/** The commit from which a run starts. */
export interface StartingPoint {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Every file of the base commit. */
  readonly baseTree: TreeListing
}

/** The pull request that gets the run's commit, when the run was asked for elsewhere. */
export interface PullRequestTarget {
  readonly pullRequest: PullRequest
  /** Tree id of its head commit. */
  readonly tree: string
}

/** The base of a run, moved to the head of the pull request that gets the commit. */
export function withPullRequest(base: Base, { pullRequest, tree }: PullRequestTarget): Base {
  const { ref: branch, sha } = pullRequest.head
  return { ...base, branch, sha, tree, pullRequest }
}

interface StartParts {
  readonly attempt: Pick<Attempt, 'run' | 'saveProgress'>
  /** `Publisher.resume`. */
  readonly resume: (access: RepositoryAccess, base: Base) => Promise<RunReport | undefined>
  readonly conventions: Pick<KeptConventions, 'read'>
}

/**
 * Finds the commit that a run starts from and reads the repository's conventions. All of it happens before the run costs
 * anything.
 *
 * @returns the start; or a report that ends the run, because an earlier attempt had begun to publish or because there is
 * nothing to do.
 * @throws the errors of `resolveBase`, `resume` and `KeptConventions.read`.
 */
export type FindStart = (
  access: RepositoryAccess,
  asked: {
    readonly request: RunRequest
    readonly goesOnMerging: boolean
    /** The pull request on which an earlier attempt may have begun to publish. Default: what the request says. */
    readonly onto?: PullRequestTarget | undefined
  },
) => Promise<
  | { readonly start: StartingPoint; readonly report?: undefined }
  | { readonly report: RunReport; readonly start?: undefined }
>

export function createFindStart({ attempt, resume, conventions }: StartParts): FindStart {
  return async (access, { request, goesOnMerging, onto }) => {
    const { progress } = attempt.run
    const base = await resolveBase(access, { request, progress, goesOnMerging })
    if (base.upToDate !== undefined && base.isOnlyMerge) return { report: reportAnswer(base.upToDate) }
    await attempt.saveProgress({ baseSha: base.sha, mergeHeadSha: base.merge?.headSha })
    const published = await resume(access, onto ? withPullRequest(base, onto) : base)
    if (published) return { report: published }
    const { octokit, repository } = access
    const start = { access, base, baseTree: await getTree(octokit, { repository, tree: base.tree }) }
    await conventions.read(start)
    return { start }
  }
}
