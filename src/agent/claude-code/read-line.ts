import { z } from 'zod'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'

/**
 * One line of Claude Code's output (`--output-format stream-json`), reduced to the fields that Backspace reads. Code in
 * the sandbox can write to the same file, so no line is evidence: lines are shown, and the host judges the work itself.
 */
export type CliLine = z.infer<typeof LINE>

const text = z.string()
const block = z.union([
  z.object({ type: z.literal('text'), text }),
  z.object({ type: z.literal('thinking'), thinking: text }),
  z.object({ type: z.literal('tool_use'), id: text, name: text, input: z.record(text, z.unknown()) }),
  z.object({ type: z.string() }),
])

const result = z.object({
  type: z.literal('tool_result'),
  tool_use_id: text,
  content: z.union([text, z.array(z.unknown())]).optional(),
  is_error: z.boolean().optional(),
})

const system = z.union([
  z.object({
    subtype: z.literal('init'),
    tools: z.array(text),
    mcp_servers: z.array(z.unknown()),
    model: text,
    claude_code_version: text,
    session_id: text,
  }),
  z.object({
    subtype: z.literal('api_retry'),
    attempt: z.number(),
    retry_delay_ms: z.number(),
    error_status: z.number().nullish(),
  }),
  z.object({
    subtype: z.literal('model_fallback'),
    original_model: text,
    fallback_model: text,
    trigger: text.optional(),
  }),
  z.object({ subtype: z.literal('status'), status: text.nullable(), compact_result: z.unknown().optional() }),
  z.object({ subtype: z.literal('informational'), content: text }),
  z.object({ subtype: z.literal('model_refusal_no_fallback'), api_refusal_category: text.nullish() }),
])

const LINE = z.union([
  z.object({ type: z.literal('system') }).and(system),
  z.object({
    type: z.literal('assistant'),
    message: z.object({ id: text, content: z.array(block) }),
    parent_tool_use_id: text.nullish(),
    error: text.optional(),
  }),
  z.object({
    type: z.literal('user'),
    message: z.object({ content: z.union([text, z.array(z.union([result, block]))]) }),
    parent_tool_use_id: text.nullish(),
    tool_use_result: z.unknown().optional(),
  }),
  z.object({
    type: z.literal('result'),
    subtype: text,
    is_error: z.boolean(),
    terminal_reason: text.nullish(),
    api_error_status: z.number().nullish(),
    stop_reason: text.nullish(),
    result: text.nullish(),
    structured_output: z.unknown().optional(),
  }),
  z.object({ type: z.literal('control_response'), response: z.object({ request_id: text, subtype: text }) }),
])

/** Types of lines that Backspace does not need. */
const SILENT = new Set([
  'thinking_tokens',
  'task_started',
  'task_progress',
  'task_updated',
  'task_notification',
  'background_tasks_changed',
  'ui_invalidate',
])

/** @returns `silent` for a line that Backspace does not need; undefined for an unknown line, as of another version. */
export function readLine(line: string): CliLine | 'silent' | undefined {
  const value = jsonOrUndefined(line)
  const known = LINE.safeParse(value)
  if (known.success) return known.data
  const subtype =
    typeof value === 'object' && value !== null && 'subtype' in value ? value.subtype : undefined
  return typeof subtype === 'string' && SILENT.has(subtype) ? 'silent' : undefined
}
