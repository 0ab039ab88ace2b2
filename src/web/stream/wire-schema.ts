import { z } from 'zod'
import { AGENT_NAME, DOLLARS, FRAME, INFO_FRAMES, INTEGER, LIMITS_USED, MILLISECONDS } from './info-frames.ts'
import { VERDICT } from './verification-frame.ts'

const TOOL = {
  ...FRAME,
  call_id: z.string(),
  status: z.enum(['ok', 'error', 'skipped', 'interrupted']),
  duration_ms: MILLISECONDS,
  bytes_sent: INTEGER.optional().describe('Bytes of the result that were sent to the model.'),
  bytes_full: INTEGER.optional().describe('Bytes of the whole result.'),
  truncated: z.boolean().optional(),
}
const OUTPUT = z.string().optional().describe('Why the call failed; absent if it succeeded.')
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
      more_edits: z.array(EDIT).optional().describe('The further edits, if one call makes several.'),
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
  .describe('the agent used another tool, such as `Tool: Plan` or `Tool: Finish`, or one that does not exist')

const TELEMETRY = z.object({
  thinking_logs_count: INTEGER.describe(
    'Number of recorded steps of the run: lifecycle steps, model turns and tool calls.',
  ),
  langsmith_enabled: z.boolean().describe('Whether the run is traced in LangSmith.'),
  recent_thoughts: z
    .array(z.object({ step: z.string(), thought: z.string() }))
    .max(10)
    .describe('The last ten recorded steps.'),
})

const CHECK_COUNTS = z.object({ passed: INTEGER, failed: INTEGER }).nullable()

/** What the run used, over all of its attempts. */
const TOTALS = {
  total_duration_ms: MILLISECONDS.describe('Milliseconds from the first start to the end.'),
  attempts: INTEGER.describe('1 unless the run was started again.'),
  ai_provider: z
    .string()
    .nullable()
    .describe('Provider of the model that finished the work; null when no model was used.'),
  models: z.array(z.string()).describe('The models that answered, in order of first use.'),
  agents: z.array(AGENT_NAME).optional().describe('The agents that worked, in order; absent in older runs.'),
  cost_usd: DOLLARS,
  cost_by_provider: z
    .array(z.object({ provider: z.string(), turns: INTEGER, cost_usd: DOLLARS }))
    .describe('Turns and dollars of each provider, in order of first use.'),
  turns: INTEGER.describe('Answers from models.'),
  tool_calls: INTEGER.describe('Tool calls, failed ones included.'),
  tool_errors: INTEGER.describe('Tool calls that failed.'),
  edits_ok: INTEGER.describe('Edits that were applied.'),
  edits_failed: INTEGER.describe('Edits that were refused.'),
  input_tokens: INTEGER.describe('Tokens sent that were neither read from a cache nor written to one.'),
  cache_read_tokens: INTEGER.describe("Tokens sent that were read from the provider's cache."),
  cache_write_tokens: INTEGER.describe("Tokens sent that were written to the provider's cache."),
  output_tokens: INTEGER.describe('Tokens received.'),
  cache_share: z
    .number()
    .nullable()
    .describe('Share of the tokens sent that were read from a cache, 0 to 1; null when none were sent.'),
  retries: INTEGER.describe('Requests to a model that were repeated.'),
  fallbacks: INTEGER.describe('How often another model took over.'),
  bounces: INTEGER.describe('How often the agent claimed to be done and was sent back to work.'),
  checks_before: CHECK_COUNTS.describe('Checks before the change; null when they did not run.'),
  checks_after: CHECK_COUNTS.describe('Checks after the change; null when they did not run.'),
  verdict: VERDICT.optional().describe('Verdict of the last verification; absent without one.'),
  limits_used: LIMITS_USED.nullable().describe('Share of each limit at the last turn; 1 is all of it.'),
  model_ms: MILLISECONDS.describe('Milliseconds spent waiting for models, retries included.'),
  first_token_ms: MILLISECONDS.nullable().describe(
    'Milliseconds to the first token: the median of all turns; null when it was not measured.',
  ),
  tool_ms: MILLISECONDS.describe('Milliseconds spent waiting for tools; parallel calls count once.'),
  harness_ms: MILLISECONDS.describe('Milliseconds spent by Backspace itself.'),
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
 * The only definition of a frame of the event stream: its type, `/openapi.json` and the tables of docs/api.md are
 * derived from it. Clients rely on every name, so none is changed or removed. Parsing drops fields that the schema
 * does not list, so that an old client can read the frames of a newer service.
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

/** A frame without `seq`, `runId` and `at`, which every frame takes from its event. */
export type FrameBody = WithoutEnvelope<WireEvent>
type WithoutEnvelope<Frame> = Frame extends WireEvent ? Omit<Frame, 'seq' | 'runId' | 'at'> : never

/** `T` with every field and list in it read-only. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T
