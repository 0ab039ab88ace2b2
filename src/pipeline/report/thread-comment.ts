import { knownError } from '../../errors.ts'
import {
  type CommentQuery,
  createComment,
  deleteComment,
  findComments,
  type GitHubComment,
  updateComment,
} from '../../github/comments.ts'
import type { GitHubAccess, RepositoryAccess } from '../../github/github-access.ts'
import type { GitHubClient } from '../../github/github-client.ts'
import { type ReactionTarget, swapEyes } from '../../github/reactions.ts'
import { isTerminal, type Run, type RunRequest, type Thread } from '../../runs/run.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { SafeMarkdown } from '../../text/safe-markdown.ts'
import { type Pause, pause as pauseByClock } from '../../time/pause.ts'

/** The one comment of a run in its thread. */
export interface ThreadComment {
  /**
   * Creates the comment, finds it again, or edits it. An edit does not wait for GitHub's rate limits.
   *
   * @throws {BackspaceError} what GitHub answers.
   */
  write(body: SafeMarkdown): Promise<CommentRef>
  /** Writes how the run ended, and deletes any other comment of the run. */
  writeEnding(body: SafeMarkdown): Promise<CommentRef>
  /** Writes the stored ending again, if the run has ended. */
  restoreEnding(): Promise<void>
  /** `owner/name` as GitHub spells it today. */
  repository(): Promise<string>
  /** Replaces 👀 by 🚀 or 😕 where the trigger reacted. Does not fail when GitHub refuses. */
  swapReaction(reaction: 'rocket' | 'confused'): Promise<void>
}

/** The effect that creates the comment of a run; its result is a {@link ClaimedComment}. */
export const PROGRESS_COMMENT = 'progress_comment'
/** The effect that stores the text of the final comment. */
export const FINAL_COMMENT = 'final_comment'

interface CommentRef {
  readonly id: number
  readonly url: string
}

export interface ThreadCommentDeps {
  readonly github: GitHubAccess
  readonly store: Pick<RunStore, 'get' | 'setProgress'>
  readonly effects: EffectStore
  readonly pause?: Pause
}

/**
 * @param marker text that only this comment contains, to find it after a restart.
 */
export function createThreadComment(
  { github, store, effects, pause = pauseByClock }: ThreadCommentDeps,
  { run, thread, marker }: { readonly run: Run; readonly thread: Thread; readonly marker: string },
): ThreadComment {
  const { request } = run
  const holder = crypto.randomUUID()
  let reached: Promise<RepositoryAccess> | undefined
  let claimed: ClaimedComment | undefined

  function access(): Promise<RepositoryAccess> {
    reached ??= github.repository(queryOf(request)).catch((error: unknown) => {
      reached = undefined
      throw error
    })
    return reached
  }

  /** @returns `fresh` when the comment was created just now, with this body. */
  async function claim(body: SafeMarkdown): Promise<{ comment: ClaimedComment; fresh: boolean }> {
    const current = (await store.get(run.id)) ?? run
    const { octokit, repository, botLogin } = await access()
    const place = { octokit, repository, number: thread.number, marker, author: botLogin }
    const { attempt } = current
    const made = await claimComment({ effects, runId: run.id, attempt, holder, pause }, place, body)
    const commentId = made.comment.id
    if (current.progress.progressCommentId !== commentId) await remember(store, { runId: run.id, commentId })
    return made
  }

  async function write(
    body: SafeMarkdown,
    { optional }: { readonly optional: boolean },
  ): Promise<CommentRef> {
    const { comment, fresh } = claimed ? { comment: claimed, fresh: false } : await claim(body)
    claimed = comment
    const { id: commentId, url } = comment
    if (fresh) return { id: commentId, url }
    const { octokit, repository } = await access()
    return updateComment(octokit, { repository, commentId, body, optional })
  }

  return {
    write: (body) => write(body, { optional: true }),
    async writeEnding(body) {
      const attempt = (await store.get(run.id))?.attempt ?? run.attempt
      await effects.keep({ runId: run.id, name: FINAL_COMMENT, attempt, result: body })
      const written = await write(body, { optional: false })
      const { octokit, repository, botLogin } = await access()
      const query = { repository, number: thread.number, marker, author: botLogin }
      // GitHub may list a new comment late, so a second one was not visible when this one was claimed.
      if (claimed?.uncertain) await findOnly(octokit, query, written.id)
      return written
    },
    async restoreEnding() {
      const current = await store.get(run.id)
      if (!current || !isTerminal(current.status)) return
      const body = await effects.result({ runId: run.id, name: FINAL_COMMENT })
      // Stored by `writeEnding`.
      if (typeof body === 'string') await write(body as SafeMarkdown, { optional: false })
    },
    async repository() {
      const { owner, name } = (await access()).repository
      return `${owner}/${name}`
    },
    async swapReaction(reaction) {
      const target = reactionTarget(request)
      if (target === undefined) return
      const { octokit, repository, botLogin } = await access()
      try {
        await swapEyes(octokit, { repository, target, reaction, login: botLogin })
      } catch (error) {
        // The triggering comment may be gone; the reaction is only decoration.
        if (!knownError(error)) throw error
      }
    },
  }
}

/** The attempt may change while the comment is created, so the write is tried twice. */
async function remember(
  store: ThreadCommentDeps['store'],
  { runId, commentId }: { readonly runId: string; readonly commentId: number },
): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    const run = await store.get(runId)
    if (run === undefined || run.progress.progressCommentId !== undefined) return
    try {
      return await store.setProgress(runId, run.attempt, { progressCommentId: commentId })
    } catch (error) {
      if (!(error instanceof WriteRefused)) throw error
    }
  }
}

function queryOf({ repository, installationId }: RunRequest): Parameters<GitHubAccess['repository']>[0] {
  return { ...repository, installationId }
}

function reactionTarget({ comment, trigger, thread }: RunRequest): ReactionTarget | undefined {
  if (comment) return { kind: comment.kind, id: comment.id }
  return trigger === 'label' && thread ? { kind: 'issue', number: thread.number } : undefined
}

/** The process that wants to create the comment of a run. */
interface CommentClaim {
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
  /** True when a second comment may exist. */
  readonly uncertain: boolean
}

/** A process that has not recorded its comment within this time is taken for dead. */
const STALE_AFTER_MS = 20_000
const BETWEEN_MS = 500

/**
 * Creates the comment of a run, or finds it. When several processes ask at once, one creates it and the others wait;
 * a process that slept and then finds another's comment deletes its own.
 *
 * @returns `fresh` when it was created just now, with this body.
 */
export async function claimComment(
  claim: CommentClaim,
  { octokit, ...query }: CommentQuery & { readonly octokit: GitHubClient },
  body: SafeMarkdown,
): Promise<{ readonly comment: ClaimedComment; readonly fresh: boolean }> {
  const { effects, runId, attempt, holder, pause } = claim
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
    const found = uncertain ? await findOnly(octokit, query) : undefined
    made = found ?? (await make(octokit, { ...query, body, giveUp: () => effects.giveUp(effect) }))
    const comment = { id: made.id, url: made.url, uncertain }
    if (await effects.done(effect, comment)) return { comment, fresh: found === undefined }
  }
}

/** Keeps one of our comments with this marker, by default the oldest, and deletes the others. */
async function findOnly(
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
    // If the answer was lost the comment may exist: the intent stays, so the next try looks for it first.
    if (knownError(error)?.code !== 'github_unavailable') await giveUp()
    throw error
  }
}
