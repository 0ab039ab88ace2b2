import { getTree, type TreeListing } from '../github/commits.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { PullRequest } from '../github/pull-requests.ts'
import type { RunRequest } from '../runs/run.ts'
import type { Attempt } from './attempt.ts'
import type { KeptConventions } from './conventions/read-conventions.ts'
import { type RunReport, reportAnswer } from './run-report.ts'
import { resolveBase } from './workspace/resolve-base.ts'
import type { Base } from './workspace/workspace.ts'

/** Where a run starts from. */
export interface StartingPoint {
  readonly access: RepositoryAccess
  readonly base: Base
  /** Every file of the base commit. */
  readonly baseTree: TreeListing
}

/** A pull request that gets a commit although the run is about another one. */
export interface PullRequestTarget {
  readonly pullRequest: PullRequest
  /** Git's id of the tree of its head. */
  readonly tree: string
}

/** What is published on top of a pull request's head. */
export function withPullRequest(base: Base, { pullRequest, tree }: PullRequestTarget): Base {
  const { ref: branch, sha } = pullRequest.head
  return { ...base, branch, sha, tree, pullRequest }
}

interface StartParts {
  readonly attempt: Pick<Attempt, 'run' | 'saveProgress'>
  /** See `Publisher`. */
  readonly resume: (access: RepositoryAccess, base: Base) => Promise<RunReport | undefined>
  readonly conventions: Pick<KeptConventions, 'read'>
}

/**
 * The commit that a run starts from, with what its repository wants of a change: the last thing before anything is spent.
 *
 * @returns the start, or how the run ends: an earlier attempt had begun to publish, or there is nothing to do.
 * @throws what `resolveBase`, `resume` and `KeptConventions.read` throw.
 */
export type FindStart = (
  access: RepositoryAccess,
  asked: {
    readonly request: RunRequest
    readonly goesOnMerging: boolean
    /** Where an earlier attempt may have begun to publish; default: as the request says. */
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
