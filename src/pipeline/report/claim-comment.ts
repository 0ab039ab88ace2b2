import { knownError } from '../../errors.ts'
import {
  type CommentQuery,
  createComment,
  deleteComment,
  findComments,
  type GitHubComment,
} from '../../github/comments.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import type { Pause } from '../../time/pause.ts'

/** The effect that creates the comment of a run; its result is a {@link ClaimedComment}. */
export const PROGRESS_COMMENT = 'progress_comment'

/** The process that wants to create the comment of a run. */
interface CommentClaim {
  readonly effects: Pick<EffectStore, 'intend' | 'done' | 'giveUp'>
  readonly runId: string
  readonly attempt: number
  /** Unique per process and run. */
  readonly holder: string
  /** True when runs share the comment, so that it may exist already. */
  readonly isShared: boolean
  readonly pause: Pause
}

export interface ClaimedComment {
  readonly id: number
  readonly url: string
  /** True when a second comment may exist. */
  readonly uncertain: boolean
}

/** A process that has not recorded its comment after this time is assumed to be dead. */
const STALE_AFTER_MS = 20_000
const BETWEEN_MS = 500

/**
 * Creates the comment of a run, or finds it. If several processes ask at once, one creates it and the others wait. A
 * process that slept and then finds the comment of another deletes its own.
 *
 * @returns `fresh` is true when the comment was created just now, with this body.
 */
export async function claimComment(
  claim: CommentClaim,
  { octokit, ...query }: CommentQuery & { readonly octokit: GitHubClient },
  body: SafeMarkdown,
): Promise<{ readonly comment: ClaimedComment; readonly fresh: boolean }> {
  const { effects, runId, attempt, holder, isShared, pause } = claim
  const effect = { runId, name: PROGRESS_COMMENT, holder }
  let made: GitHubComment | undefined
  for (;;) {
    const intended = await effects.intend({ ...effect, attempt, staleAfterMs: STALE_AFTER_MS })
    if (intended.state === 'held') {
      await pause(BETWEEN_MS)
      continue
    }
    if (intended.state === 'done') {
      // Stored below, under this name.
      const kept = intended.result as ClaimedComment
      if (made && made.id !== kept.id) await deleteComment(octokit, { ...query, commentId: made.id })
      return { comment: kept, fresh: false }
    }
    const uncertain = intended.state === 'taken_over'
    const found = uncertain || isShared ? await findOnly(octokit, query) : undefined
    made = found ?? (await make(octokit, { ...query, body, giveUp: () => effects.giveUp(effect) }))
    const comment = { id: made.id, url: made.url, uncertain }
    if (await effects.done(effect, comment)) return { comment, fresh: found === undefined }
  }
}

/** Keeps one of Backspace's comments with this marker, by default the oldest, and deletes the others. */
export async function findOnly(
  octokit: GitHubClient,
  query: CommentQuery,
  kept?: number,
): Promise<GitHubComment | undefined> {
  const comments = await findComments(octokit, query)
  const only = kept ?? comments[0]?.id
  for (const { id } of comments.filter((comment) => comment.id !== only)) {
    await deleteComment(octokit, { repository: query.repository, commentId: id })
  }
  return comments.find(({ id }) => id === only)
}

async function make(
  octokit: GitHubClient,
  {
    giveUp,
    ...request
  }: CommentQuery & { readonly body: SafeMarkdown; readonly giveUp: () => Promise<void> },
): Promise<GitHubComment> {
  try {
    return await createComment(octokit, request)
  } catch (error) {
    // If the answer was lost, the comment may exist. The intent stays, so that the next try looks for the comment first.
    if (knownError(error)?.code !== 'github_unavailable') await giveUp()
    throw error
  }
}
