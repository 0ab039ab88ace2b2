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
      description:
        'For 24 hours, a repeat with the same key and body returns the same run instead of starting another.',
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
  description: 'Uses no model. A check run and a comment report the result; nothing else changes.',
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
      description: 'Only runs that the caller may see. HTML for browsers.',
      parameters: queryParameters(runListQuery),
      responses: { 200: json('Runs.', 'RunList'), ...errors(400, 401, 403, 429) },
    },
  },
  '/stats': {
    get: {
      summary: 'Statistics of runs',
      description: 'Covers the repositories that the caller may see. HTML for browsers.',
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
      description:
        'Sends the same frames as `POST /code`, to the end of the run; resumes after `Last-Event-ID`.',
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
      description: 'Available even if the run could not publish its change.',
      parameters: [runId],
      responses: { 200: text('The diff.', 'text/plain'), ...errors(401, 403, 404, 429) },
    },
  },
  '/runs/{id}/change.patch': {
    get: {
      summary: 'The same change as a file for `git apply`',
      description:
        'Answers `conflict` if Backspace did not keep the whole change, for example when it has binary files.',
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
        200: text('A line for each event, with the output of commands below it.', 'text/plain'),
        ...errors(401, 403, 404, 429),
      },
    },
  },
  '/runs/{id}/receipt': {
    get: {
      summary: 'What was verified before the change was published, signed',
      description: 'A DSSE envelope with an in-toto statement. `npm run verify` checks it on any machine.',
      parameters: [runId],
      responses: { 200: json('The receipt.', 'Receipt'), ...errors(401, 403, 404, 429) },
    },
  },
  '/runs/{id}/trace': {
    get: {
      summary: 'Redirect to the trace of the run in LangSmith',
      description: 'Only for runs that were traced; LangSmith decides who may read the trace.',
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
        'The agent gets the follow-up before its next turn. If the run ends first, a new run continues with it.',
      parameters: [runId],
      requestBody: body('Note'),
      responses: {
        202: json('The run that gets the follow-up: a new one if this one has ended meanwhile.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
      },
    },
  },
  '/runs/{id}/approve': {
    post: {
      summary: 'Approve a plan and start the run that carries it out',
      description: 'For a run with the outcome `plan`. Approving it again returns the same run.',
      parameters: [runId],
      requestBody: { ...body('Approval'), required: false },
      responses: {
        202: json('The run that carries the plan out.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
      },
    },
  },
  '/runs/{id}/share': {
    get: {
      summary: 'Share links, which show the run to people without access',
      description: 'For callers who may write to the repository, and for operators. HTML for browsers.',
      parameters: [runId],
      responses: {
        200: json('The links that have not expired or been revoked.', 'ShareList'),
        ...errors(401, 403, 404, 429),
      },
    },
    post: {
      summary: 'Create a share link, which shows this run alone, read-only and without signing in',
      description:
        'The link works until it expires, is revoked, or its creator loses access to the repository.',
      parameters: [runId],
      requestBody: { ...body('ShareRequest'), required: false },
      responses: {
        201: json('The link. Its address is not shown again.', 'Share'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429),
      },
    },
  },
  '/runs/{id}/share/{link}': {
    delete: {
      summary: 'Revoke a share link',
      parameters: [runId, { ...runId, name: 'link', description: 'Id of the link.' }],
      responses: { 204: { description: 'The link no longer works.' }, ...errors(401, 403, 404, 429) },
    },
  },
  '/.well-known/backspace/keys.json': {
    get: {
      ...open,
      summary: 'The public keys that verify receipts, retired ones included',
      responses: { 200: json('The keys.', 'Keys') },
    },
  },
  '/health': {
    get: { ...open, summary: 'Whether the process is alive', responses: { 200: json('Alive.', 'Health') } },
  },
  '/healthz': {
    get: { ...open, summary: 'Whether the process is alive', responses: { 200: json('Alive.', 'Health') } },
  },
  '/readyz': {
    get: {
      ...open,
      summary: 'Whether the process is ready to take work',
      responses: { 200: json('Ready.', 'Health'), 503: json('Not ready.', 'Health') },
    },
  },
  '/metrics': {
    get: {
      summary: 'Metrics for Prometheus',
      responses: { 200: text('Metrics.', 'text/plain'), ...errors(401, 403, 429) },
    },
  },
} as const
