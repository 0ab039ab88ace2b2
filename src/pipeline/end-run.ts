import type { AgentOutcome } from '../agent/agent.ts'
import { BackspaceError } from '../errors.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { getPullRequest } from '../github/pull-requests.ts'
import { readEvents } from '../runs/log/run-log.ts'
import type { Run } from '../runs/run.ts'
import { runEnd, type TerminalEvent } from '../runs/run-end.ts'
import type { RunEvent, RunTotals } from '../runs/run-event.ts'
import { runTotals } from '../runs/summary/run-totals.ts'
import { withTimeout } from '../time/within.ts'
import { type Conclusion, describeFailure } from './conclusion.ts'
import type { ExecuteRunDeps, RunContext } from './run-context.ts'

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
    const told = reporter.conclude(run, { ...conclusion, totals }).then(
      ({ commentUrl }) => commentUrl,
      (error: unknown) => {
        onError(error, { runId: run.id })
        return null
      },
    )
    const value = await withTimeout(told, { ms: REPORT_WITHIN_MS, onTimeout: () => null })
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

/** How a run ends, before it is told to anybody. */
export type Ending = Omit<Conclusion, 'totals'> & {
  /** Models that took part; absent when no agent got to work. */
  readonly models?: readonly string[]
}

const MAX_TEXT = 40_000

/**
 * A run that left the repository as it was: an answer, a plan, a triage or a question.
 *
 * @param left unified diff of what stood in the workspace all the same, and is not published.
 */
export function concludeWithoutChange(outcome: AgentOutcome, left = ''): Ending {
  const { models } = outcome.totals
  const answer = (kind: 'answer' | 'plan' | 'triage' | 'question', ...texts: readonly string[]): Ending => {
    const text = [...texts, outcome.notes ?? ''].filter((part) => part.trim() !== '').join('\n\n')
    const cut = text.trim().slice(0, MAX_TEXT) || 'Nothing had to be changed.'
    return {
      ...{ status: 'succeeded', outcome: kind, message: cut, text: cut, pullRequestUrl: null, models },
      ...(left && { keptDiff: left, notes: [NOT_PUBLISHED[kind === 'question' ? 'question' : 'answer']] }),
    }
  }
  switch (outcome.kind) {
    case 'no_change':
      return answer('answer', outcome.summary)
    case 'plan':
      return answer('plan', outcome.summary)
    case 'triage':
      return answer('triage', outcome.summary)
    case 'blocked':
      return answer('question', outcome.question ?? outcome.reason ?? '', outcome.summary)
    case 'done':
      return {
        ...answer('answer', outcome.summary),
        notes: ['The agent reports a change, but no file differs from the commit it started from.'],
      }
    case 'partial':
      throw new BackspaceError(
        outcome.code ?? 'agent_stuck',
        `${outcome.reason ?? 'The agent stopped before it was done.'} No file was changed. Try again, or ask for a smaller step.`,
      )
  }
}

const NOT_PUBLISHED = {
  question:
    'The agent had changed files by then. That is not published; the run that goes on with your answer begins with it.',
  answer: 'The agent left changes in the workspace. They are not published.',
}

/** A run whose earlier attempt opened the pull request already, but died before it could say so. */
export async function concludeEarlier(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { progress: { pullRequestNumber } }: Pick<Run, 'progress'>,
): Promise<Ending | undefined> {
  if (pullRequestNumber === undefined) return undefined
  const { number, url, draft, title } = await getPullRequest(octokit, {
    repository,
    number: pullRequestNumber,
  })
  return {
    status: 'succeeded',
    outcome: 'pull_request',
    message: `Opened pull request #${number}: ${title}`,
    pullRequestUrl: url,
    draft,
  }
}

/**
 * How a run ends that threw; `endRun` adds the diff that is kept, if there is one.
 *
 * @param onError told of failures that nobody foresaw.
 */
export function concludeFailure(
  { run }: Pick<RunContext, 'run'>,
  error: unknown,
  onError: (error: unknown, facts: { readonly runId: string }) => void,
): Ending {
  const { code, message } = describeFailure(error, run.id)
  if (code === 'internal') onError(error, { runId: run.id })
  if (code === 'cancelled') return { status: 'cancelled', outcome: null, message }
  return { status: 'failed', outcome: null, code, message }
}
