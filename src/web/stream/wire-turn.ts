import type { RunEvent } from '../../runs/run-event.ts'

/** The record of one turn with a model: tokens, dollars, times, and the run after it. */
export function wireTurn(event: Extract<RunEvent, { type: 'model.turn' }>): Record<string, unknown> {
  const { usage, run } = event
  const seconds = (event.durationMs - (event.firstTokenMs ?? 0)) / 1000
  return {
    turn: event.turn,
    provider: event.provider,
    model: event.model,
    response_id: event.responseId ?? null,
    stop: event.stop,
    attempts: event.attempts,
    usage,
    context_tokens: event.contextTokens ?? null,
    cost_usd: event.costUsd,
    duration_ms: event.durationMs,
    waited_ms: event.waitedMs ?? event.durationMs,
    first_token_ms: event.firstTokenMs,
    tokens_per_second: seconds > 0 ? Math.round(usage.output / seconds) : null,
    harness_ms: event.harnessMs,
    ...(run && { so_far: { tokens: run.tokens, cost_usd: run.usd, limits_used: run.limits } }),
  }
}
