import type { AgentOutcome } from '../agent/agent.ts'
import { BackspaceError } from '../errors.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { getPullRequest } from '../github/pull-requests.ts'
import { type Ending, failureOf } from '../runs/ending.ts'
import type { Run } from '../runs/run.ts'
import { SandboxError } from '../sandbox/sandbox.ts'
import { wholeStart } from '../text/cut-text.ts'
import type { RawText, SafeMarkdown } from '../text/markdown/safe-markdown.ts'

/**
 * What the steps of a run report about its ending: the Ending without totals and comment, which `endRun` adds, plus
 * texts that only the run's thread shows.
 */
export interface RunReport extends Pick<Ending, 'status' | 'outcome' | 'message'> {
  /** Error code of a failure. */
  readonly code?: string | null | undefined
  readonly pullRequestUrl?: string | null | undefined
  readonly draft?: boolean | undefined
  /** The agent's answer, plan, triage or question, in Markdown. */
  readonly text?: RawText | undefined
  /** Describes the new commit on an existing pull request, ready to be shown. */
  readonly report?: SafeMarkdown | undefined
  /** Backspace's own sentences: why the pull request is a draft, what was left out. */
  readonly notes?: readonly string[] | undefined
  /** Unified diff that was not published and that a person may want to apply. */
  readonly keptDiff?: string | undefined
  /** Models that took part; absent when no agent got to work. */
  readonly models?: readonly string[] | undefined
}

/** A report with the run's totals, from which the comment in the thread is made. An Ending is one without the extra texts. */
export type ThreadReport = RunReport & Pick<Ending, 'totals'>

const MAX_TEXT = 40_000
/** Characters, more than a comment can show: beyond that, the comment links to the run's page, which has the whole diff. */
const MOST_KEPT_DIFF = 64 * 1024

/** Joins the diffs of unpublished files until the text exceeds what a thread can show. */
export function keptDiffOf(files: readonly { readonly diff: string }[]): string {
  let kept = ''
  for (const { diff } of files) if (kept.length <= MOST_KEPT_DIFF) kept += diff
  return kept
}

/**
 * The report of a run that publishes nothing: an answer, a plan, a triage or a question.
 *
 * @param left unified diff of changes in the workspace that are not published.
 * @throws {BackspaceError} when the outcome is `partial`, with the code of the outcome.
 */
export function reportWithoutChange(outcome: AgentOutcome, left = ''): RunReport {
  const answer = (
    kind: 'answer' | 'plan' | 'triage' | 'question',
    ...texts: readonly string[]
  ): RunReport => {
    const text = [...texts, outcome.notes ?? ''].filter((part) => part.trim() !== '').join('\n\n')
    const cut = wholeStart(text.trim(), MAX_TEXT) || 'No change was needed.'
    return {
      status: 'succeeded',
      outcome: kind,
      message: cut,
      text: cut,
      notes: left === '' ? undefined : [NOT_PUBLISHED[kind === 'question' ? 'question' : 'answer']],
      keptDiff: left === '' ? undefined : left,
      models: outcome.totals.models,
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

/** The report of a run that had nothing to do. @param text a sentence of Backspace's own. */
export function reportAnswer(text: string): RunReport {
  return { status: 'succeeded', outcome: 'answer', message: text, text, models: [] }
}

const NOT_PUBLISHED = {
  question:
    'The agent had changed files before it asked. They are not published; the run that continues with your answer starts from them.',
  answer: 'The agent left changes in the workspace. They are not published.',
}

/** The report of a run whose earlier attempt opened the pull request but died before it reported; undefined otherwise. */
export async function reportEarlierPullRequest(
  { octokit, repository }: Pick<RepositoryAccess, 'octokit' | 'repository'>,
  { progress: { pullRequestNumber } }: Pick<Run, 'progress'>,
): Promise<RunReport | undefined> {
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

/** The report of a run that threw; `endRun` adds the kept diff, if there is one. */
export function reportFailure(error: unknown, runId: string): RunReport {
  const { code, message } = describeFailure(error, runId)
  return code === 'cancelled'
    ? { status: 'cancelled', outcome: null, message }
    : { status: 'failed', outcome: null, code, message }
}

/** Code and message of a failure for people: `failureOf`, extended by the errors of sandboxes and models. */
export function describeFailure(error: unknown, runId: string): ReturnType<typeof failureOf> {
  const failure = failureOf(error, runId)
  if (failure.code !== 'internal') return failure
  return (error instanceof SandboxError ? sandboxFailure(error) : modelFailure(error)) ?? failure
}

function sandboxFailure(error: SandboxError): ReturnType<typeof failureOf> {
  switch (error.class) {
    case 'unavailable':
      return { code: 'sandbox_unavailable', message: error.message }
    case 'no_space':
      return {
        code: 'sandbox_lost',
        message: 'The sandbox has no disk space left. Ask for a smaller step, or use a larger template.',
      }
    case 'over_limit':
      return { code: 'sandbox_lost', message: error.message }
    case 'gone':
    case 'unreachable':
      return { code: 'sandbox_lost', message: 'The sandbox was lost.' }
    case 'path_not_found':
      return {
        code: 'sandbox_lost',
        message: 'A file that Backspace needs is no longer in the sandbox. Try again.',
      }
  }
}

/** Recognises a ModelError by its shape, because the pipeline may not import models. */
function modelFailure(error: unknown): ReturnType<typeof failureOf> | undefined {
  if (!(error instanceof Error) || error.name !== 'ModelError') return undefined
  if (!('class' in error && 'userMessage' in error) || typeof error.userMessage !== 'string') return undefined
  const code = error.class === 'refusal' ? 'model_refused' : 'model_unavailable'
  return { code, message: error.userMessage }
}
