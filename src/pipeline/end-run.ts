import { readEvents } from '../runs/log/run-log.ts'
import type { RunEvent, RunTotals, TerminalEvent } from '../runs/run-event.ts'
import { runTotals } from '../runs/summary/run-totals.ts'
import { withTimeout } from '../time/within.ts'
import type { ExecuteRunDeps, RunContext } from './run-context.ts'
import type { RunReport } from './run-report.ts'

/** A GitHub that does not answer must not keep a run from ending; the reporter retries after that. */
const REPORT_WITHIN_MS = 30_000

/**
 * Reports the ending to the thread, then appends the terminal event, which ends the run. In this order, so that a
 * client that reads the terminal event finds the comment.
 *
 * @throws {WriteRefused} when another attempt has the run by now.
 */
export async function endRun(deps: ExecuteRunDeps, context: RunContext, reported: RunReport): Promise<void> {
  const { run, emit, flush } = context
  await flush()
  const events = await readEvents(deps.log, run.id)
  const report = withKeptDiff(reported, context.collectedDiff() || collectedBefore(events))
  const totals = addUp(deps, events, report)
  const commentUrl = await reportToThread(deps, context, { report, totals })
  emit(terminalEvent(report, { totals, commentUrl }))
  await flush()
}

/** Whatever ended the run, a person may want to apply by hand what it had changed. */
function withKeptDiff(report: RunReport, diff: string): RunReport {
  if (report.status === 'succeeded' || diff === '') return report
  return { ...report, keptDiff: report.keptDiff ?? diff }
}

/** What an earlier attempt read out of the sandbox. */
function collectedBefore(events: readonly RunEvent[]): string {
  const last = events.findLast((event) => event.type === 'changes.collected')
  return last?.diff ?? ''
}

function addUp(
  { langsmithEnabled, now = () => new Date() }: ExecuteRunDeps,
  events: readonly RunEvent[],
  { models }: RunReport,
): RunTotals {
  const totals = runTotals(events, { endedAt: now(), langsmithEnabled })
  return totals.models.length === 0 && models ? { ...totals, models } : totals
}

/** @returns the comment's address; null without a thread, or when GitHub did not take the comment in time. */
async function reportToThread(
  { reporter, onError }: ExecuteRunDeps,
  { run, step }: RunContext,
  { report, totals }: { readonly report: RunReport; readonly totals: RunTotals },
): Promise<string | null> {
  if (!run.request.thread) return null
  return step('report', 'Writing how it ended into the thread', async () => {
    const written = reporter.conclude(run, { ...report, totals }).then(
      ({ commentUrl }) => commentUrl,
      (error: unknown) => {
        onError(error, { runId: run.id })
        return null
      },
    )
    const value = await withTimeout(written, { ms: REPORT_WITHIN_MS, onTimeout: () => null })
    return value === null
      ? { value, message: 'GitHub did not take the comment', status: 'failed' }
      : { value, message: `Told the thread: ${value}` }
  })
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
