import type { GitHubClient } from '../../github/github-client.ts'
import type { RepoRef } from '../../github/repo-ref.ts'
import type { Run, RunProgress } from '../../runs/run.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { SafeMarkdown } from '../../text/safe-markdown.ts'
import type { ChangedFile } from '../collect/change-list.ts'
import type { CommitVerdict } from '../texts/checks-table.ts'
import type { Base } from '../workspace/workspace.ts'
import type { DoOnce } from './do-once.ts'

/**
 * What publishing decided, kept before its first effect: an attempt that finds the commit made can finish with it
 * without a sandbox, and the pull request describes that commit.
 */
export interface PublishPlan {
  readonly title: string
  /** Of the pull request, or of the report about a commit on one. */
  readonly body: SafeMarkdown
  /** Of the commit. */
  readonly message: string
  /** Name of a new branch; not used when the run stands in a pull request. */
  readonly branch: string
  readonly draft: boolean
  /** Sentences for the thread: why it is a draft, what was left out. */
  readonly notes: readonly string[]
  /** Unified diff of what is left out. */
  readonly withheldDiff: string
  readonly models: readonly string[]
  /** No model took part. Absent, as the next one, in a plan that an earlier version kept. */
  readonly noModel?: boolean
  readonly verdict?: CommitVerdict
}

/** A plan and the commit that was made by it, if it came that far. */
interface KeptPlan {
  readonly attempt: number
  readonly plan: PublishPlan
  readonly commitSha: string | undefined
}

/** Keeps the plan of an attempt. */
export async function keepPlan(
  effects: Pick<EffectStore, 'keep'>,
  { runId, attempt, plan }: { readonly runId: string; readonly attempt: number; readonly plan: PublishPlan },
): Promise<void> {
  await effects.keep({ runId, attempt, name: `${PLAN}${attempt}`, result: plan })
}

/** The plans of a run's attempts, newest first. */
export async function keptPlans(
  effects: Pick<EffectStore, 'results'>,
  runId: string,
): Promise<readonly KeptPlan[]> {
  const results = await effects.results(runId)
  const kept = [...results].flatMap(([name, result]): KeptPlan[] => {
    if (!name.startsWith(PLAN)) return []
    const attempt = Number(name.slice(PLAN.length))
    const commitSha = results.get(commitEffect(attempt))
    // The only writer of these names is `keepPlan`.
    const plan = result as PublishPlan
    return [{ attempt, plan, commitSha: typeof commitSha === 'string' ? commitSha : undefined }]
  })
  return kept.sort((one, other) => other.attempt - one.attempt)
}

/** Name of the effect by which the commit of an attempt is kept: an attempt that works anew makes its own. */
export function commitEffect(attempt: number): string {
  return `commit:${attempt}`
}

const PLAN = 'publish:'

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
