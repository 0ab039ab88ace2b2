import { runListQuery } from '../bodies.ts'
import { statsQuery } from '../stats-body.ts'
import { errors, frames, json, text } from './openapi-answers.ts'
import { lastEventId, queryParameters, runId } from './openapi-parameters.ts'
import { type SchemaName, schemaRef } from './openapi-schemas.ts'

const open = { security: [] } as const

function body(schema: SchemaName) {
  return { required: true, content: { 'application/json': { schema: schemaRef(schema) } } } as const
}

const code = {
  summary: 'Start a run and stream it to its end',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'The same key and body find the same run for 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ],
  requestBody: body('CodeRequest'),
  responses: {
    200: frames,
    202: json('Instead of the stream, when Accept names only application/json.', 'Accepted'),
    ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
  },
} as const

const prove = {
  ...code,
  summary: 'Verify an open pull request as it is, and stream that to its end',
  description: 'Without a model: a check run and a comment say what was found. Nothing else changes.',
  requestBody: body('ProofRequest'),
} as const

export const openApiPaths = {
  '/code': { post: code },
  '/api/code': { post: { ...code, summary: 'The same as /code' } },
  '/prove': { post: prove },
  '/api/prove': { post: { ...prove, summary: 'The same as /prove', description: undefined } },
  '/runs': {
    get: {
      summary: 'Runs, newest first',
      description: 'HTML for browsers. Only those that the caller may see.',
      parameters: queryParameters(runListQuery),
      responses: { 200: json('Runs.', 'RunList'), ...errors(400, 401, 403, 429) },
    },
  },
  '/stats': {
    get: {
      summary: 'What runs came to',
      description: 'HTML for browsers. Figures of the repositories that the caller may see.',
      parameters: queryParameters(statsQuery),
      responses: { 200: json('The figures.', 'Statistics'), ...errors(400, 401, 403, 429) },
    },
  },
  '/runs/{id}': {
    get: {
      summary: 'One run',
      description: 'HTML for browsers.',
      parameters: [runId],
      responses: { 200: json('The run.', 'RunInFull'), ...errors(401, 403, 404, 429) },
    },
  },
  '/runs/{id}/events': {
    get: {
      summary: 'Stream a run',
      description: 'The same frames as `POST /code`, to the end of the run; resumes after `Last-Event-ID`.',
      parameters: [runId, ...lastEventId],
      responses: {
        200: frames,
        204: { description: 'The client has received every frame.' },
        ...errors(400, 401, 403, 404, 429),
      },
    },
  },
  '/runs/{id}/diff': {
    get: {
      summary: 'What the run changed, as a unified diff',
      description: 'Also for a run that could not publish its change.',
      parameters: [runId],
      responses: { 200: text('The diff.', 'text/plain'), ...errors(401, 403, 404, 429) },
    },
  },
  '/runs/{id}/change.patch': {
    get: {
      summary: 'The same as a file for `git apply`',
      description: '`conflict` for a change that is not kept whole, as one with binary files.',
      parameters: [runId],
      responses: { 200: text('The patch.', 'text/x-patch'), ...errors(401, 403, 404, 409, 429) },
    },
  },
  '/runs/{id}/events.json': {
    get: {
      summary: 'The run and every frame so far, as a file',
      parameters: [runId],
      responses: {
        200: text('An object with `run` and `events`.', 'application/json'),
        ...errors(401, 403, 404, 429),
      },
    },
  },
  '/runs/{id}/log.txt': {
    get: {
      summary: 'What happened, as text',
      parameters: [runId],
      responses: {
        200: text('A line for each event, and what it printed below.', 'text/plain'),
        ...errors(401, 403, 404, 429),
      },
    },
  },
  '/runs/{id}/receipt': {
    get: {
      summary: 'What was verified before the change was published, signed',
      description: 'A DSSE envelope with an in-toto statement. `npm run verify` checks it anywhere.',
      parameters: [runId],
      responses: { 200: json('The receipt.', 'Receipt'), ...errors(401, 403, 404, 429) },
    },
  },
  '/runs/{id}/trace': {
    get: {
      summary: 'Leads to the trace of the run in LangSmith',
      description: 'For runs that were traced; LangSmith decides who may read it there.',
      parameters: [runId],
      responses: {
        302: { description: 'The page of the trace.' },
        ...errors(401, 403, 404, 429, 503),
      },
    },
  },
  '/runs/{id}/cancel': {
    post: {
      summary: 'Stop a run',
      parameters: [runId],
      responses: {
        202: json('The run stops within seconds.', 'Cancelling'),
        ...errors(401, 403, 404, 409, 429),
      },
    },
  },
  '/runs/{id}/notes': {
    post: {
      summary: 'Send a follow-up to a run that has not ended',
      description:
        'The agent gets it before its next turn. If the run ends before that, a new run continues with it.',
      parameters: [runId],
      requestBody: body('Note'),
      responses: {
        202: json('The run that gets it: a new one if this one ended meanwhile.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
      },
    },
  },
  '/runs/{id}/approve': {
    post: {
      summary: 'Approve a plan: one run carries it out',
      description: 'For a run with the outcome `plan`. Approving it again finds the same run.',
      parameters: [runId],
      requestBody: { ...body('Approval'), required: false },
      responses: {
        202: json('The run that carries it out.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
      },
    },
  },
  '/runs/{id}/share': {
    get: {
      summary: 'The links that show the run to people without access',
      description: 'For callers who may write to the repository, and operators. HTML for browsers.',
      parameters: [runId],
      responses: { 200: json('Those that work.', 'ShareList'), ...errors(401, 403, 404, 429) },
    },
    post: {
      summary: 'Make a link that shows the run, and no other, without signing in',
      description:
        'Read-only. It ends when it expires, when it is revoked, or when its maker loses access to the repository.',
      parameters: [runId],
      requestBody: { ...body('ShareRequest'), required: false },
      responses: {
        201: json('The link, which is not shown again.', 'Share'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429),
      },
    },
  },
  '/runs/{id}/share/{link}': {
    delete: {
      summary: 'Revoke a link',
      parameters: [runId, { ...runId, name: 'link', description: 'Id of the link.' }],
      responses: { 204: { description: 'It shows nothing any more.' }, ...errors(401, 403, 404, 429) },
    },
  },
  '/.well-known/backspace/keys.json': {
    get: {
      ...open,
      summary: 'The public keys of receipts, the retired ones too',
      responses: { 200: json('The keys.', 'Keys') },
    },
  },
  '/health': { get: { ...open, summary: 'Alive', responses: { 200: json('Alive.', 'Health') } } },
  '/healthz': { get: { ...open, summary: 'Alive', responses: { 200: json('Alive.', 'Health') } } },
  '/readyz': {
    get: {
      ...open,
      summary: 'Ready to take work',
      responses: { 200: json('Ready.', 'Health'), 503: json('Not ready.', 'Health') },
    },
  },
  '/metrics': {
    get: {
      summary: 'Counters for Prometheus',
      responses: { 200: text('Metrics.', 'text/plain'), ...errors(401, 403, 429) },
    },
  },
} as const
