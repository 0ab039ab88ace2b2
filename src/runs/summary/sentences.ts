import type { ContextCompactedEvent, ModelRetriedEvent, ModelTurnEvent } from '../../agent/agent-event.ts'
import { costText, counted, durationText } from '../../text/amounts.ts'
import { checkText } from '../../text/check-ending.ts'
import type {
  ChangesCollectedEvent,
  ChecksFinishedEvent,
  RunEventBody,
  SetupFinishedEvent,
  Step,
} from '../run-event.ts'
import { verdictOf } from './verdict.ts'

/** The names of the steps, for people. */
export const STEP_NAMES: Readonly<Record<Step, string>> = {
  sandbox: 'Sandbox',
  clone: 'Clone',
  setup: 'Setup',
  baseline: 'Checks before',
  agent: 'Agent',
  collect: 'Collect changes',
  checks: 'Checks after',
  gate: 'Safety gate',
  verify: 'Verification',
  publish: 'Publish',
  pull_request: 'Pull request',
  report: 'Report',
}

/**
 * What an event says to people: the same words in the comment, on the pages, in the stream, in the terminal and in the
 * trace. It is one line, except for `agent.message` and the end of a run, where the agent speaks in Markdown.
 */
export function sentenceOf(event: RunEventBody): string {
  switch (event.type) {
    case 'run.queued':
      return `Queued for ${event.repository}: ${queueText(event.position)}`
    case 'run.paused':
      return event.reason === null
        ? 'The pause is over; this run waits for its turn'
        : pausedText(event.reason)
    case 'run.started':
      return event.attempt > 1 ? `Started again, attempt ${event.attempt}` : 'Started'
    case 'step.finished':
      return stepText(event.step, event.message)
    case 'setup.finished':
      return setupText(event)
    case 'checks.finished':
      return stepText(event.phase === 'before' ? 'baseline' : 'checks', checksText(event.results))
    case 'changes.collected':
      return filesText(event.files)
    case 'verification.finished':
      return verdictOf(event.verification).line
    case 'agent.message':
      return event.text
    case 'agent.note':
      return `${event.author} added: ${event.text}`
    case 'agent.plan': {
      const done = event.items.filter(({ status }) => status === 'done').length
      return `Plan: ${done} of ${event.items.length} done`
    }
    case 'tool.started':
    case 'tool.finished':
      return event.title
    case 'model.turn':
      return turnText(event)
    case 'model.retried':
      return retriedText(event)
    case 'model.switched':
      return `Switched from ${event.from} to ${event.to}: ${event.reason}`
    case 'context.compacted':
      return compactedText(event)
    case 'step.started':
    case 'finish.reviewed':
    case 'notice':
    case 'agent.notice':
    case 'run.succeeded':
    case 'run.failed':
    case 'run.cancelled':
      return event.message
  }
}

/** @param position 1 is next. */
export function queueText(position: number): string {
  return position <= 1 ? 'next in line' : `number ${position} in line`
}

/** @param reason as the operator wrote it. */
export function pausedText(reason: string): string {
  return `Paused by the operator: ${reason}`
}

/** Adds the name of the step to messages of `baseline` and `checks`, which name only the commands. */
export function stepText(step: Step, message: string): string {
  return step === 'baseline' || step === 'checks' ? `${STEP_NAMES[step]}: ${message}` : message
}

/** The message of the step follows this one and gives the time. */
function setupText({ results, reason, cache }: SetupFinishedEvent): string {
  if (reason !== undefined) return reason
  if (cache?.result === 'hit') return 'The setup cache has the dependencies'
  return results.length === 0
    ? 'No setup commands'
    : `Setup commands that ran: ${counted(results.length, 'command')}`
}

type CheckOutcome = Pick<
  ChecksFinishedEvent['results'][number],
  'command' | 'exitCode' | 'failedFirst' | 'cause'
>

const MOST_CHECKS = 8
const MOST_STARTED = 3
const LONGEST_COMMAND = 80

/** `npm test failed (exit code 1), npm run lint passed`: failures come first. */
export function checksText(results: readonly CheckOutcome[]): string {
  if (results.length === 0) return 'none were found in this repository'
  const failed = results.filter(({ exitCode }) => exitCode !== 0)
  const ordered = [...failed, ...results.filter(({ exitCode }) => exitCode === 0)]
  const shown = ordered
    .slice(0, MOST_CHECKS)
    .map((result) => `${commandText(result.command)} ${said(result)}`)
  const moreFailed = Math.max(0, failed.length - MOST_CHECKS)
  const morePassed = ordered.length - shown.length - moreFailed
  if (moreFailed > 0) shown.push(`${moreFailed} more failed`)
  if (morePassed > 0) shown.push(`${morePassed} more passed`)
  return shown.join(', ')
}

/**
 * What a step does to the repository, and with which commands: `Installing dependencies: npm ci`.
 *
 * @param commands may be scripts of many lines.
 */
export function withCommands(what: string, commands: readonly string[]): string {
  const shown = commands.slice(0, MOST_STARTED).map(commandText)
  const more = commands.length > MOST_STARTED ? [`${commands.length - MOST_STARTED} more`] : []
  return commands.length === 0 ? what : `${what}: ${[...shown, ...more].join(', ')}`
}

function said(result: CheckOutcome): string {
  const verb = result.failedFirst !== undefined ? 'was ' : ''
  return `${verb}${checkText(result)}`
}

/** A command of `.github/backspace.yml` may be a script of many lines. */
function commandText(command: string): string {
  const [line = '', ...rest] = command.trim().split('\n')
  const cut = line.length > LONGEST_COMMAND ? line.slice(0, LONGEST_COMMAND).toWellFormed() : line
  return cut === line && rest.length === 0 ? line : `${cut}…`
}

/** `2 files changed, +5 −1`; without counts if no line changed, as with a rename or a picture. */
function filesText(files: ChangesCollectedEvent['files']): string {
  if (files.length === 0) return 'No files changed'
  const added = files.reduce((sum, { additions }) => sum + additions, 0)
  const deleted = files.reduce((sum, { deletions }) => sum + deletions, 0)
  const changed = `${files.length} ${files.length === 1 ? 'file' : 'files'} changed`
  return added === 0 && deleted === 0 ? changed : `${changed}, +${added} −${deleted}`
}

function turnText({ turn, provider, model, durationMs, usage, costUsd }: ModelTurnEvent): string {
  const name = provider === 'scripted' ? 'scripted model' : model
  const input = usage.input + usage.cacheRead + usage.cacheWrite
  const tokens = `${tokensText(input)} tokens in, ${tokensText(usage.output)} out`
  // A scripted model takes no time worth a mention.
  const time = durationMs < 10 ? '' : ` in ${durationText(durationMs)}`
  return `Turn ${turn}: ${name} answered${time}, ${tokens}, ${costText(costUsd)}`
}

/** Words for the classes of errors whose names a person would not use. */
const ERROR_WORDS: Readonly<Record<string, string>> = {
  transient: 'temporary error',
  hang: 'no answer in time',
}

function retriedText({ model, errorClass, attempt, waitMs }: ModelRetriedEvent): string {
  const why = ERROR_WORDS[errorClass] ?? errorClass.replaceAll('_', ' ')
  return `${model} did not answer (${why}); trying again in ${durationText(waitMs)}, attempt ${attempt}`
}

function compactedText({ summaryBy, tokensBefore, tokensAfter }: ContextCompactedEvent): string {
  const source = summaryBy === 'model' ? 'a summary' : 'the plan and the diff'
  return `The conversation became too long and continues from ${source}: about ${tokensText(tokensBefore)} tokens became ${tokensText(tokensAfter)}`
}

function tokensText(tokens: number): string {
  if (tokens < 1000) return String(tokens)
  return tokens < 10_000 ? `${(tokens / 1000).toFixed(1)}k` : `${Math.round(tokens / 1000)}k`
}
