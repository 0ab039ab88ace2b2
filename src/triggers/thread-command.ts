import type { RepositoryAccess } from '../github/octokit.ts'
import type { Run } from '../runs/run.ts'
import type { Command } from './parse-command.ts'
import { replyOnce } from './reply-once.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { CommentEvent } from './trigger-event.ts'

/** A reserved word that somebody with write access wrote in a thread. */
export interface ThreadCommand {
  readonly deps: TriggerDeps
  readonly access: RepositoryAccess
  readonly event: CommentEvent
  readonly command: Command
  /** What followed the word. */
  readonly text: string
}

/** Runs of the thread, newest first. */
export function runsHere({ deps, event }: Pick<ThreadCommand, 'deps' | 'event'>): Promise<readonly Run[]> {
  return deps.runsOnThread({ repository: event.repository, number: event.thread.number })
}

/** True for the run that this very comment started. */
export function isOwn({ request }: Run, { comment }: CommentEvent): boolean {
  return request.comment?.kind === comment.kind && request.comment.id === comment.id
}

/** Answers in the thread, once for a comment. */
export async function answer(
  { access, event }: Pick<ThreadCommand, 'access' | 'event'>,
  body: string,
): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `${event.comment.kind.replace('_', '-')}:${event.comment.id}`,
    body,
  })
}
