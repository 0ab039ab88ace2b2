import { knownError } from '../../errors.ts'
import { type CommentQuery, createComment, updateComment } from '../../github/comments.ts'
import type { GitHubAccess, RepositoryAccess } from '../../github/github-access.ts'
import { getIssue } from '../../github/issues.ts'
import { type ReactionTarget, swapEyes } from '../../github/reactions.ts'
import { isTerminal, type Run, type RunRequest, type Thread } from '../../runs/run.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import type { SafeMarkdown } from '../../text/markdown/safe-markdown.ts'
import { type Pause, pause as pauseByClock } from '../../time/pause.ts'
import { type ClaimedComment, claimComment, findOnly } from './claim-comment.ts'

/** The one comment of a run in its thread. */
export interface ThreadComment {
  /**
   * Creates the comment, finds it again, or edits it. An edit does not wait for GitHub's rate limits.
   *
   * @throws {BackspaceError} when GitHub refuses or cannot be reached.
   */
  write(body: SafeMarkdown): Promise<CommentRef>
  /**
   * Writes how the run ended, and deletes any other comment of the run. If a person has deleted the comment, the ending
   * is written as a new one, since someone asked for the run and waits for its end.
   *
   * @param options.isShown false to only store the ending, because another run has the comment by now. Default: true.
   * @returns undefined if it was only stored.
   */
  writeEnding(body: SafeMarkdown, options?: { readonly isShown?: boolean }): Promise<CommentRef | undefined>
  /** Writes the stored ending again, if the run has ended. */
  restoreEnding(): Promise<void>
  /** `owner/name` as GitHub spells it today. */
  repository(): Promise<string>
  /** Replaces 👀 by 🚀 or 😕 where the trigger reacted. Does not fail when GitHub refuses. */
  swapReaction(reaction: 'rocket' | 'confused'): Promise<void>
}

/** The effect that stores the text of the final comment. */
export const FINAL_COMMENT = 'final_comment'

interface CommentRef {
  readonly id: number
  readonly url: string
}

export interface ThreadCommentDeps {
  readonly github: GitHubAccess
  readonly store: Pick<RunStore, 'get' | 'setProgress' | 'findOnThread'>
  readonly effects: EffectStore
  readonly pause?: Pause
}

interface CommentPlace {
  readonly run: Run
  readonly thread: Thread
  /** Text that only this comment contains, by which it is found after a restart. */
  readonly marker: string
  /** True when all runs of one kind in the thread share a comment, which is written again if it is gone. */
  readonly isShared: boolean
}

export function createThreadComment(
  { github, store, effects, pause = pauseByClock }: ThreadCommentDeps,
  { run, thread, marker, isShared }: CommentPlace,
): ThreadComment {
  const { request } = run
  const holder = crypto.randomUUID()
  let reached: Promise<RepositoryAccess> | undefined
  let claimed: ClaimedComment | undefined
  /** Changes when the issue is transferred. */
  let { number } = thread

  function access(): Promise<RepositoryAccess> {
    reached ??= github.repository(queryOf(request)).catch((error: unknown) => {
      reached = undefined
      throw error
    })
    return reached
  }

  async function query(): Promise<CommentQuery> {
    const { repository, botLogin } = await access()
    return { repository, number, marker, author: botLogin }
  }

  /** @returns `fresh` when the comment was created just now, with this body. */
  async function claim(body: SafeMarkdown): Promise<{ comment: ClaimedComment; fresh: boolean }> {
    const current = (await store.get(run.id)) ?? run
    const { octokit } = await access()
    const claim = { effects, runId: run.id, attempt: current.attempt, holder, isShared, pause }
    const made = await claimComment(claim, { octokit, ...(await query()) }, body)
    const commentId = made.comment.id
    if (current.progress.progressCommentId !== commentId) await remember(store, { runId: run.id, commentId })
    return made
  }

  /** @param options.again true to write a comment again that a person deleted. */
  async function write(body: SafeMarkdown, { optional, again }: WriteOptions): Promise<CommentRef> {
    const { comment, fresh } = claimed ? { comment: claimed, fresh: false } : await claim(body)
    claimed = comment
    const { id: commentId, url } = comment
    if (fresh) return { id: commentId, url }
    const { octokit, repository } = await access()
    try {
      return await updateComment(octokit, { repository, commentId, body, optional })
    } catch (error) {
      if (knownError(error)?.code !== 'not_found') throw error
      const written = await writeElsewhere(body, { again: again || isShared })
      if (written === undefined) throw error
      return written
    }
  }

  /**
   * Handles a missing comment: a person or a concurrent process deleted it, or it moved with its issue.
   *
   * @returns undefined if the comment was deleted and must not be written again.
   */
  async function writeElsewhere(
    body: SafeMarkdown,
    { again }: Pick<WriteOptions, 'again'>,
  ): Promise<CommentRef | undefined> {
    await followIssue()
    const { octokit, repository } = await access()
    const place = await query()
    const found = await findOnly(octokit, place)
    if (!found && !again) return undefined
    const { id, url } = found
      ? await updateComment(octokit, { repository, commentId: found.id, body })
      : await createComment(octokit, { ...place, body })
    claimed = { id, url, uncertain: true }
    return { id, url }
  }

  /** Finds a transferred issue, to which GitHub redirects. The issue and its comments then have other numbers. */
  async function followIssue(): Promise<void> {
    const { octokit, repository } = await access()
    const issue = await getIssue(octokit, { repository, number })
    const [owner = '', name = ''] = issue.repository_url.split('/').slice(-2)
    const isHere =
      owner.toLowerCase() === repository.owner.toLowerCase() &&
      name.toLowerCase() === repository.name.toLowerCase()
    if (isHere && issue.number === number) return
    reached = github.repository({ owner, name })
    await reached
    number = issue.number
  }

  return {
    write: (body) => write(body, { optional: true, again: false }),
    async writeEnding(body, { isShown = true } = {}) {
      const attempt = (await store.get(run.id))?.attempt ?? run.attempt
      await effects.keep({ runId: run.id, name: FINAL_COMMENT, attempt, result: body })
      if (!isShown) return undefined
      const written = await write(body, { optional: false, again: true })
      const { octokit } = await access()
      // GitHub may list a new comment late, so a second one may not have been visible when this one was claimed.
      if (claimed?.uncertain) await findOnly(octokit, await query(), written.id)
      return written
    },
    async restoreEnding() {
      const current = await store.get(run.id)
      if (!current || !isTerminal(current.status)) return
      const body = await effects.result({ runId: run.id, name: FINAL_COMMENT })
      // Stored by `writeEnding`.
      if (typeof body === 'string') await write(body as SafeMarkdown, { optional: false, again: false })
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

interface WriteOptions {
  /** True for an edit that does not wait for GitHub's rate limits. */
  readonly optional: boolean
  /** True to write a comment again that a person deleted. */
  readonly again: boolean
}

/** Stores the id of the comment. The attempt may change while the comment is created, so the write is tried twice. */
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
