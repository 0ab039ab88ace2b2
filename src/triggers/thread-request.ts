import type { RepositoryAccess } from '../github/octokit.ts'
import { isTerminal, type Run, type RunRequest } from '../runs/run.ts'
import { adoptThread } from './adopt-thread.ts'
import type { ParsedCommand } from './parse-command.ts'
import type { CommentEvent } from './trigger-event.ts'
import { visibleText } from './visible-text.ts'

/** A comment that asks for something to be done, or adds to it. */
export type RequestCommand = Extract<ParsedCommand, { kind: 'prompt' | 'bare' }>

/** @param earlier runs of the thread, newest first: the request may answer the last one. */
export async function threadRequest(
  { octokit }: Pick<RepositoryAccess, 'octokit'>,
  {
    event,
    command,
    earlier,
  }: {
    readonly event: CommentEvent
    readonly command: RequestCommand
    readonly earlier: readonly Run[]
  },
): Promise<RunRequest> {
  const bare = command.kind === 'bare'
  const { thread, tainted } = await adoptThread(octokit, { event, textIsTask: bare })
  const { kind, id, url } = event.comment
  const what =
    thread.kind === 'issue' ? 'Do what this issue asks for.' : 'Do what this pull request asks for.'
  const request: RunRequest = {
    trigger: 'comment',
    repository: event.repository,
    prompt: bare ? what : promptText(event, command),
    thread,
    comment: { kind, id, url },
    requester: { login: event.sender.login, id: event.sender.id },
    options: command.plan ? { plan: true } : {},
    tainted,
    ...(event.installationId === undefined ? {} : { installationId: event.installationId }),
  }
  const parent = bare ? undefined : parentOf(earlier, command)
  return parent ? goingOnFrom(parent, request) : request
}

/** What the comment says, and where it was said. */
export function promptText(
  { comment: { place } }: Pick<CommentEvent, 'comment'>,
  { prompt }: { readonly prompt: string },
): string {
  const text = visibleText(prompt)
  return place ? `${text}\n\n(Written on ${place}.)` : text
}

/** The last run that has ended, when it asked a question, or made a plan that is to be another one. */
function parentOf(earlier: readonly Run[], { plan, separate }: RequestCommand): Run | undefined {
  const last = earlier.find(({ status }) => isTerminal(status))
  const outcome = last?.result?.outcome
  const goesOn = outcome === 'question' || (outcome === 'plan' && plan)
  return goesOn && !separate ? last : undefined
}

/** A run that only planned when it asked goes on planning; what an outsider wrote is in the transcript for good. */
function goingOnFrom({ id, request: { options, tainted } }: Run, request: RunRequest): RunRequest {
  return {
    ...request,
    options: { ...options, ...request.options },
    tainted: tainted || request.tainted,
    parentRunId: id,
  }
}
