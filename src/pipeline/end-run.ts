import type { Run } from '../runs/run.ts'
import type { RunTotals, TerminalEvent } from '../runs/run-event.ts'
import { type Redact, redactInTurns } from '../secrets/redact.ts'
import { withTimeout } from '../time/within.ts'
import type { Journal } from './journal.ts'
import type { ProgressReporter } from './report/report-progress.ts'
import type { RunReport } from './run-report.ts'

/** A run ends after this long even if GitHub does not answer; the reporter retries later. */
const REPORT_WITHIN_MS = 30_000

/**
 * Reports the ending to the thread, then appends the terminal event, which ends the run. In this order, so that a
 * client that reads the terminal event finds the comment.
 *
 * @throws {WriteRefused} when another attempt holds the run by now.
 */
export type EndRun = (reported: RunReport) => Promise<void>

interface EndRunParts {
  readonly run: Run
  readonly journal: Pick<Journal, 'step' | 'emit' | 'flush' | 'events'>
  /** What the run has used in all of its attempts. */
  readonly totals: () => Promise<RunTotals>
  readonly reporter: Pick<ProgressReporter, 'conclude'>
  /** Masks the tokens that were minted for this run, too. */
  readonly redact: Redact
  readonly onError: (error: unknown) => void
}

export function createEndRun({ run, journal, totals, reporter, redact, onError }: EndRunParts): EndRun {
  /** @returns the comment's URL; null without a thread, or when GitHub did not accept the comment in time. */
  async function reportToThread(report: RunReport, used: RunTotals): Promise<string | null> {
    if (!run.request.thread) return null
    return journal.step('report', 'Reporting in the thread', async () => {
      const written = reporter.conclude(run, { ...report, totals: used }).then(
        ({ commentUrl }) => commentUrl,
        (error: unknown) => {
          onError(error)
          return null
        },
      )
      const value = await withTimeout(written, { ms: REPORT_WITHIN_MS, onTimeout: () => null })
      return value === null
        ? { value, message: 'GitHub did not accept the comment', status: 'failed' }
        : { value, message: `Reported in the thread: ${value}` }
    })
  }

  return async (reported) => {
    const report = await redactInTurns(await withKeptDiff(reported, journal), redact)
    const used = await totals()
    const withModels = used.models.length === 0 && report.models ? { ...used, models: report.models } : used
    const commentUrl = await reportToThread(report, withModels)
    journal.emit(terminalEvent(report, { totals: withModels, commentUrl }))
    await journal.flush()
  }
}

/** Adds the last collected diff to the report of a run without success: a person may want to apply it by hand. */
async function withKeptDiff(report: RunReport, { events }: Pick<Journal, 'events'>): Promise<RunReport> {
  if (report.status === 'succeeded' || report.keptDiff !== undefined) return report
  const collected = (await events()).findLast((event) => event.type === 'changes.collected')
  return { ...report, keptDiff: collected?.diff || undefined }
}

function terminalEvent(
  { status, outcome, message, code, pullRequestUrl, draft }: RunReport,
  { totals, commentUrl }: { readonly totals: RunTotals; readonly commentUrl: string | null },
): TerminalEvent {
  switch (status) {
    case 'succeeded':
      return {
        type: 'run.succeeded',
        outcome: outcome ?? 'answer',
        message,
        pullRequestUrl: pullRequestUrl ?? null,
        commentUrl,
        draft: draft ?? false,
        totals,
      }
    case 'failed':
      return { type: 'run.failed', code: code ?? 'internal', message, totals }
    case 'cancelled':
      return { type: 'run.cancelled', message, totals }
  }
}
