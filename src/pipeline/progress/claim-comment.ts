import { knownError } from '../../errors.ts'
import { createComment, type IssueComment } from '../../github/create-comment.ts'
import { deleteComment } from '../../github/delete-comment.ts'
import { type CommentQuery, findComments } from '../../github/find-comments.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import type { Pause } from '../../github/pause.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'

/** Which process wants to have made the comment of which run. */
export interface CommentClaim {
  readonly effects: Pick<EffectStore, 'intend' | 'done' | 'giveUp'>
  readonly runId: string
  readonly attempt: number
  /** Unique per process and run. */
  readonly holder: string
  readonly pause: Pause
}

export interface ClaimedComment {
  readonly id: number
  readonly url: string
  /** True when nobody can say for sure that there is no second one. */
  readonly uncertain: boolean
}

/** A process that has not said within this time what came of its comment is dead, or its request is. */
const STALE_AFTER_MS = 20_000
const BETWEEN_MS = 500

/**
 * The comment of a run: made by the first that asks, found by everybody else. Several processes may ask at once; one
 * of them makes it and the others wait. Whoever wakes up to find that another has made one takes its own away.
 *
 * @returns whether it is fresh: made just now, with this body.
 */
export async function claimComment(
  claim: CommentClaim,
  { octokit, ...query }: CommentQuery & { readonly octokit: GitHubClient },
  body: string,
): Promise<{ readonly comment: ClaimedComment; readonly fresh: boolean }> {
  const { effects, runId, attempt, holder, pause } = claim
  const effect = { runId, name: 'progress_comment', holder }
  let made: IssueComment | undefined
  for (;;) {
    const intended = await effects.intend({ ...effect, attempt, staleAfterMs: STALE_AFTER_MS })
    if (intended.state === 'held') {
      await pause(BETWEEN_MS)
      continue
    }
    if (intended.state === 'done') {
      // Written below, under this name.
      const kept = intended.result as ClaimedComment
      if (made && made.id !== kept.id) await deleteComment(octokit, { ...query, commentId: made.id })
      return { comment: kept, fresh: false }
    }
    const uncertain = intended.state === 'taken_over'
    const found = uncertain ? await findOnly(octokit, query) : undefined
    made = found ?? (await make(octokit, { ...query, body, giveUp: () => effects.giveUp(effect) }))
    const comment = { id: made.id, url: made.url, uncertain }
    if (await effects.done(effect, comment)) return { comment, fresh: found === undefined }
  }
}

/** Our one comment with this marker, by default the oldest; the others go. */
export async function findOnly(
  octokit: GitHubClient,
  query: CommentQuery,
  kept?: number,
): Promise<IssueComment | undefined> {
  const comments = await findComments(octokit, query)
  const only = kept ?? comments[0]?.id
  for (const { id } of comments.filter((comment) => comment.id !== only)) {
    await deleteComment(octokit, { repository: query.repository, commentId: id })
  }
  return comments.find(({ id }) => id === only)
}

async function make(
  octokit: GitHubClient,
  { giveUp, ...request }: CommentQuery & { readonly body: string; readonly giveUp: () => Promise<void> },
): Promise<IssueComment> {
  try {
    return await createComment(octokit, request)
  } catch (error) {
    // After a lost answer the intent stays, so that the next try looks first.
    if (knownError(error)?.code !== 'github_unavailable') await giveUp()
    throw error
  }
}
