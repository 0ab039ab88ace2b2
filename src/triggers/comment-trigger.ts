import type { RepositoryAccess } from '../github/octokit.ts'
import type { RunRequest } from '../runs/run.ts'
import { acknowledge } from './acknowledge.ts'
import { adoptThread } from './adopt-thread.ts'
import { authorize, isPerson } from './authorize.ts'
import { obeyCommand } from './obey-command.ts'
import { type ParsedCommand, parseCommands } from './parse-command.ts'
import { replyOnce } from './reply-once.ts'
import { submitOrSayWhy } from './submit-or-say-why.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { CommentEvent } from './trigger-event.ts'
import { visibleText } from './visible-text.ts'

/** A `/backspace` comment becomes a run, or a command to one. Anything else is not for us. */
export async function commentTrigger(deps: TriggerDeps, event: CommentEvent): Promise<void> {
  if (!isPerson(event.sender) || event.comment.appId === deps.appId) return
  const commands = parseCommands(event.comment.body)
  if (commands.length === 0) return

  const access = await deps.github.repository({
    ...event.repository,
    ...(event.installationId === undefined ? {} : { installationId: event.installationId }),
  })
  const authorization = await authorize(access.octokit, event)
  if (!authorization.allowed) return await refuse(access, event, authorization.reason)

  const target = { kind: event.comment.kind, id: event.comment.id }
  await acknowledge(access.octokit, { repository: event.repository, target })
  if (commands.length > MOST_COMMANDS) await sayTooMany(access, event)
  for (const [index, command] of commands.slice(0, MOST_COMMANDS).entries()) {
    await act({ deps, access, event, command, index })
  }
}

/** Each one is a run that costs money; nobody writes more on purpose. */
const MOST_COMMANDS = 5

async function sayTooMany(access: RepositoryAccess, event: CommentEvent): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `too-many:${event.comment.id}`,
    body: `Only the first ${MOST_COMMANDS} \`/backspace\` lines of a comment are carried out. Write the others in a comment of their own.`,
  })
}

async function refuse(access: RepositoryAccess, event: CommentEvent, reason: string): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `refused:${event.sender.id}`,
    body: reason,
  })
}

interface Act {
  readonly deps: TriggerDeps
  readonly access: RepositoryAccess
  readonly event: CommentEvent
  readonly command: ParsedCommand
  /** Which `/backspace` of the comment it is, from 0. */
  readonly index: number
}

async function act({ deps, access, event, command, index }: Act): Promise<void> {
  if (command.kind === 'reserved') {
    return await obeyCommand({ deps, access, event, command: command.command })
  }
  const request = await requestOf(access, event, command)
  // The comment's id makes a redelivery, under whatever delivery id, find the same run.
  const place = `${event.repository.id}:${event.comment.kind}:${event.comment.id}`
  await submitOrSayWhy(deps, {
    access,
    event,
    target: { kind: event.comment.kind, id: event.comment.id },
    keepEyes: index > 0,
    input: { key: index === 0 ? `comment:${place}` : `comment:${place}:${index}`, request },
  })
}

async function requestOf(
  access: RepositoryAccess,
  event: CommentEvent,
  command: Exclude<ParsedCommand, { kind: 'reserved' }>,
): Promise<RunRequest> {
  const bare = command.kind === 'bare'
  const { thread, tainted } = await adoptThread(access.octokit, { event, textIsTask: bare })
  const { kind, id, url, place } = event.comment
  const what =
    thread.kind === 'issue' ? 'Do what this issue asks for.' : 'Do what this pull request asks for.'
  const prompt = bare ? what : visibleText(command.prompt)
  return {
    trigger: 'comment',
    repository: event.repository,
    prompt: place ? `${prompt}\n\n(Written on ${place}.)` : prompt,
    thread,
    comment: { kind, id, url },
    requester: { login: event.sender.login, id: event.sender.id },
    options: {},
    tainted,
    ...(event.installationId === undefined ? {} : { installationId: event.installationId }),
  }
}
