import { addReaction, type ReactionTarget } from '../../github/add-reaction.ts'
import { createComment, type IssueComment } from '../../github/create-comment.ts'
import { findComment } from '../../github/find-comment.ts'
import type { GitHubAccess, RepositoryAccess } from '../../github/octokit.ts'
import { removeReaction } from '../../github/remove-reaction.ts'
import { updateComment } from '../../github/update-comment.ts'
import type { Run, RunRequest, Thread } from '../../runs/run.ts'
import type { RunStore } from '../../runs/store/run-store.ts'
import { WriteRefused } from '../../runs/store/write-refused.ts'

/** The one comment of a run in its thread. */
export interface ThreadComment {
  /** Creates the comment, finds it again, or edits it. Throws what GitHub answers. */
  write(body: string): Promise<IssueComment>
  /** `owner/name` as GitHub spells it today. */
  repository(): Promise<string>
  /** Takes 👀 back and leaves 🚀 or 😕 instead, where the trigger reacted. */
  swapReaction(reaction: 'rocket' | 'confused'): Promise<void>
}

export interface ThreadCommentDeps {
  readonly github: GitHubAccess
  readonly store: Pick<RunStore, 'get' | 'setProgress'>
}

/**
 * @param marker text that only this comment holds; by it the comment is found after a restart.
 */
export function createThreadComment(
  { github, store }: ThreadCommentDeps,
  { run, thread, marker }: { readonly run: Run; readonly thread: Thread; readonly marker: string },
): ThreadComment {
  const { request } = run
  let reached: Promise<RepositoryAccess> | undefined
  let written: IssueComment | undefined

  function access(): Promise<RepositoryAccess> {
    reached ??= github.repository(queryOf(request)).catch((error: unknown) => {
      reached = undefined
      throw error
    })
    return reached
  }

  async function existing({ octokit, repository, botLogin }: RepositoryAccess): Promise<number | undefined> {
    if (written) return written.id
    const current = await store.get(run.id)
    if (current?.progress.progressCommentId !== undefined) return current.progress.progressCommentId
    const found = await findComment(octokit, { repository, number: thread.number, marker, author: botLogin })
    return found?.id
  }

  return {
    async write(body) {
      const { octokit, repository, ...rest } = await access()
      const commentId = await existing({ octokit, repository, ...rest })
      written =
        commentId === undefined
          ? await createComment(octokit, { repository, number: thread.number, body })
          : await updateComment(octokit, { repository, commentId, body })
      if (commentId === undefined) await remember(store, { runId: run.id, commentId: written.id })
      return written
    },
    async repository() {
      const { owner, name } = (await access()).repository
      return `${owner}/${name}`
    },
    async swapReaction(reaction) {
      const target = reactionTarget(request)
      if (target === undefined) return
      const { octokit, repository, botLogin } = await access()
      await addReaction(octokit, { repository, target, reaction })
      await removeReaction(octokit, { repository, target, reaction: 'eyes', login: botLogin })
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
