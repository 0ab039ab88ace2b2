import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import type { ReceiptDraft } from '../../receipts/statement.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { SafeMarkdown } from '../../text/safe-markdown.ts'
import type { Attempt } from '../attempt.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { CommitVerdict } from '../texts/checks-table.ts'
import type { Base } from '../workspace/workspace.ts'

/**
 * Everything that publishing decided, stored before its first effect: an attempt that finds the commit can finish without
 * a sandbox, and the pull request describes that commit.
 */
export interface PublishPlan {
  readonly title: string
  /** Of the pull request, or of the report about a commit on one. */
  readonly body: SafeMarkdown
  /** Of the commit. */
  readonly message: string
  /** Name of a new branch; not used when the run works on a pull request. */
  readonly branch: string
  readonly draft: boolean
  /** Sentences for the thread: why it is a draft, what was left out. */
  readonly notes: readonly string[]
  /** Unified diff of what is left out. */
  readonly withheldDiff: string
  readonly models: readonly string[]
  /** No model took part. Absent, like `verdict`, in plans that an earlier version stored. */
  readonly noModel?: boolean | undefined
  readonly verdict?: CommitVerdict | undefined
  /** What the receipt will say of the verification; absent if nothing was verified, and in older plans. */
  readonly receipt?: ReceiptDraft | undefined
}

/** A plan, and the commit made by it if there is one. */
interface StoredPlan {
  readonly plan: PublishPlan
  readonly commitSha: string | undefined
}

/** The plans of one run: each attempt that reaches publishing stores its own. */
export interface PublishPlans {
  readonly store: (plan: PublishPlan) => Promise<void>
  /** Newest first. */
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

/** Name of the effect that stores an attempt's commit: an attempt that does the work again makes its own. */
export function commitEffect(attempt: number): string {
  return `commit:${attempt}`
}

const PLAN = 'publish:'

/** A change that has passed the gate, on its way to a branch. */
export interface Publication {
  readonly base: Base
  readonly plan: PublishPlan
  /** The files of a change, or the commit that an earlier attempt made of it. */
  readonly change:
    | {
        readonly kind: 'files'
        readonly files: readonly ChangedFile[]
        /** Git's id of the tree that was verified, on top of the base commit; undefined if none was. */
        readonly tree: string | undefined
        /** Of a merge: ids of what GitHub has already, which may be anything that git holds. */
        readonly known?: ReadonlySet<string> | undefined
      }
    | { readonly kind: 'commit'; readonly sha: string }
}

/** The repository that takes the commit, and a client that may write to it. */
export interface PublishTarget {
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
