import type { RepositoryAccess } from '../github/github-access.ts'
import { approvedRun, isPlan } from '../runs/approve-plan.ts'
import { isTerminal, type Run } from '../runs/run.ts'
import type { AgentName } from '../text/agent-name.ts'
import { type SafeMarkdown, safeMarkdown } from '../text/markdown/safe-markdown.ts'
import { visibleText } from '../text/markdown/visible-text.ts'
import type { Command } from './parse-command.ts'
import { replyOnce, runLink, submitOrSayWhy } from './reply.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { CommentEvent } from './trigger-event.ts'

/** A reserved word in a thread, written by a person with write access. */
export interface ThreadCommand {
  readonly deps: TriggerDeps
  readonly access: RepositoryAccess
  readonly event: CommentEvent
  readonly command: Command
  /** The text that followed the word. */
  readonly text: string
  /** The agent that is to work, for a word that starts a run. */
  readonly agent: AgentName | undefined
}

/** The runs of the thread, newest first. */
export function runsHere({ deps, event }: Pick<ThreadCommand, 'deps' | 'event'>): Promise<readonly Run[]> {
  return deps.runsOnThread({ repository: event.repository, number: event.thread.number })
}

/** True for the run that this comment started. */
export function isOwn({ request }: Run, { comment }: CommentEvent): boolean {
  return request.comment?.kind === comment.kind && request.comment.id === comment.id
}

/** Replies in the thread, once per comment. */
export async function answer(
  { access, event }: Pick<ThreadCommand, 'access' | 'event'>,
  body: SafeMarkdown,
): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `${event.comment.kind.replace('_', '-')}:${event.comment.id}`,
    body,
  })
}

/** How far Backspace's clock and GitHub's may differ; GitHub's times are also in whole seconds. */
const CLOCKS_DIFFER_MS = 5_000

/** True if the thread has a plan, or a run is making one. Otherwise `approve …` is an ordinary request. */
export function hasPlan(runs: readonly Run[]): boolean {
  return runs.some((run) => isPlan(run) || isPlanning(run))
}

function isPlanning({ status, request }: Run): boolean {
  return !isTerminal(status) && request.options.plan === true
}

/**
 * Starts the run that carries out the thread's last plan. Approving a plan twice starts one run.
 *
 * @returns `refused` if a limit is reached; the reply says so.
 */
export async function approve(given: ThreadCommand): Promise<'refused' | undefined> {
  const { deps, access, event, text, agent } = given
  const runs = await runsHere(given)
  if (runs.some((run) => isOwn(run, event))) return undefined
  const plan = runs.find((run) => isPlan(run) || isPlanning(run))
  const problem = whyNot(given, plan)
  if (!plan || problem !== undefined) {
    await answer(given, problem ?? NO_PLAN)
    return undefined
  }
  const { kind, id, url } = event.comment
  const submitted = await submitOrSayWhy(deps, {
    access,
    event,
    target: { kind, id },
    input: approvedRun(plan, {
      trigger: 'comment',
      requester: { login: event.sender.login, id: event.sender.id },
      comment: { kind, id, url },
      text: visibleText(text),
      agent,
    }),
  })
  if (!submitted) return 'refused'
  if (!isOwn(submitted.run, event)) {
    const run = runLink(deps, submitted.run.id, safeMarkdown`A run`)
    await answer(given, safeMarkdown`This plan was already approved. ${run} implements it.`)
  }
  return undefined
}

const NO_PLAN = safeMarkdown`There is no plan to approve here. Comment \`/backspace --plan <what to do>\` to get one.`

/** Why the plan cannot be approved: only people who could read it may do so. */
function whyNot({ deps, event }: ThreadCommand, plan: Run | undefined): SafeMarkdown | undefined {
  if (!plan) return NO_PLAN
  const shown = runLink(deps, plan.id, safeMarkdown`The plan`)
  if (!plan.finishedAt) {
    return safeMarkdown`${shown} is not finished yet. Comment \`/backspace approve\` once it is posted here.`
  }
  if (plan.finishedAt.getTime() > Date.parse(event.at) + CLOCKS_DIFFER_MS) {
    return safeMarkdown`${shown} was posted after you wrote this. Read it, then comment \`/backspace approve\` again.`
  }
  return undefined
}
