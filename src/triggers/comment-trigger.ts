import type { RepositoryAccess } from '../github/octokit.ts'
import type { Run } from '../runs/run.ts'
import { threadKey } from '../runs/store/run-row.ts'
import { acknowledge, acknowledgeWith } from './acknowledge.ts'
import { hasPlan } from './approve-command.ts'
import { authorize, isPerson } from './authorize.ts'
import { HELP, obeyCommand } from './obey-command.ts'
import { type ParsedCommand, parseCommands } from './parse-command.ts'
import { replyOnce } from './reply-once.ts'
import { submitOrSayWhy } from './submit-or-say-why.ts'
import { answer, runsHere } from './thread-command.ts'
import { promptText, type RequestCommand, threadRequest } from './thread-request.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { CommentEvent } from './trigger-event.ts'

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
    await act({ deps, access, event, command, index, isOnly: commands.length === 1 })
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
  /** Of several requests in one comment each is a run. */
  readonly isOnly: boolean
}

async function act(given: Act): Promise<void> {
  const { deps, access, event, command } = given
  if (command.kind === 'unknown_flag') {
    return await turnDown(access, event, command.flag)
  }
  const earlier = await runsHere({ deps, event })
  if (command.kind !== 'reserved') return await ask(given, command, earlier)
  const { text, whole } = command
  if (text !== '' && !hasPlan(earlier)) {
    return await ask(given, { kind: 'prompt', prompt: whole, plan: false, separate: false }, earlier)
  }
  await obeyCommand({ deps, access, event, command: command.command, text })
}

async function ask(
  { deps, access, event, index, isOnly }: Act,
  command: RequestCommand,
  earlier: readonly Run[],
): Promise<void> {
  const request = await threadRequest(access, { event, command, earlier })
  const { repository, comment, sender, thread } = event
  // The comment's id makes a redelivery, under whatever delivery id, find the same run.
  const place = `${repository.id}:${comment.kind}:${comment.id}`
  const steers = isOnly && command.kind === 'prompt' && !command.plan && !command.separate
  const target = { threadKey: threadKey(repository, thread.number) }
  const addTo = steers && { target, author: sender.login, text: promptText(event, command) }
  await submitOrSayWhy(deps, {
    access,
    event,
    target: { kind: comment.kind, id: comment.id },
    keepEyes: index > 0,
    input: {
      key: index === 0 ? `comment:${place}` : `comment:${place}:${index}`,
      request,
      ...(addTo && { addTo }),
    },
  })
}

/** Says what there is instead, and 😕. */
async function turnDown(access: RepositoryAccess, event: CommentEvent, flag: string): Promise<void> {
  const { repository, comment } = event
  const shown = flag.replaceAll(/[^\w-]/g, '').slice(0, 40)
  await answer({ access, event }, `There is no \`--${shown}\`.\n\n${HELP}`)
  const target = { kind: comment.kind, id: comment.id }
  await acknowledgeWith(access, { repository, target, reaction: 'confused' })
}
