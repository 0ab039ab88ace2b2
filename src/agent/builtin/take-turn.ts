import type { Model, ModelNotice, ToolSchema, Turn } from '../../models/model.ts'
import { ModelError } from '../../models/model-error.ts'
import { type AssistantEntry, countTokens } from '../../models/transcript.ts'
import type { AgentLimits } from '../agent.ts'
import type { AgentEvent } from '../agent-event.ts'
import { type Meter, shareOf } from './limits.ts'
import type { Stop } from './progress-watch.ts'
import type { TranscriptWriter } from './transcript-writer.ts'

/** What one turn with the model needs. */
export interface TurnParts {
  readonly model: Model
  readonly tools: readonly ToolSchema[]
  readonly writer: TranscriptWriter
  readonly meter: Meter
  readonly limits: AgentLimits
  readonly now: () => number
  readonly emit: (event: AgentEvent) => void
  readonly cacheKey: string
  /** Aborted when somebody cancels the run. */
  readonly cancelled: AbortSignal
  /** Aborted when the run's minutes are over. */
  readonly deadline: AbortSignal
  /** Asks for an answer without calls, which is not for people; default: false. */
  readonly wordsOnly?: boolean
}

/** Why no turn came of it, although a model has answered before in this transcript. */
export interface NoTurn extends Stop {
  /**
   * Set when another transcript may be answered: `too_long` for the model, or `rejected` for what it holds, which no
   * provider names.
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
 * @throws {ModelError} when no model has answered yet; the reason of `cancelled`; what kept the transcript from being
 * stored.
 */
export async function takeTurn(parts: TurnParts): Promise<AssistantEntry | NoTurn> {
  const { writer, meter, now, emit, cancelled } = parts
  await writer.nearlyStored()
  const startedAt = now()
  let turn: Turn
  try {
    turn = await parts.model.respond(writer.transcript(), {
      tools: parts.tools,
      signal: AbortSignal.any([cancelled, parts.deadline, writer.failed]),
      cacheKey: parts.cacheKey,
      ...(parts.wordsOnly ? { wordsOnly: true } : {}),
      onNotice: (notice) => emit(toEvent(notice)),
    })
  } catch (error) {
    meter.addWait(now() - startedAt)
    cancelled.throwIfAborted()
    writer.failed.throwIfAborted()
    const stop = explain(error, parts)
    if (stop) return stop
    throw error
  }
  const waitedMs = now() - startedAt
  meter.addTurn(turn, waitedMs)
  for (const note of turn.notes) writer.add(note)
  writer.add(turn.entry)
  announce({ ...turn, waitedMs }, parts)
  return turn.entry
}

function announce({ entry, ...turn }: Turn & { readonly waitedMs: number }, parts: TurnParts): void {
  const { meter, emit, wordsOnly, limits } = parts
  const { provider, model, usage, stop, responseId } = entry.origin
  const used = meter.used()
  emit({
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
    harnessMs: meter.takeHarnessMs(),
    waitedMs: Math.round(turn.waitedMs),
    contextTokens: countTokens(usage),
    responseId,
    run: { tokens: used.tokens, usd: used.usd, limits: shareOf(limits, used) },
  })
  const text = textOf(entry)
  if (text && !wordsOnly) emit({ type: 'agent.message', text })
}

/** What the model said to people in this turn; empty when it only called tools. */
export function textOf(entry: AssistantEntry): string {
  return entry.parts
    .flatMap((part) => (part.type === 'text' ? [part.text] : []))
    .join('\n')
    .trim()
}

function explain(error: unknown, { deadline, writer }: TurnParts): NoTurn | undefined {
  if (deadline.aborted) return { code: 'time_limit', reason: 'The time for this run is over.' }
  const answeredBefore = writer.transcript().entries.some(({ role }) => role === 'assistant')
  if (!(error instanceof ModelError) || !answeredBefore) return undefined
  const noModel = { code: 'model_unavailable', reason: `No model could go on: ${error.userMessage}` } as const
  switch (error.class) {
    case 'context':
      return TOO_LONG
    case 'bad_request':
    case 'thinking':
      return { ...noModel, transcript: 'rejected' }
    case 'refusal':
      return { code: 'model_refused', reason: `The model declined to go on: ${error.userMessage}` }
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
