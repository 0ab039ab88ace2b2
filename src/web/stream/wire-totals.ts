import type { CheckCounts, RunTotals } from '../../runs/run-event.ts'

/** What a run used, as `extra_data` of its last frame tells it. */
export function wireTotals(totals: RunTotals): object {
  return {
    total_duration_ms: totals.durationMs,
    attempts: totals.attempts,
    // The model that finished the work: with a fallback, the last one.
    ai_provider: totals.models.at(-1)?.split(':')[0] ?? null,
    models: totals.models,
    cost_usd: totals.costUsd,
    cost_by_provider: totals.providers.map(({ provider, turns, costUsd }) => ({
      provider,
      turns,
      cost_usd: costUsd,
    })),
    turns: totals.turns,
    tool_calls: totals.toolCalls,
    tool_errors: totals.toolErrors,
    edits_ok: totals.editsOk,
    edits_failed: totals.editsFailed,
    input_tokens: totals.inputTokens,
    cache_read_tokens: totals.cacheReadTokens,
    cache_write_tokens: totals.cacheWriteTokens,
    output_tokens: totals.outputTokens,
    cache_share: totals.cacheShare,
    retries: totals.retries,
    fallbacks: totals.fallbacks,
    bounces: totals.bounces,
    checks_before: wireCounts(totals.checksBefore),
    checks_after: wireCounts(totals.checksAfter),
    limits_used: totals.limitsUsed,
    model_ms: totals.modelMs,
    first_token_ms: totals.firstTokenMs,
    tool_ms: totals.toolMs,
    harness_ms: totals.harnessMs,
  }
}

function wireCounts(counts: CheckCounts | null): object | null {
  return counts && { passed: counts.passed, failed: counts.failed }
}
