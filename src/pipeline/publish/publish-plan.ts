import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import type { ReceiptDraft } from '../../receipts/statement.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import type { Attempt } from '../attempt.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { CommitVerdict } from '../texts/checks-table.ts'
import type { Base } from '../workspace/workspace.ts'

/**
 * Everything that was decided about publishing. It is stored before the first effect, so that an attempt that finds the
 * commit can finish without a sandbox, and the pull request describes exactly that commit.
 */
export interface PublishPlan {
  readonly title: string
  /** Text of the pull request, or of the report about a commit on one. */
  readonly body: SafeMarkdown
  /** Message of the commit. */
  readonly message: string
  /** Name of a new branch; not used when the run works on a pull request. */
  readonly branch: string
  readonly draft: boolean
  /** Sentences for the thread: why it is a draft, what was left out. */
  readonly notes: readonly string[]
  /** Unified diff of the withheld files. */
  readonly withheldDiff: string
  readonly models: readonly string[]
  /** True if no model took part. Absent, like `verdict`, in plans that an earlier version stored. */
  readonly noModel?: boolean | undefined
  readonly verdict?: CommitVerdict | undefined
  /** The receipt's statement about the verification; absent if nothing was verified, and in older plans. */
  readonly receipt?: ReceiptDraft | undefined
}

/** A stored plan, and its commit if that was made. */
interface StoredPlan {
  readonly plan: PublishPlan
  readonly commitSha: string | undefined
}

/** The plans of one run. Each attempt that reaches publishing stores its own. */
export interface PublishPlans {
  readonly store: (plan: PublishPlan) => Promise<void>
  /** All plans, newest first. */
  readonly all: () => Promise<readonly StoredPlan[]>
}

export function createPublishPlans(
  effects: Pick<EffectStore, 'keep' | 'results'>,
  { run, number }: Pick<Attempt, 'run' | 'number'>,
): PublishPlans {
  return {
    store: (plan) => effects.keep({ runId: run.id, attempt: number, name: `${PLAN}${number}`, result: plan }),
    async all() {
      const results = await effects.results(run.id)
      const stored = [...results].flatMap(([name, result]) => {
        if (!name.startsWith(PLAN)) return []
        const attempt = Number(name.slice(PLAN.length))
        const commitSha = results.get(commitEffect(attempt))
        // The only writer of these names is `store`.
        const plan = result as PublishPlan
        return [{ attempt, plan, commitSha: typeof commitSha === 'string' ? commitSha : undefined }]
      })
      return stored.sort((one, other) => other.attempt - one.attempt)
    },
  }
}

/** Name of the effect that stores an attempt's commit. An attempt that repeats the work makes its own commit. */
export function commitEffect(attempt: number): string {
  return `commit:${attempt}`
}

const PLAN = 'publish:'

/** A change that has passed the gate and is to be published. */
export interface Publication {
  readonly base: Base
  readonly plan: PublishPlan
  /** The files of a change, or the commit that an earlier attempt made of it. */
  readonly change:
    | {
        readonly kind: 'files'
        readonly files: readonly ChangedFile[]
        /** Id of the verified tree on top of the base commit; undefined if nothing was verified. */
        readonly tree: string | undefined
        /** For a merge: ids of objects of any kind that GitHub already has. */
        readonly known?: ReadonlySet<string> | undefined
      }
    | { readonly kind: 'commit'; readonly sha: string }
}

/** The repository that gets the commit, and a client that may write to it. */
export interface PublishTarget {
  readonly octokit: GitHubClient
  readonly repository: RepoRef
}

/** A published commit and the branch that points at it. */
export interface Published {
  readonly branch: string
  readonly commitSha: string
  /** `owner:branch`. The owner differs from the repository's when the branch is in a fork. */
  readonly head: string
}
