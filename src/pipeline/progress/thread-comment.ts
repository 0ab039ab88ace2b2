import { knownError } from '../../errors.ts'
import type { ReactionTarget } from '../../github/add-reaction.ts'
import type { GitHubAccess, RepositoryAccess } from '../../github/octokit.ts'
import { type Pause, pause as pauseByClock } from '../../github/pause.ts'
import { swapEyes } from '../../github/swap-eyes.ts'
import { updateComment } from '../../github/update-comment.ts'
import { isTerminal, type Run, type RunRequest, type Thread } from '../../runs/run.ts'
import type { EffectStore } from '../../runs/store/effect-store.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'
import { type ClaimedComment, claimComment, findOnly } from './claim-comment.ts'

/** The one comment of a run in its thread. */
export interface ThreadComment {
  /**
   * Creates the comment, finds it again, or edits it. An edit never waits for GitHub's limits. Throws what GitHub
   * answers.
   */
  write(body: string): Promise<CommentRef>
  /** Writes the last words about the run, and sees to it that there is no other comment. */
  writeEnd(body: string): Promise<CommentRef>
  /** Writes those words again, as some process has written them, if the run has ended. */
  restoreEnd(): Promise<void>
  /** `owner/name` as GitHub spells it today. */
  repository(): Promise<string>
  /** Takes 👀 back and leaves 🚀 or 😕 instead, where the trigger reacted. GitHub's refusal is no error. */
  swapReaction(reaction: 'rocket' | 'confused'): Promise<void>
}

/** Name of the effect that is the final comment. */
const LAST_WORDS = 'final_comment'

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
 * @param marker text that only this comment holds; by it the comment is found after a restart.
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

  /** @returns whether the comment was made just now, with this body. */
  async function claim(body: string): Promise<{ comment: ClaimedComment; fresh: boolean }> {
    const current = (await store.get(run.id)) ?? run
    const { octokit, repository, botLogin } = await access()
    const place = { octokit, repository, number: thread.number, marker, author: botLogin }
    const { attempt } = current
    const made = await claimComment({ effects, runId: run.id, attempt, holder, pause }, place, body)
    const commentId = made.comment.id
    if (current.progress.progressCommentId !== commentId) await remember(store, { runId: run.id, commentId })
    return made
  }

  async function write(body: string, { optional }: { readonly optional: boolean }): Promise<CommentRef> {
    const { comment, fresh } = claimed ? { comment: claimed, fresh: false } : await claim(body)
    claimed = comment
    const { id: commentId, url } = comment
    if (fresh) return { id: commentId, url }
    const { octokit, repository } = await access()
    return updateComment(octokit, { repository, commentId, body, optional })
  }

  return {
    write: (body) => write(body, { optional: true }),
    async writeEnd(body) {
      const attempt = (await store.get(run.id))?.attempt ?? run.attempt
      await effects.keep({ runId: run.id, name: LAST_WORDS, attempt, result: body })
      const written = await write(body, { optional: false })
      const { octokit, repository, botLogin } = await access()
      const query = { repository, number: thread.number, marker, author: botLogin }
      // GitHub may have listed the other one too late for it to be found when this one was claimed.
      if (claimed?.uncertain) await findOnly(octokit, query, written.id)
      return written
    },
    async restoreEnd() {
      const current = await store.get(run.id)
      if (!current || !isTerminal(current.status)) return
      const body = await effects.result({ runId: run.id, name: LAST_WORDS })
      if (typeof body === 'string') await write(body, { optional: false })
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
        // The comment that asked may be gone. Nobody misses a decoration.
        if (!knownError(error)) throw error
      }
    },
  }
}

/** The run may be claimed while the comment is being made, so the attempt is asked for and tried twice. */
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
  return { ...repository, ...(installationId === undefined ? {} : { installationId }) }
}

function reactionTarget({ comment, trigger, thread }: RunRequest): ReactionTarget | undefined {
  if (comment) return { kind: comment.kind, id: comment.id }
  return trigger === 'label' && thread ? { kind: 'issue', number: thread.number } : undefined
}
