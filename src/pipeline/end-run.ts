import { setTimeout as delay } from 'node:timers/promises'
import { readEvents } from '../runs/log/read-events.ts'
import { runEnd, type TerminalEvent } from '../runs/run-end.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/run-totals.ts'
import type { Ending } from './conclude-run.ts'
import type { ExecuteRunDeps } from './execute-run-deps.ts'
import type { RunContext } from './run-context.ts'

/** A GitHub that does not answer must not keep a run from ending; the reporter goes on trying by itself. */
const REPORT_WITHIN_MS = 30_000

/**
 * Tells the thread, then the log, then the store; in this order, so that whoever sees the end finds the rest.
 *
 * @throws {WriteRefused} when another attempt has the run by now.
 */
export async function endRun(deps: ExecuteRunDeps, context: RunContext, ended: Ending): Promise<void> {
  const { store } = deps
  const { run, attempt, emit, flush } = context
  await flush()
  const events = await readEvents(deps.log, run.id)
  const ending = withKeptDiff(ended, context.collectedDiff() || collectedBefore(events))
  const totals = addUp(deps, events, ending)
  const commentUrl = await report(deps, context, { ending, totals })
  const event = terminalEvent(ending, { totals, commentUrl })
  emit(event)
  await flush()
  const { status, result } = runEnd(event)
  await store.finish(run.id, attempt, status, { ...result, message: context.mask(result.message) })
}

/** Whatever ended the run, somebody may want to apply by hand what it had changed by then. */
function withKeptDiff(ending: Ending, diff: string): Ending {
  if (ending.status === 'succeeded' || diff === '') return ending
  return { keptDiff: diff, ...ending }
}

/** What an earlier attempt read out of the sandbox. */
function collectedBefore(events: readonly RunEvent[]): string {
  const last = events.findLast((event) => event.type === 'changes.collected')
  return last?.diff ?? ''
}

function addUp(
  { langsmithEnabled, now = () => new Date() }: ExecuteRunDeps,
  events: readonly RunEvent[],
  { models }: Ending,
): RunTotals {
  const totals = runTotals(events, { endedAt: now(), langsmithEnabled })
  return totals.models.length === 0 && models ? { ...totals, models } : totals
}

async function report(
  { reporter, onError }: ExecuteRunDeps,
  { run, step }: RunContext,
  { ending: { models: _models, ...conclusion }, totals }: { ending: Ending; totals: RunTotals },
): Promise<string | null> {
  if (!run.request.thread) return null
  return step('report', 'Writing how it ended into the thread', async () => {
    const late = new AbortController()
    const told = reporter.conclude(run, { ...conclusion, totals }).then(
      ({ commentUrl }) => commentUrl,
      (error: unknown) => {
        onError(error, { runId: run.id })
        return null
      },
    )
    const tooLate = delay(REPORT_WITHIN_MS, null, { signal: late.signal, ref: false }).catch(() => null)
    const value = await Promise.race([told, tooLate])
    late.abort()
    return value === null
      ? { value, message: 'GitHub did not take the comment', status: 'failed' }
      : { value, message: `Told the thread: ${value}` }
  })
}

function terminalEvent(
  ending: Ending,
  { totals, commentUrl }: { readonly totals: RunTotals; readonly commentUrl: string | null },
): TerminalEvent {
  const { status, outcome, message, code, pullRequestUrl = null, draft = false } = ending
  switch (status) {
    case 'succeeded':
      return {
        type: 'run.succeeded',
        outcome: outcome ?? 'answer',
        ...{ message, pullRequestUrl, commentUrl, draft, totals },
      }
    case 'failed':
      return { type: 'run.failed', code: code ?? 'internal', message, totals }
    case 'cancelled':
      return { type: 'run.cancelled', message, totals }
  }
}
