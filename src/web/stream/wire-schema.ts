import { z } from 'zod'
import { AGENT_NAME, DOLLARS, FRAME, INFO_FRAMES, INTEGER, LIMITS_USED, MILLISECONDS } from './info-frames.ts'
import { VERDICT } from './verification-frame.ts'

const TOOL = {
  ...FRAME,
  call_id: z.string(),
  status: z.enum(['ok', 'error', 'skipped', 'interrupted']),
  duration_ms: MILLISECONDS,
  bytes_sent: INTEGER.optional().describe('Bytes of the result that the model was sent.'),
  bytes_full: INTEGER.optional().describe('Bytes of the whole result.'),
  truncated: z.boolean().optional(),
}
const OUTPUT = z.string().optional().describe('Why it failed.')
const EDIT = z.object({ old_str: z.string(), new_str: z.string() })
const SEARCH = { pattern: z.string().optional(), matches: INTEGER.optional(), output: OUTPUT }

/** Failed calls carry the same fields as successful ones, so clients need no special case. */
const TOOL_FRAMES = [
  z
    .object({ ...TOOL, type: z.literal('Tool: Read'), filepath: z.string(), lines: INTEGER, output: OUTPUT })
    .describe('the agent read a file'),
  z
    .object({
      ...TOOL,
      type: z.literal('Tool: Edit'),
      filepath: z.string(),
      ...EDIT.shape,
      more_edits: z.array(EDIT).optional().describe('The other places, when one call edits several.'),
      output: OUTPUT,
    })
    .describe('the agent edited a file'),
  z
    .object({
      ...TOOL,
      type: z.literal('Tool: Write'),
      filepath: z.string(),
      bytes: INTEGER,
      content: z.string(),
      output: OUTPUT,
    })
    .describe('the agent wrote a file'),
  z
    .object({
      ...TOOL,
      type: z.literal('Tool: Bash'),
      command: z.string(),
      output: z.string(),
      exit_code: INTEGER.nullable().describe('Null when the command did not run.'),
    })
    .describe('the agent ran a command'),
  z.object({ ...TOOL, type: z.literal('Tool: Grep'), ...SEARCH }).describe('the agent searched in files'),
  z.object({ ...TOOL, type: z.literal('Tool: Glob'), ...SEARCH }).describe('the agent searched for files'),
] as const

const OTHER_TOOL_FRAME = z
  .object({
    ...TOOL,
    type: z.templateLiteral(['Tool: ', z.string().regex(/^(?!(?:Read|Edit|Write|Bash|Grep|Glob)$)[\s\S]*$/)]),
    output: z.string(),
  })
  .describe('the agent used another tool, as `Tool: Plan` or `Tool: Finish`, or one that does not exist')

const TELEMETRY = z.object({
  thinking_logs_count: INTEGER.describe('Recorded steps of the run: lifecycle, model turns, tool calls.'),
  langsmith_enabled: z.boolean().describe('Whether the run is traced in LangSmith.'),
  recent_thoughts: z
    .array(z.object({ step: z.string(), thought: z.string() }))
    .max(10)
    .describe('The last ten of them.'),
})

const CHECK_COUNTS = z.object({ passed: INTEGER, failed: INTEGER }).nullable()

/** What the run used, over all of its attempts. */
const TOTALS = {
  total_duration_ms: MILLISECONDS.describe('From the first start to the end.'),
  attempts: INTEGER.describe('1 unless the run was started again.'),
  ai_provider: z.string().nullable().describe('Who finished the work; null when no model was used.'),
  models: z.array(z.string()).describe('In order of first use.'),
  agents: z.array(AGENT_NAME).optional().describe('The agents that worked, in order; absent in older runs.'),
  cost_usd: DOLLARS,
  cost_by_provider: z
    .array(z.object({ provider: z.string(), turns: INTEGER, cost_usd: DOLLARS }))
    .describe('In order of first use.'),
  turns: INTEGER.describe('Answers of models.'),
  tool_calls: INTEGER.describe('Failed ones included.'),
  tool_errors: INTEGER.describe('Tool calls that failed.'),
  edits_ok: INTEGER.describe('Edits that were applied.'),
  edits_failed: INTEGER.describe('Edits that were refused.'),
  input_tokens: INTEGER.describe('Sent, and not found in a cache.'),
  cache_read_tokens: INTEGER.describe("Sent, and read from the provider's cache."),
  cache_write_tokens: INTEGER.describe("Sent, and written to the provider's cache."),
  output_tokens: INTEGER.describe('Received.'),
  cache_share: z
    .number()
    .nullable()
    .describe('Share of the tokens sent that came from a cache, 0 to 1; null when none were sent.'),
  retries: INTEGER.describe('Requests to a model that were repeated.'),
  fallbacks: INTEGER.describe('Changes of the model.'),
  bounces: INTEGER.describe('Claims to be done that were sent back to the agent.'),
  checks_before: CHECK_COUNTS.describe('Checks before the change; null when they did not run.'),
  checks_after: CHECK_COUNTS.describe('Checks after the change; null when they did not run.'),
  verdict: VERDICT.optional().describe('Of the last verification; absent without one.'),
  limits_used: LIMITS_USED.nullable().describe('Share of each limit at the last turn; 1 is all of it.'),
  model_ms: MILLISECONDS.describe('Waiting for models, retries included.'),
  first_token_ms: MILLISECONDS.nullable().describe('Median over the turns.'),
  tool_ms: MILLISECONDS.describe('Waiting for tools; calls that run side by side count once.'),
  harness_ms: MILLISECONDS.describe('Spent by Backspace itself.'),
}

export const outcome = z.enum(['pull_request', 'answer', 'triage', 'question', 'plan', 'proof'])

const SUCCESS_FRAME = z
  .object({
    ...FRAME,
    type: z.literal('success'),
    telemetry: TELEMETRY,
    extra_data: z.object({
      outcome: outcome.describe('What the run produced.'),
      pr_url: z.string().meta({ format: 'uri' }).nullable().describe('Null without a pull request.'),
      comment_url: z.string().meta({ format: 'uri' }).nullable().describe('Null without a comment.'),
      draft: z.boolean().describe('Whether the pull request is a draft.'),
      ...TOTALS,
    }),
  })
  .describe('the run succeeded; always the last frame')

const ERROR_FRAME = z
  .object({
    ...FRAME,
    type: z.literal('error'),
    code: z.string().describe('`cancelled` for a run that was stopped.'),
    telemetry: TELEMETRY,
    extra_data: z.object({ outcome: z.null(), pr_url: z.null(), ...TOTALS }),
  })
  .describe('the run failed or was stopped; always the last frame')

/**
 * A frame of the event stream: the only definition of what is sent. Its type, `/openapi.json` and the tables of
 * docs/api.md are derived from it. Clients rely on every name, so none is changed or removed. Fields that a schema
 * does not list are dropped when it reads, so that a client of today can read the frames of tomorrow.
 */
export const wireEvent = z.union([
  z.union(INFO_FRAMES),
  z.discriminatedUnion('type', [
    z.object({ ...FRAME, type: z.literal('AI Message') }).describe('the agent says something'),
    ...TOOL_FRAMES,
    SUCCESS_FRAME,
    ERROR_FRAME,
  ]),
  OTHER_TOOL_FRAME,
])

export type WireEvent = DeepReadonly<z.infer<typeof wireEvent>>

/** A frame without what every frame takes from its event. */
export type FrameBody = WithoutEnvelope<WireEvent>
type WithoutEnvelope<Frame> = Frame extends WireEvent ? Omit<Frame, 'seq' | 'runId' | 'at'> : never

/** A body or a frame as code reads it: nothing of it is changed. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T
