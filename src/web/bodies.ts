import { z } from 'zod'
import { codeRequestBody, promptField, runIdField } from '../triggers/code-request.ts'
import { AGENT_NAME } from './stream/info-frames.ts'
import { VERDICT } from './stream/verification-frame.ts'
import { type DeepReadonly, outcome } from './stream/wire-schema.ts'

/**
 * The only definition of the bodies of the API, except that of `POST /code`. Types, `/openapi.json` and the tables of
 * docs/api.md are derived from these schemas. Clients rely on every name, so none is changed or removed.
 */

const TIME = z.string().meta({ format: 'date-time' })
const ADDRESS = z.string().meta({ format: 'uri' })

/** `POST /runs/:id/notes`. */
export const followUpBody = z.strictObject({ text: promptField.describe('What to pass to the agent.') })

/** `POST /runs/:id/approve`; the body may be left out. */
export const approvalBody = z.strictObject({
  text: promptField.optional().describe('What to add to the plan.'),
  plan: promptField.optional().describe("The edited plan, which replaces the agent's."),
})

export const statusName = z
  .enum(['queued', 'running', 'succeeded', 'failed', 'cancelled'])
  .describe('`succeeded`, `failed` and `cancelled` are final.')

const TRIGGERS = ['comment', 'label', 'code', 'pull_request'] as const

/** The addresses of a run: its page and its event stream. */
const URLS = {
  runUrl: ADDRESS.describe('Address of the run: a page for browsers, JSON for programs.'),
  eventsUrl: ADDRESS.describe('Event stream of the run.'),
}

export const acceptedBody = z.object({ runId: z.string(), ...URLS })

export const runBody = z.object({
  id: z.string().describe('Id of the run.'),
  status: statusName,
  trigger: z
    .enum(TRIGGERS)
    .describe(
      'What started the run. `code` is the API; `pull_request` is a pull request in a repository with `prove: always`.',
    ),
  repository: z.string().describe('`owner/name`'),
  prompt: z.string().describe('What the run was asked to do.'),
  thread: z
    .object({
      kind: z.enum(['issue', 'pull_request']),
      number: z.int(),
      title: z.string(),
      url: ADDRESS,
    })
    .nullable()
    .describe(
      'The issue or pull request that the run belongs to; null for `POST /code`, the pull request for `POST /prove`.',
    ),
  requester: z.string().describe('GitHub login, or the name of the API token.'),
  options: codeRequestBody
    .pick({ base: true, draft: true, model: true, agent: true, budgetUsd: true, plan: true })
    .extend({ prove: z.boolean().optional(), setup: z.boolean().optional() })
    .describe(
      'As in the body of `POST /code`. A proof has only `prove`, and `/backspace setup` only `setup`.',
    ),
  agent: z
    .object({
      asked: AGENT_NAME.describe('The agent that was asked for.'),
      by: z
        .enum(['request', 'repository', 'operator'])
        .describe(
          'Who chose it: `request`, `repository` (`agent` in `.github/backspace.yml`) or `operator`.',
        ),
      worked: z
        .array(AGENT_NAME)
        .nullable()
        .describe('The agents that worked, in order; null until the run ends.'),
    })
    .nullable()
    .describe('Which agent was asked for, by whom, and which ones worked; null until an agent is chosen.'),
  parentRunId: runIdField.nullable().describe('The run that this one continues.'),
  attempt: z.int().describe('0 while queued; above 1 when the run was started again.'),
  createdAt: TIME.describe('ISO 8601, UTC.'),
  startedAt: TIME.nullable().describe('Null while queued.'),
  finishedAt: TIME.nullable().describe('Null until the run ends.'),
  durationMs: z
    .number()
    .nullable()
    .describe(
      'Milliseconds from the first start to the end; null for a run that has not ended or never started.',
    ),
  outcome: outcome.nullable().describe('What the run produced; null unless it succeeded.'),
  message: z.string().nullable().describe('How the run ended, as a sentence for people; null until it ends.'),
  code: z
    .string()
    .nullable()
    .describe('Error code of a failed run; `cancelled` for a run that was stopped; null otherwise.'),
  draft: z.boolean().describe('Whether the pull request is a draft.'),
  verdict: VERDICT.nullable().describe('What the verification of the change found; null without one.'),
  pullRequestUrl: ADDRESS.nullable().describe('Null without a pull request.'),
  commentUrl: ADDRESS.nullable().describe('Null without a comment.'),
  costUsd: z.number().nullable().describe('Dollars; null when a price is not known.'),
  ...URLS,
})

export const runInFullBody = runBody.extend({
  traceUrl: ADDRESS.nullable().describe(
    'Address that redirects to the trace of the run in LangSmith; null when the run was not traced.',
  ),
  receiptUrl: ADDRESS.nullable().describe(
    'Address of the signed receipt of the verification; null without one. Check a receipt with `npm run verify`.',
  ),
  similar: z
    .object({
      message: z.string().describe('The figures as a sentence for people.'),
      meaning: z.string().describe('Which runs the figures come from.'),
      runs: z.int(),
      ms: z.object({ from: z.number(), to: z.number() }),
      usd: z.object({ from: z.number(), to: z.number() }).nullable(),
    })
    .nullable()
    .describe(
      'How long similar runs of this repository took and what they cost: the middle half of them. Null once the run has ended, and with fewer than five similar runs.',
    ),
  waiting: z
    .object({
      position: z.int().describe('1 is next.'),
      waitingFor: z.enum([
        'operator',
        'worker',
        'any_worker',
        'thread',
        'repository',
        'installation',
        'repository_usd',
        'installation_usd',
        'deployment',
        'turn',
      ]),
      message: z.string(),
    })
    .nullable()
    .describe('What a queued run waits for; null for any other run.'),
})

/** The query of `GET /runs`. */
export const runListQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(50)
    .describe('Number of runs on a page, 1 to 100. Default: 50.'),
  before: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .describe('`next` of the previous page.'),
  status: statusName.optional(),
  repository: z
    .string()
    .regex(/^[\w.-]+\/[\w.-]+$/)
    .optional()
    .describe('`owner/name`'),
  requester: z
    .string()
    .regex(/^@?[\w.@-]{1,100}$/)
    .transform((name) => name.replace(/^@/, ''))
    .optional()
    .describe('GitHub login, or the name of an API token.'),
  trigger: z.enum(TRIGGERS).optional().describe('What started the run.'),
  outcome: outcome.optional().describe('What the run produced.'),
  verdict: z.enum(['good', 'neutral', 'bad']).optional().describe('Tone of the verdict.'),
  model: z
    .string()
    .regex(/^[\w./:@-]{1,150}$/)
    .optional()
    .describe('`provider:model` of any model that answered.'),
  text: z
    .string()
    .max(200)
    .optional()
    .describe('Part of the first 2,000 characters of the prompt, or of the title of the thread.'),
})

/** The parsed query of a list of runs. */
export type RunListQuery = z.output<typeof runListQuery>

export const runListBody = z.object({
  runs: z.array(runBody),
  next: z
    .string()
    .nullable()
    .describe(
      'Send it as `before` to get the next page; null on the last page. A page of search results may be short, or empty, and not be the last.',
    ),
  searchedTo: TIME.nullable().describe(
    'Request time of the oldest run that this search has looked at, if older runs may match as well; null otherwise.',
  ),
})

export const shareRequest = z.strictObject({
  days: z
    .union([z.literal(1), z.literal(7), z.literal(30)])
    .optional()
    .describe('Days until the link expires. Default: 7.'),
})

const linkBody = z.object({
  id: z.string(),
  madeBy: z.string().describe('Name of the caller who created the link.'),
  createdAt: TIME,
  expiresAt: TIME,
})

export const shareBody = linkBody.extend({ url: ADDRESS.describe('The link. It is not shown again.') })

export const shareListBody = z.object({
  links: z.array(linkBody).describe('The links that work, oldest first.'),
})

export const cancellingBody = z.object({ runId: z.string(), status: z.literal('cancelling') })

export const healthBody = z.object({
  status: z.enum(['ok', 'ready', 'not_ready']),
  problems: z.array(z.string()).optional().describe('Why the process is not ready.'),
})

export const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string().describe('What is wrong, and what to do about it.'),
  }),
})

export type AcceptedBody = DeepReadonly<z.infer<typeof acceptedBody>>
export type RunInFullBody = DeepReadonly<z.infer<typeof runInFullBody>>
export type RunListBody = DeepReadonly<z.infer<typeof runListBody>>
export type CancellingBody = DeepReadonly<z.infer<typeof cancellingBody>>
export type ShareBody = DeepReadonly<z.infer<typeof shareBody>>
export type ShareListBody = DeepReadonly<z.infer<typeof shareListBody>>
export type HealthBody = DeepReadonly<z.infer<typeof healthBody>>
export type ErrorBody = DeepReadonly<z.infer<typeof errorBody>>
