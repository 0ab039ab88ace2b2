import type { CheckCounts, RunEvent, RunTotals } from '../../runs/run-event.ts'

type ToolFinished = Extract<RunEvent, { type: 'tool.finished' }>
type AskedOfTool = NonNullable<Extract<ToolFinished['detail'], { kind: 'other' }>['asked']>

/** Fields of a `Tool: …` frame. Existing clients read `filepath`, `old_str`, `new_str`, `command` and `output`. */
export function wireTool(
  event: ToolFinished,
): { type: `Tool: ${string}`; message: string } & Record<string, unknown> {
  return {
    type: `Tool: ${toolName(event)}`,
    message: event.title,
    call_id: event.callId,
    status: event.status,
    ...detailFields(event),
    duration_ms: event.durationMs,
    ...sizes(event),
  }
}

/** Of what the model was sent; `truncated` when there was more. */
function sizes({ bytes }: ToolFinished): Record<string, unknown> {
  if (!bytes) return {}
  return { bytes_sent: bytes.sent, bytes_full: bytes.full, truncated: bytes.full > bytes.sent }
}

function toolName({ tool, detail }: ToolFinished): string {
  switch (detail.kind) {
    case 'bash':
      return 'Bash'
    case 'read':
      return 'Read'
    case 'edit':
      return 'Edit'
    case 'write':
      return 'Write'
    case 'search':
    case 'other':
      return tool.charAt(0).toUpperCase() + tool.slice(1)
    default:
      return unreachable(detail)
  }
}

function detailFields({ tool, detail }: ToolFinished): Record<string, unknown> {
  switch (detail.kind) {
    case 'bash':
      return { command: detail.command, output: detail.output, exit_code: detail.exitCode }
    case 'read':
      return { filepath: detail.path, lines: detail.lines }
    case 'edit':
      return { filepath: detail.path, ...pairsOf(detail.edits) }
    case 'write':
      return { filepath: detail.path, bytes: detail.bytes, content: detail.content }
    case 'search':
      return { pattern: detail.pattern, matches: detail.matches }
    case 'other':
      return { ...askedFields(tool, detail.asked), output: detail.text }
    default:
      return unreachable(detail)
  }
}

/** One call may edit several places of a file; clients that know only one pair show the first. */
function pairsOf(edits: NonNullable<AskedOfTool['edits']>): Record<string, unknown> {
  const [first = { old_str: '', new_str: '' }, ...more] = edits.map(({ oldText, newText }) => ({
    old_str: oldText,
    new_str: newText,
  }))
  return { ...first, ...(more.length > 0 && { more_edits: more }) }
}

/** A call that came to nothing has the fields of its kind all the same: clients need not tell the two apart. */
function askedFields(tool: string, asked: AskedOfTool = {}): Record<string, unknown> {
  const filepath = asked.path ?? ''
  switch (tool) {
    case 'read':
      return { filepath, lines: 0 }
    case 'edit':
      return { filepath, ...pairsOf(asked.edits ?? []) }
    case 'write':
      return { filepath, bytes: 0, content: '' }
    case 'bash':
      return { command: asked.command ?? '', exit_code: null }
    default:
      return {}
  }
}

function unreachable(detail: never): never {
  throw new Error(`unknown tool detail ${JSON.stringify(detail)}`)
}

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
