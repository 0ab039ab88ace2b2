import type { GitHubAccess } from '../../github/github-access.ts'
import type { RunLog } from '../../runs/log/run-log.ts'
import type { Run } from '../../runs/run.ts'
import type { FindSimilar } from '../../runs/stats/similar-runs.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { createRedact, type Redact } from '../../secrets/redact.ts'
import type { ThreadReport } from '../run-report.ts'
import { createProgressComment, type ProgressComment } from './progress-comment.ts'

/** Keeps one comment per run up to date in its thread; runs without a thread have none. */
export interface ProgressReporter {
  /**
   * Writes at once how the run ended, and swaps the reaction. Does not fail when GitHub is down.
   *
   * @returns the comment's URL; null without a thread, or when GitHub could not be reached.
   */
  conclude(run: Run, report: ThreadReport): Promise<{ readonly commentUrl: string | null }>
  /**
   * Writes the ending of a run from its log. Does not fail when GitHub is down.
   *
   * @returns false if GitHub refuses comments in the thread.
   */
  writeEnding(runId: string): Promise<boolean>
  /** Writes endings that are not written yet, and stops listening. */
  close(): Promise<void>
}

export interface ProgressReporterDeps {
  readonly github: GitHubAccess
  readonly store: Pick<RunStore, 'get' | 'setProgress' | 'findOnThread'>
  readonly effects: EffectStore
  readonly log: Pick<RunLog, 'read' | 'onAppend'>
  /** URL of a run's page; undefined when only this machine could open it. */
  readonly runUrl: (runId: string) => string | undefined
  /** Finds what earlier, similar runs took and cost. */
  readonly similar?: FindSimilar
  /** Hosts that a model's text may link to, besides GitHub and the hosts named in the request. */
  readonly linkHosts?: readonly string[]
  /** Called when GitHub did not accept a comment; the run continues. */
  readonly onError: (error: unknown, facts: { readonly runId: string }) => void
  /** Masks known secrets. Text with the shape of a secret is masked in any case. */
  readonly redact?: Redact
  readonly now?: () => Date
  /** Milliseconds between two edits of one comment; default 5,000. */
  readonly editIntervalMs?: number
}

/**
 * Listens to the log, and is the only writer of progress comments. A comment is made from the log alone, so that another
 * process can continue it after a restart.
 */
export function createProgressReporter(deps: ProgressReporterDeps): ProgressReporter {
  const { redact = createRedact([]), now = () => new Date(), editIntervalMs = 5_000 } = deps
  const comments = new Map<string, ProgressComment>()

  function commentOf(runId: string): ProgressComment {
    const known = comments.get(runId)
    if (known) return known
    const comment = createProgressComment(runId, {
      ...deps,
      redact,
      now,
      editIntervalMs,
      onSettled: () => comments.delete(runId),
    })
    comments.set(runId, comment)
    return comment
  }

  const stopListening = deps.log.onAppend((event) => commentOf(event.runId).update(event))

  return {
    async conclude(run, report) {
      return { commentUrl: await commentOf(run.id).conclude(report) }
    },
    writeEnding: (runId) => commentOf(runId).writeEnding(),
    async close() {
      stopListening()
      await Promise.all([...comments.values()].map((comment) => comment.close()))
    },
  }
}
