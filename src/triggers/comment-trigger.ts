import { listReviewComments } from '../github/comments.ts'
import type { RepositoryAccess } from '../github/github-access.ts'
import { askedByComment } from '../runs/audit-submission.ts'
import { continueRun } from '../runs/continue-run.ts'
import { isTerminal, type Run, type RunRequest } from '../runs/run.ts'
import { hasAgent } from '../runs/settings-request.ts'
import { threadKey } from '../runs/store/run-rows.ts'
import { agentMistake } from '../text/agent-name.ts'
import { ownWords, type SafeMarkdown, safeMarkdown } from '../text/markdown/safe-markdown.ts'
import { addHidden, readVisible, visibleText } from '../text/markdown/visible-text.ts'
import { nearestName } from '../text/nearest-name.ts'
import { adoptThread } from './adopt-thread.ts'
import { auditDecision } from './audit-decision.ts'
import { authorize, isPerson } from './authorize.ts'
import { HELP, obeyCommand } from './obey-command.ts'
import { FLAGS, type ParsedCommand, parseCommands } from './parse-command.ts'
import { mayHoldToken } from './read-token.ts'
import { acknowledge, acknowledgeWith, replyOnce, submitOrSayWhy } from './reply.ts'
import { submitAdoption } from './submit-adoption.ts'
import { answer, hasPlan, runsHere } from './thread-command.ts'
import type { TriggerDeps } from './trigger-deps.ts'
import type { CommentEvent } from './trigger-event.ts'

/**
 * Turns a `/backspace` comment into a run, or into a command to one, and ignores every other comment. Until GitHub has
 * said that the sender may write, the text is only searched for the word.
 */
export async function commentTrigger(deps: TriggerDeps, event: CommentEvent): Promise<void> {
  if (!isPerson(event.sender) || event.comment.appId === deps.appId) return
  if (!mayHoldToken(event.comment.body)) return

  const { repository, installationId } = event
  const access = await deps.github.repository({ ...repository, installationId })
  const authorization = await authorize(access.octokit, event)
  const found = parseCommands(event.comment.body)
  if (found.length === 0) return
  const isUnclear = found.every(({ kind }) => kind === 'unclear')
  if (isUnclear) return authorization.allowed ? await explain(access, event) : undefined
  const asked = askedByComment(repository.id, event.comment)
  const words = found.map((command) => (command.kind === 'reserved' ? command.command : command.kind))
  await auditDecision(deps, event, { authorization, trigger: 'comment', asked, commands: words })
  if (!authorization.allowed) return await refuse(access, event, authorization.reason)

  const commands = await withoutRepeats(access, event, found)
  const target = { kind: event.comment.kind, id: event.comment.id }
  await acknowledge(access.octokit, { repository: event.repository, target })
  if (commands.length > MOST_COMMANDS) await sayTooMany(access, event)
  for (const [index, command] of commands.slice(0, MOST_COMMANDS).entries()) {
    await act({ deps, access, event, command, index, isOnly: commands.length === 1 })
  }
}

/**
 * Drops commands of a review's summary that also appear on a line of code. The webhook for the line starts the run,
 * because it knows the place.
 */
async function withoutRepeats(
  { octokit }: Pick<RepositoryAccess, 'octokit'>,
  { repository, thread, comment }: CommentEvent,
  commands: readonly ParsedCommand[],
): Promise<readonly ParsedCommand[]> {
  if (comment.kind !== 'review') return commands
  const onLines = await listReviewComments(octokit, { repository, number: thread.number })
  const said = onLines
    .filter(({ reviewId }) => reviewId === comment.id)
    .flatMap(({ body }) => parseCommands(body))
    .map((command) => JSON.stringify(command))
  return commands.filter((command) => !said.includes(JSON.stringify(command)))
}

/** Each command may be a run that costs money, so a comment with more commands than this is a mistake. */
const MOST_COMMANDS = 5

async function sayTooMany(access: RepositoryAccess, event: CommentEvent): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `too-many:${event.comment.id}`,
    body: safeMarkdown`Only the first ${MOST_COMMANDS} \`/backspace\` lines of this comment were used. Put the others in a separate comment.`,
  })
}

/**
 * Explains how to write a command, once per person and thread. Only people who may start a run get this, since others
 * may mean another program.
 */
async function explain(access: RepositoryAccess, event: CommentEvent): Promise<void> {
  await replyOnce(access.octokit, {
    repository: event.repository,
    number: event.thread.number,
    botLogin: access.botLogin,
    key: `unclear:${event.sender.id}`,
    body: safeMarkdown`Was this meant for Backspace? Begin a line with \`/backspace\` and a space, for example \`/backspace fix the failing test\`. \`/backspace help\` lists all commands.`,
  })
}

async function refuse(access: RepositoryAccess, event: CommentEvent, reason: SafeMarkdown): Promise<void> {
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
  /** Index of this `/backspace` among those of the comment, from 0. */
  readonly index: number
  /** If a comment has several commands, each of its requests is a run of its own. */
  readonly isOnly: boolean
}

async function act(given: Act): Promise<void> {
  const { deps, access, event, command } = given
  if (command.kind === 'unknown_flag') {
    return await refuseFlag(access, event, command.flag)
  }
  if (command.kind === 'unknown_agent') return await refuseAgent(access, event, command.agent)
  if (command.kind === 'unclear') return
  const earlier = await runsHere({ deps, event })
  if (command.kind !== 'reserved') return await ask(given, command, earlier)
  const { text, request, agent } = command
  if (request !== undefined && !hasPlan(earlier)) {
    return await ask(given, { kind: 'prompt', prompt: request, plan: false, separate: false, agent }, earlier)
  }
  await obeyCommand({ deps, access, event, command: command.command, text, agent })
}

async function ask(
  { deps, access, event, index, isOnly }: Act,
  command: RequestCommand,
  earlier: readonly Run[],
): Promise<void> {
  const request = await threadRequest(access, { event, command, earlier })
  const { repository, comment, sender, thread } = event
  // The comment's id makes a redelivery find the same run, whatever its delivery id is.
  const place = `${repository.id}:${comment.kind}:${comment.id}`
  // The agent of a running run does not change, so a request that names an agent is a run of its own.
  const ownRun = command.plan || command.separate || command.agent !== undefined
  const steers = isOnly && command.kind === 'prompt' && !ownRun
  const target = { threadKey: threadKey(repository, thread.number) }
  const addTo = steers
    ? { target, author: sender.login, text: promptText(event, visibleText(command.prompt)) }
    : undefined
  const submission = {
    access,
    event,
    target: { kind: comment.kind, id: comment.id },
    keepEyes: index > 0,
    input: { key: index === 0 ? `comment:${place}` : `comment:${place}:${index}`, request, addTo },
  } as const
  if (request.adopts === true && !command.separate) await submitAdoption(deps, submission)
  else await submitOrSayWhy(deps, submission)
}

/** Replies with the flags that exist. */
async function refuseFlag(access: RepositoryAccess, event: CommentEvent, flag: string): Promise<void> {
  const shown = flag.replaceAll(/[^\w-]/g, '').slice(0, 40)
  const meant = nearestName(shown, FLAGS)
  const cure = meant === undefined ? '' : ` Did you mean \`--${meant}\`?`
  await refuseCommand(
    access,
    event,
    safeMarkdown`There is no \`--${ownWords(shown)}\` flag.${ownWords(cure)}\n\n${HELP}`,
  )
}

/** Replies with the agents that exist. */
async function refuseAgent(access: RepositoryAccess, event: CommentEvent, agent: string): Promise<void> {
  const mistake = ownWords(agentMistake(agent))
  await refuseCommand(
    access,
    event,
    safeMarkdown`\`--agent\` ${mistake} For example: \`/backspace --agent claude-code fix the failing test\`.`,
  )
}

/** Replies, and reacts with 😕. */
async function refuseCommand(
  access: RepositoryAccess,
  event: CommentEvent,
  body: SafeMarkdown,
): Promise<void> {
  const { repository, comment } = event
  await answer({ access, event }, body)
  const target = { kind: comment.kind, id: comment.id }
  await acknowledgeWith(access, { repository, target, reaction: 'confused' })
}

/** A command that asks for work, or adds to a run. */
type RequestCommand = Extract<ParsedCommand, { kind: 'prompt' | 'bare' }>

/** @param earlier runs of the thread, newest first. The request may be an answer to the last one. */
async function threadRequest(
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
  const { thread, tainted, hidden } = await adoptThread(octokit, { event, textIsTask: bare })
  const { kind, id, url } = event.comment
  const visible = bare ? undefined : readVisible(command.prompt)
  const what =
    thread.kind === 'issue' ? 'Do what this issue asks for.' : 'Do what this pull request asks for.'
  const request: RunRequest = {
    trigger: 'comment',
    repository: event.repository,
    prompt: visible ? promptText(event, visible.text) : what,
    thread,
    comment: { kind, id, url },
    requester: { login: event.sender.login, id: event.sender.id },
    adopts: bare && !command.plan,
    options: { plan: command.plan || undefined, agent: command.agent },
    tainted,
    hidden: addHidden(hidden, visible?.hidden),
    installationId: event.installationId,
  }
  const parent = bare ? undefined : parentOf(earlier, command)
  return parent ? continueRun(parent, request) : request
}

/** The prompt; for a comment on a line, with the place of that line. */
function promptText({ comment: { place } }: Pick<CommentEvent, 'comment'>, text: string): string {
  return place ? `${text}\n\n(Written on ${place}.)` : text
}

/**
 * The run that the request continues: the last ended run of an agent, if it asked a question, or if it made a plan and
 * another plan is requested.
 */
function parentOf(earlier: readonly Run[], { plan, separate }: RequestCommand): Run | undefined {
  const last = earlier.find(({ status, request }) => isTerminal(status) && hasAgent(request))
  const outcome = last?.ending?.outcome
  const goesOn = outcome === 'question' || (outcome === 'plan' && plan)
  return goesOn && !separate ? last : undefined
}
