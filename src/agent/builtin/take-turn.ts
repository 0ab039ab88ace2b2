import type { Model, ModelNotice, ToolSchema, Turn } from '../../models/model.ts'
import { ModelError } from '../../models/model-error.ts'
import { type AssistantEntry, countTokens } from '../../models/transcript.ts'
import type { AgentEvent } from '../agent-event.ts'
import type { AgentRun } from './agent-run.ts'
import { shareOf } from './limits.ts'
import type { Stop } from './stuck-detector.ts'

/** Why there is no turn, although a model has answered before in this transcript. */
export interface NoTurn extends Stop {
  /**
   * Set when a shorter transcript may get an answer: this one is `too_long` for the model, or `rejected` because of
   * something in it that the provider does not name.
   */
  readonly transcript?: 'too_long' | 'rejected'
}

export const TOO_LONG: NoTurn = {
  code: 'model_unavailable',
  reason: 'The work became too long for the model to read.',
  transcript: 'too_long',
}

/**
 * Asks the model for its next turn and adds it to the transcript.
 *
 * @param options.wordsOnly asks for text without calls, and does not show that text to people. Default: false.
 * @throws {ModelError} when no model has answered yet; the reason of the run's signal; the error that kept the
 * transcript from being stored.
 */
export async function takeTurn(
  model: Model,
  run: AgentRun,
  { tools, wordsOnly = false }: { readonly tools: readonly ToolSchema[]; readonly wordsOnly?: boolean },
): Promise<AssistantEntry | NoTurn> {
  const { task, context, writer, usage, deadline } = run
  await writer.nearlyStored()
  const startedAt = usage.now()
  let turn: Turn
  try {
    turn = await model.respond(writer.transcript(), {
      tools,
      signal: AbortSignal.any([context.signal, deadline, writer.failed]),
      cacheKey: task.runId,
      wordsOnly,
      onNotice: (notice) => context.emit(toEvent(notice)),
    })
  } catch (error) {
    usage.addWait(usage.now() - startedAt)
    context.signal.throwIfAborted()
    writer.failed.throwIfAborted()
    const stop = explain(error, run)
    if (stop) return stop
    throw error
  }
  const waitedMs = usage.now() - startedAt
  usage.addTurn({ origin: turn.entry.origin, costUsd: turn.costUsd }, waitedMs)
  for (const note of turn.notes) writer.add(note)
  writer.add(turn.entry)
  context.emit(turnEvent(turn, run, waitedMs))
  const text = textOf(turn.entry)
  if (text && !wordsOnly) context.emit({ type: 'agent.message', text })
  return turn.entry
}

function turnEvent(turn: Turn, { task, usage: runUsage }: AgentRun, waitedMs: number): AgentEvent {
  const { provider, model, usage, stop, responseId } = turn.entry.origin
  const used = runUsage.used()
  return {
    type: 'model.turn',
    turn: used.steps,
    provider,
    model,
    usage,
    costUsd: turn.costUsd ?? null,
    durationMs: Math.round(turn.durationMs),
    firstTokenMs: turn.firstTokenMs === undefined ? null : Math.round(turn.firstTokenMs),
    attempts: turn.attempts,
    stop,
    harnessMs: runUsage.takeHarnessMs(),
    waitedMs: Math.round(waitedMs),
    contextTokens: countTokens(usage),
    responseId,
    run: { tokens: used.tokens, usd: used.usd, limits: shareOf(task.limits, used) },
  }
}

/** The text of a turn; empty when the model only called tools. */
export function textOf(entry: AssistantEntry): string {
  return entry.parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim()
}

function explain(error: unknown, { deadline, writer }: AgentRun): NoTurn | undefined {
  if (deadline.aborted) return { code: 'time_limit', reason: 'The time for this run is over.' }
  const answeredBefore = writer.transcript().entries.some(({ role }) => role === 'assistant')
  if (!(error instanceof ModelError) || !answeredBefore) return undefined
  const noModel = {
    code: 'model_unavailable',
    reason: `No model could continue: ${error.userMessage}`,
  } as const
  switch (error.class) {
    case 'context':
      return TOO_LONG
    case 'bad_request':
    case 'thinking':
      return { ...noModel, transcript: 'rejected' }
    case 'refusal':
      return { code: 'model_refused', reason: `The model declined to continue: ${error.userMessage}` }
    default:
      return noModel
  }
}

function toEvent(notice: ModelNotice): AgentEvent {
  switch (notice.kind) {
    case 'retry': {
      const { kind, ...facts } = notice
      return { type: 'model.retried', ...facts }
    }
    case 'switch': {
      const { kind, ...facts } = notice
      return { type: 'model.switched', ...facts }
    }
  }
}
