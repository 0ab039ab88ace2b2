import { BackspaceError } from '../errors.ts'
import { createComment, findComment } from '../github/comments.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { GitHubClient } from '../github/github-client.ts'
import { addReaction, type Reaction, type ReactionTarget, removeReaction } from '../github/reactions.ts'
import type { RepoRef } from '../github/repo-ref.ts'
import { ownWords, type SafeMarkdown, safeMarkdown } from '../text/safe-markdown.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { TriggerEvent } from './trigger-event.ts'

/**
 * Comments unless a comment with the same key stands there already, so that a repeated delivery, or a person who
 * asks again and again, gets one answer.
 */
export async function replyOnce(
  octokit: GitHubClient,
  reply: {
    readonly repository: RepoRef
    readonly number: number
    readonly botLogin: string
    /** `[a-z0-9:-]` only: it is written into an HTML comment. */
    readonly key: string
    readonly body: SafeMarkdown
  },
): Promise<void> {
  const { repository, number, botLogin } = reply
  const marker = ownWords(`<!-- backspace-reply:${reply.key} -->`)
  const existing = await findComment(octokit, { repository, number, marker, author: botLogin })
  if (!existing)
    await createComment(octokit, { repository, number, body: safeMarkdown`${reply.body}\n\n${marker}` })
}

/**
 * Says with 👀 that a request was seen. Only a courtesy: where reactions are refused (a locked thread, an App
 * without that permission, a server that has none), the request is carried out all the same.
 */
export async function acknowledge(
  octokit: GitHubClient,
  seen: { readonly repository: RepoRef; readonly target: ReactionTarget },
): Promise<void> {
  await addReaction(octokit, { ...seen, reaction: 'eyes' }).catch(() => undefined)
}

/**
 * Says with another reaction what came of it, instead of 👀. A courtesy too: what was answered stands, and a reaction
 * that fails must not have it answered again.
 *
 * @param answered.keepEyes something else that was asked for in the same place may need them still.
 */
export async function acknowledgeWith(
  { octokit, botLogin: login }: Pick<RepositoryAccess, 'octokit' | 'botLogin'>,
  answered: {
    readonly repository: RepoRef
    readonly target: ReactionTarget
    readonly reaction: Reaction
    readonly keepEyes?: boolean
  },
): Promise<void> {
  const { repository, target, reaction, keepEyes = false } = answered
  await addReaction(octokit, { repository, target, reaction }).catch(() => undefined)
  if (keepEyes) return
  await removeReaction(octokit, { repository, target, reaction: 'eyes', login }).catch(() => undefined)
}

export interface Submission {
  readonly access: RepositoryAccess
  readonly event: TriggerEvent
  /** Where the request was seen with 👀. */
  readonly target: ReactionTarget
  readonly input: Parameters<TriggerDeps['submit']>[0]
  /** Another run of the same comment may need them. */
  readonly keepEyes?: boolean
}

/**
 * Submits a run; when a limit is reached, says so in the thread, instead of failing the delivery, which would be
 * tried again and again. Who asks on gets 😕 and no more than one such answer an hour in a thread.
 *
 * @returns undefined when it was refused.
 */
export async function submitOrSayWhy(deps: TriggerDeps, submission: Submission) {
  try {
    return await deps.submit(submission.input)
  } catch (error) {
    if (!(error instanceof BackspaceError) || error.code !== 'rate_limited') throw error
    await sayWhy(submission, error)
    return undefined
  }
}

async function sayWhy(submission: Submission, refusal: BackspaceError): Promise<void> {
  const { access, event, target, keepEyes = false } = submission
  const { octokit, botLogin } = access
  const { repository, sender, thread } = event
  const limit = String(refusal.facts.limit).replaceAll('_', '-')
  await replyOnce(octokit, {
    repository,
    number: thread.number,
    botLogin,
    key: `limited:${limit}:${sender.id}:${hourOf(event.at)}`,
    body: ownWords(`@${sender.login}, this was not started. ${refusal.userMessage}`),
  })
  await acknowledgeWith(access, { repository, target, reaction: 'confused', keepEyes })
}

/** `2026-01-31t09`, from the event's own time, so that a repeat of the event finds the same answer. */
function hourOf(at: string): string {
  return at.slice(0, 13).toLowerCase()
}

/** Words that link to a run's page, where people can open it. */
export function runLink(
  { runUrl }: Pick<TriggerDeps, 'runUrl'>,
  runId: string,
  words: SafeMarkdown,
): SafeMarkdown {
  const url = runUrl(runId)
  return url === undefined ? words : safeMarkdown`[${words}](${ownWords(url)})`
}
