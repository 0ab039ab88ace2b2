import { BackspaceError } from '../errors.ts'
import { createComment, deleteComment, findComment } from '../github/comments.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import type { GitHubClient } from '../github/github-client.ts'
import { addReaction, type Reaction, type ReactionTarget, removeReaction } from '../github/reactions.ts'
import type { RepoRef } from '../github/repo-ref.ts'
import { ownWords, type SafeMarkdown, safeMarkdown } from '../text/markdown/safe-markdown.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { TriggerEvent } from './trigger-event.ts'

/**
 * Writes a comment, unless one with the same key exists already. A repeated delivery, or a person who asks repeatedly,
 * then gets one reply.
 */
export async function replyOnce(
  octokit: GitHubClient,
  reply: {
    readonly repository: RepoRef
    readonly number: number
    readonly botLogin: string
    /** Only `[a-z0-9:-]`, since it is written into an HTML comment. */
    readonly key: string
    readonly body: SafeMarkdown
  },
): Promise<void> {
  const { repository, number, botLogin } = reply
  const marker = ownWords(`<!-- backspace-reply:${reply.key} -->`)
  const query = { repository, number, marker, author: botLogin }
  if (await findComment(octokit, query)) return
  const body = safeMarkdown`${reply.body}\n\n${marker}`
  const made = await createComment(octokit, { repository, number, body })
  // Two deliveries at the same moment both find no comment; the older reply is kept.
  const oldest = await findComment(octokit, query)
  if (oldest !== undefined && oldest.id < made.id) {
    await deleteComment(octokit, { repository, commentId: made.id })
  }
}

/**
 * Reacts with 👀 to show that a request was seen. A failure is ignored: in a locked thread, or without the permission,
 * the request still runs.
 */
export async function acknowledge(
  octokit: GitHubClient,
  seen: { readonly repository: RepoRef; readonly target: ReactionTarget },
): Promise<void> {
  await addReaction(octokit, { ...seen, reaction: 'eyes' }).catch(() => undefined)
}

/**
 * Replaces 👀 by a reaction that shows the result. A failure is ignored, since the reply exists already and a retry
 * would post it again.
 *
 * @param answered.keepEyes leaves 👀, because another request in the same place is still running.
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
  /** The comment or thread that got 👀. */
  readonly target: ReactionTarget
  readonly input: Parameters<TriggerDeps['submit']>[0]
  /** Leaves 👀 for another run of the same comment. */
  readonly keepEyes?: boolean
}

/**
 * Submits a run. Above a limit it replies in the thread instead of failing the delivery, which would be retried.
 * Further requests get 😕, and there is one such reply per hour and thread.
 *
 * @returns undefined if the run was refused.
 */
export async function submitOrSayWhy(deps: TriggerDeps, submission: Submission) {
  try {
    return await deps.submit(submission.input)
  } catch (error) {
    if (!(error instanceof BackspaceError) || error.code !== 'rate_limited') throw error
    await replyWithLimit(submission, error)
    return undefined
  }
}

async function replyWithLimit(submission: Submission, refusal: BackspaceError): Promise<void> {
  const { access, event, target, keepEyes = false } = submission
  const { octokit, botLogin } = access
  const { repository, sender, thread } = event
  const limit = String(refusal.facts.limit).replaceAll('_', '-')
  await replyOnce(octokit, {
    repository,
    number: thread.number,
    botLogin,
    key: `limited:${limit}:${sender.id}:${hourOf(event.at)}`,
    body: ownWords(`@${sender.login}, no run was started. ${refusal.userMessage}`),
  })
  await acknowledgeWith(access, { repository, target, reaction: 'confused', keepEyes })
}

/** `2026-01-31t09`, from the time of the event, so that a repeat of the event finds the same reply. */
function hourOf(at: string): string {
  return at.slice(0, 13).toLowerCase()
}

/** Text that links to the page of a run, if people can open that. */
export function runLink(
  { runUrl }: Pick<TriggerDeps, 'runUrl'>,
  runId: string,
  words: SafeMarkdown,
): SafeMarkdown {
  const url = runUrl(runId)
  return url === undefined ? words : safeMarkdown`[${words}](${ownWords(url)})`
}
