import type { CheckCounts, ChecksFinishedEvent, RunEventBody, RunTotals } from '../../runs/run-event.ts'
import type { Thoughts } from '../../runs/summary/thoughts.ts'
import type { FrameBody } from './wire-schema.ts'

type EventOf<Type extends RunEventBody['type']> = Extract<RunEventBody, { readonly type: Type }>
type ToolFinished = EventOf<'tool.finished'>
type AskedOfTool = NonNullable<Extract<ToolFinished['detail'], { readonly kind: 'other' }>['asked']>

type BodyOf<Type extends FrameBody['type']> = Extract<FrameBody, { readonly type: Type }>
type ToolBody = BodyOf<`Tool: ${string}`>
type EndBody = BodyOf<'success' | 'error'>
type InfoBody<Field extends string> = Extract<BodyOf<'info'>, { readonly [Key in Field]: unknown }>

/** The `Tool: …` frame of a tool call that ended. */
export function wireTool(event: ToolFinished, message: string): ToolBody {
  const { tool, callId, status, durationMs, detail, bytes } = event
  const call = { message, call_id: callId, status }
  const cost = {
    duration_ms: durationMs,
    bytes_sent: bytes?.sent,
    bytes_full: bytes?.full,
    truncated: bytes && bytes.full > bytes.sent,
  }
  switch (detail.kind) {
    case 'bash': {
      const { command, output, exitCode } = detail
      return { type: 'Tool: Bash', ...call, command, output, exit_code: exitCode, ...cost }
    }
    case 'read':
      return { type: 'Tool: Read', ...call, filepath: detail.path, lines: detail.lines, ...cost }
    case 'edit':
      return { type: 'Tool: Edit', ...call, filepath: detail.path, ...wireEdits(detail.edits), ...cost }
    case 'write': {
      const { path, bytes: size, content } = detail
      return { type: 'Tool: Write', ...call, filepath: path, bytes: size, content, ...cost }
    }
    case 'search': {
      const search = { ...call, pattern: detail.pattern, matches: detail.matches, ...cost }
      return tool === 'glob' ? { type: 'Tool: Glob', ...search } : { type: 'Tool: Grep', ...search }
    }
    case 'other':
      return { ...wireOther(tool, { call, output: detail.text, asked: detail.asked }), ...cost }
  }
}

/** Failed calls carry the same fields as successful ones, so clients need no special case. */
function wireOther<Call extends object>(
  tool: string,
  {
    call,
    output,
    asked = {},
  }: { readonly call: Call; readonly output: string; readonly asked?: AskedOfTool | undefined },
) {
  const type: `Tool: ${string}` = `Tool: ${tool.charAt(0).toUpperCase()}${tool.slice(1)}`
  const filepath = asked.path ?? ''
  switch (type) {
    case 'Tool: Read':
      return { type, ...call, filepath, lines: 0, output } as const
    case 'Tool: Edit':
      return { type, ...call, filepath, ...wireEdits(asked.edits ?? []), output } as const
    case 'Tool: Write':
      return { type, ...call, filepath, bytes: 0, content: '', output } as const
    case 'Tool: Bash':
      return { type, ...call, command: asked.command ?? '', exit_code: null, output } as const
    default:
      return { type, ...call, output } as const
  }
}

/** One call may edit several places of a file. The first pair has the fields that older clients know. */
function wireEdits(edits: NonNullable<AskedOfTool['edits']>) {
  const [first = { old_str: '', new_str: '' }, ...more] = edits.map(({ oldText, newText }) => ({
    old_str: oldText,
    new_str: newText,
  }))
  return { ...first, more_edits: more.length > 0 ? more : undefined }
}

export function wireCheck(
  result: ChecksFinishedEvent['results'][number],
): InfoBody<'checks'>['checks'][number] {
  const { command, exitCode, durationMs, tail, failedFirst, cause, tests } = result
  const ran = { command, exit_code: exitCode, duration_ms: durationMs, output: tail }
  return { ...ran, failed_first: failedFirst, cause, tests }
}

export function wireCommand(
  result: EventOf<'setup.finished'>['results'][number],
): InfoBody<'commands'>['commands'][number] {
  const { command, exitCode, durationMs, output } = result
  return { command, exit_code: exitCode, duration_ms: durationMs, output }
}

/** The fields of a turn's frame: tokens, dollars, times, and the totals of the run up to this turn. */
export function wireTurn(event: EventOf<'model.turn'>) {
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
    so_far: run && { tokens: run.tokens, cost_usd: run.usd, limits_used: run.limits },
  } satisfies Partial<InfoBody<'turn'>>
}

export function wireTelemetry(thoughts: Thoughts, langsmithEnabled: boolean): EndBody['telemetry'] {
  return {
    thinking_logs_count: thoughts.count,
    langsmith_enabled: langsmithEnabled,
    recent_thoughts: thoughts.recent,
  }
}

/** What a run used, in the fields of `extra_data` of its last frame. */
export function wireTotals(totals: RunTotals): Omit<EndBody['extra_data'], 'outcome' | 'pr_url'> {
  return {
    total_duration_ms: totals.durationMs,
    attempts: totals.attempts,
    // With a fallback, the last model is the one that finished the work.
    ai_provider: totals.models.at(-1)?.split(':')[0] ?? null,
    models: totals.models,
    agents: totals.agents,
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
    verdict: totals.verdict,
    limits_used: totals.limitsUsed,
    model_ms: totals.modelMs,
    first_token_ms: totals.firstTokenMs,
    tool_ms: totals.toolMs,
    harness_ms: totals.harnessMs,
  }
}

function wireCounts(counts: CheckCounts | null): { readonly passed: number; readonly failed: number } | null {
  return counts && { passed: counts.passed, failed: counts.failed }
}
