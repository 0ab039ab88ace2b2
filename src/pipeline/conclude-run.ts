import type { AgentOutcome } from '../agent/agent.ts'
import { BackspaceError } from '../errors.ts'
import { getPullRequest } from '../github/get-pull-request.ts'
import type { RepositoryAccess } from '../github/octokit.ts'
import type { Run } from '../runs/run.ts'
import type { Conclusion } from './conclusion.ts'
import { describeFailure } from './describe-failure.ts'
import type { RunContext } from './run-context.ts'

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
