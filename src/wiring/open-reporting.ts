import type { Database } from '../db/database.ts'
import type { GitHubAccess } from '../github/github-access.ts'
import { checkEndings } from '../pipeline/report/check-endings.ts'
import { createProgressReporter, type ProgressReporter } from '../pipeline/report/report-progress.ts'
import { createFollowUpStore, type FollowUpStore } from '../runs/follow-ups/follow-up-store.ts'
import { followUpChores } from '../runs/follow-ups/submit-left-over.ts'
import type { RunLog } from '../runs/log/run-log.ts'
import { createEffectStore, type EffectStore } from '../runs/store/effect-store.ts'
import type { RunStore } from '../runs/store/run-store.ts'
import type { SubmitRunInput } from '../runs/submit-run.ts'
import type { Chore } from '../runs/upkeep/chores.ts'
import type { Redact } from '../secrets/redact.ts'

interface ReportingDeps {
  readonly db: Database
  readonly github: GitHubAccess
  readonly store: RunStore
  readonly log: RunLog
  readonly submit: (input: SubmitRunInput) => Promise<unknown>
  readonly similar: NonNullable<Parameters<typeof createProgressReporter>[0]['similar']>
  readonly runUrl: (runId: string) => string | undefined
  readonly linkHosts: readonly string[]
  readonly redact: Redact
  readonly onError: (error: unknown, facts?: object) => void
}

/** What runs report to their threads, and what people in the threads wrote too late for the run. */
export interface Reporting {
  readonly effects: EffectStore
  readonly followUps: FollowUpStore
  readonly reporter: ProgressReporter
  readonly chores: readonly Chore[]
  /** Waits for reports that are being written. */
  close(): Promise<unknown>
}

export function openReporting({ db, submit, similar, ...deps }: ReportingDeps): Reporting {
  const { log, onError } = deps
  const effects = createEffectStore(db)
  const followUps = createFollowUpStore(db)
  const leftOver = followUpChores({ log, followUps, submit, onError })
  const reporter = createProgressReporter({ ...deps, effects, similar })
  const endings = checkEndings({ ...deps, effects, writeEnding: reporter.writeEnding })
  return {
    effects,
    followUps,
    reporter,
    chores: [...leftOver.chores, endings],
    close: () => Promise.all([reporter.close(), leftOver.close()]),
  }
}
