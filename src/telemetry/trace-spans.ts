import type { RunEvent } from '../runs/run-event.ts'
import { sentenceOf } from '../runs/summary/sentences.ts'

/** A finished part of a run, in LangSmith's terms. Times are in milliseconds since the epoch. */
export interface Span {
  readonly name: string
  readonly runType: 'llm' | 'tool' | 'chain'
  readonly startMs: number
  readonly endMs: number
  readonly inputs: Record<string, unknown>
  readonly outputs: Record<string, unknown>
  readonly metadata: Record<string, unknown>
  readonly error?: string | undefined
}

/**
 * The span that an event ends; undefined for an event that ends none.
 *
 * @param text what the model wrote in this turn.
 */
export function spanOf(event: RunEvent, text: string): Span | undefined {
  const endMs = Date.parse(event.at)
  switch (event.type) {
    case 'model.turn':
      return {
        name: `${event.provider}:${event.model}`,
        runType: 'llm',
        startMs: endMs - event.durationMs,
        endMs,
        inputs: { turn: event.turn },
        outputs: { message: sentenceOf(event), text, stop: event.stop, usage_metadata: usageMetadata(event) },
        metadata: {
          ls_provider: event.provider,
          ls_model_name: event.model,
          attempts: event.attempts,
          response_id: event.responseId,
          context_tokens: event.contextTokens,
          first_token_ms: event.firstTokenMs,
          waited_ms: event.waitedMs,
          harness_ms: event.harnessMs,
          so_far: event.run,
        },
      }
    case 'tool.finished':
      return {
        name: event.tool,
        runType: 'tool',
        startMs: endMs - event.durationMs,
        endMs,
        inputs: { title: sentenceOf(event) },
        outputs: { status: event.status, detail: event.detail },
        metadata: { call_id: event.callId, bytes: event.bytes },
        error: event.status === 'error' ? sentenceOf(event) : undefined,
      }
    case 'model.retried':
      return {
        name: 'model retried',
        runType: 'chain',
        startMs: endMs,
        endMs: endMs + event.waitMs,
        inputs: { model: event.model, attempt: event.attempt },
        outputs: { message: sentenceOf(event), class: event.errorClass },
        metadata: {},
      }
    case 'finish.reviewed':
      return {
        name: 'finish',
        runType: 'chain',
        startMs: endMs - event.durationMs,
        endMs,
        inputs: { claim: event.claim },
        outputs: { verdict: event.verdict, message: sentenceOf(event) },
        metadata: {},
      }
    case 'model.switched':
      return {
        name: 'model switched',
        runType: 'chain',
        startMs: endMs,
        endMs,
        inputs: { from: event.from, to: event.to },
        outputs: { message: sentenceOf(event), class: event.errorClass, reason: event.reason },
        metadata: {},
      }
    case 'context.compacted':
      return {
        name: 'context compacted',
        runType: 'chain',
        startMs: endMs,
        endMs,
        inputs: { tokens: event.tokensBefore },
        outputs: { message: sentenceOf(event), tokens: event.tokensAfter, summary_by: event.summaryBy },
        metadata: { number: event.number },
      }
    default:
      return undefined
  }
}

/** LangSmith includes cached tokens in `input_tokens`, while Backspace counts them separately. */
function usageMetadata({
  usage,
  costUsd,
}: Extract<RunEvent, { type: 'model.turn' }>): Record<string, unknown> {
  const input = usage.input + usage.cacheRead + usage.cacheWrite
  return {
    input_tokens: input,
    output_tokens: usage.output,
    total_tokens: input + usage.output,
    input_token_details: { cache_read: usage.cacheRead, cache_creation: usage.cacheWrite },
    // JSON leaves out an undefined field. An unknown price must not look like a price of 0.
    total_cost: costUsd ?? undefined,
  }
}
