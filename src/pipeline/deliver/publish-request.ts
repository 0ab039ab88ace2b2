import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import type { Run, RunProgress } from '../../runs/run.ts'
import type { ChangedFile } from '../changes/change-list.ts'
import type { Base } from '../workspace/workspace.ts'
import type { DoOnce } from './do-once.ts'
import type { PublishPlan } from './publish-plan.ts'

/** A change that has passed the gate, on its way to a branch. */
export interface PublishRequest {
  readonly run: Pick<Run, 'id'>
  readonly attempt: number
  readonly base: Base
  readonly plan: PublishPlan
  /** The files of a change, or the commit that an earlier attempt made of it. */
  readonly change:
    | { readonly kind: 'files'; readonly files: readonly ChangedFile[] }
    | { readonly kind: 'commit'; readonly sha: string }
  readonly once: DoOnce
  /** Remembers what was done, for people and for a restart. */
  readonly saveProgress: (patch: RunProgress) => Promise<void>
}

/** Where a change is published, and with what. */
export interface Place {
  readonly octokit: GitHubClient
  readonly repository: RepoRef
}

/** A commit that a branch points at. */
export interface Published {
  readonly branch: string
  readonly commitSha: string
  /** `owner:branch`; the owner is another one when the branch is in a fork. */
  readonly head: string
}
