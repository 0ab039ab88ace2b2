import { z } from 'zod'
import { STEPS } from '../../runs/run-event.ts'
import { testCountsBody } from '../../runs/verification-body.ts'
import { AGENT_NAMES } from '../../text/agent-name.ts'
import { VERIFICATION } from './verification-frame.ts'

export const INTEGER = z.int()
export const DOLLARS = z.number().nullable().describe('Dollars; null when a price is not known.')
export const MILLISECONDS = z.number()

/** Fields of every frame. */
export const FRAME = {
  seq: z.int().min(1).describe('Number of the frame; counts from 1 without gaps.'),
  runId: z.string(),
  at: z.string().meta({ format: 'date-time', description: 'ISO 8601, UTC.' }),
  message: z.string().describe('What happened, as a sentence for people.'),
}

const INFO = {
  ...FRAME,
  type: z.literal('info'),
  progress: z.number().min(0).max(100).describe('Percent; never decreases.'),
}
const STEP = z.enum(STEPS)
const AGENT = z.literal('agent')
export const AGENT_NAME = z.enum(AGENT_NAMES)
const WARNING = z.literal('warning')

const CAUSE = z
  .object({ kind: z.enum(['cannot_run', 'did_not_end', 'not_started']), text: z.string() })
  .describe('Why the check has no result of its own.')

const CHECK = z.object({
  command: z.string(),
  exit_code: INTEGER,
  duration_ms: MILLISECONDS,
  output: z.string().describe('The end of what the check printed.'),
  failed_first: INTEGER.optional().describe('Exit code of the first try, if only the second try passed.'),
  cause: CAUSE.optional(),
  tests: testCountsBody.optional().describe('Tests in its report; absent if Backspace cannot read one.'),
})

const COMMAND = z.object({
  command: z.string(),
  exit_code: INTEGER,
  duration_ms: MILLISECONDS,
  output: z.string().describe('What the command printed; a line says how much of the middle is left out.'),
})

const FILE = z.object({
  path: z.string(),
  status: z.enum(['added', 'modified', 'deleted', 'renamed']),
  additions: INTEGER,
  deletions: INTEGER,
})

const PLAN_ITEM = z.object({
  text: z.string(),
  status: z.enum(['pending', 'in_progress', 'done', 'dropped']),
})

export const LIMITS_USED = z
  .object({ steps: z.number(), minutes: z.number(), usd: z.number(), tokens: z.number() })
  .describe('Share of each limit that is used; 1 is all of it.')

/**
 * The frames of type `info`, distinguished by their fields. The first schema that matches wins, so a schema that also
 * accepts the frames of another comes after that other one.
 */
export const INFO_FRAMES = [
  z
    .object({
      ...INFO,
      step: z.literal('queued'),
      repository: z.string().describe('owner/name'),
      position: INTEGER.describe('1 is next.'),
      runUrl: z.string().meta({ format: 'uri' }),
      eventsUrl: z.string().meta({ format: 'uri' }),
    })
    .describe('the run was queued; always the first frame'),
  z
    .object({
      ...INFO,
      step: z.literal('paused'),
      reason: z.string().nullable().describe('Null when the pause is over.'),
    })
    .describe('the operator paused all runs, or resumed them'),
  z
    .object({ ...INFO, step: z.literal('claimed'), attempt: INTEGER })
    .describe('the run started, or started again'),
  z
    .object({ ...INFO, step: AGENT, status: z.literal('started'), tool: z.string(), call_id: z.string() })
    .describe('a tool call started; a `Tool:` frame follows when it ends'),
  z
    .object({
      ...INFO,
      step: STEP,
      status: z.literal('started'),
      agent: AGENT_NAME.optional().describe('In the step `agent`: the agent that starts to work.'),
    })
    .describe('a step started'),
  z
    .object({
      ...INFO,
      step: STEP,
      status: z.enum(['ok', 'failed', 'skipped']),
      duration_ms: MILLISECONDS,
    })
    .describe('a step ended'),
  z
    .object({
      ...INFO,
      step: z.literal('setup'),
      commands: z.array(COMMAND),
      reason: z.string().optional().describe('Why setup failed.'),
      cache: z
        .object({
          result: z.enum(['hit', 'begun', 'miss']),
          saved_ms: z.number(),
        })
        .optional()
        .describe(
          'What the setup cache gave: `hit`, so no command had to run; `begun`, so the commands ran on top of cached dependencies; or `miss`.',
        ),
    })
    .describe('the setup commands ran'),
  z
    .object({
      ...INFO,
      step: z.enum(['baseline', 'checks']),
      phase: z.enum(['before', 'after']),
      checks: z.array(CHECK),
    })
    .describe("the repository's own checks ran, before or after the change"),
  z
    .object({ ...INFO, step: z.literal('verify'), ...VERIFICATION })
    .describe('the change was verified in clean sandboxes'),
  z
    .object({ ...INFO, step: z.literal('collect'), files: z.array(FILE), diff: z.string() })
    .describe('the change was collected'),
  z.object({ ...INFO, step: AGENT, plan: z.array(PLAN_ITEM) }).describe('the agent made or updated its plan'),
  z
    .object({ ...INFO, step: AGENT, author: z.string(), note: z.string() })
    .describe('a person sent a follow-up'),
  z
    .object({
      ...INFO,
      step: AGENT,
      compaction: z.object({
        number: INTEGER.describe('1 for the first compaction of the run.'),
        summaryBy: z.enum(['model', 'host']),
        tokensBefore: INTEGER,
        tokensAfter: INTEGER,
      }),
    })
    .describe('the conversation became too long and continues from a summary'),
  z
    .object({
      ...INFO,
      step: AGENT,
      turn: INTEGER.describe('1 for the first turn of the run.'),
      provider: z.string(),
      model: z.string(),
      response_id: z.string().nullable(),
      stop: z.string(),
      attempts: INTEGER,
      usage: z
        .object({ input: INTEGER, cacheRead: INTEGER, cacheWrite: INTEGER, output: INTEGER })
        .describe('Tokens.'),
      context_tokens: INTEGER.nullable(),
      cost_usd: DOLLARS,
      duration_ms: MILLISECONDS,
      waited_ms: MILLISECONDS,
      first_token_ms: MILLISECONDS.nullable(),
      tokens_per_second: INTEGER.nullable(),
      harness_ms: MILLISECONDS,
      so_far: z
        .object({ tokens: INTEGER, cost_usd: z.number(), limits_used: LIMITS_USED })
        .optional()
        .describe('Totals of the run up to this turn.'),
    })
    .describe('a model answered'),
  z
    .object({
      ...INFO,
      step: AGENT,
      level: WARNING,
      model: z.string(),
      attempt: INTEGER,
      error_class: z.string(),
      wait_ms: MILLISECONDS,
    })
    .describe('a model did not answer, and Backspace asks it again'),
  z
    .object({
      ...INFO,
      step: AGENT,
      level: WARNING,
      from: z.string(),
      to: z.string(),
      error_class: z.string(),
    })
    .describe('another model took over'),
  z
    .object({
      ...INFO,
      step: AGENT,
      claim: z.enum(['done', 'partial', 'blocked', 'no_change']),
      verdict: z.enum(['accepted', 'sent_back', 'self_review']),
      duration_ms: MILLISECONDS,
    })
    .describe('the agent said that it was done, and Backspace checked its claim'),
  z
    .object({
      ...INFO,
      step: z.enum(['notice', 'agent']),
      level: z.enum(['info', 'warning']),
      agent: AGENT_NAME.optional().describe('The agent that works from here on, if it changes.'),
    })
    .describe('something worth knowing happened'),
] as const
