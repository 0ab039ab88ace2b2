const runId = {
  name: 'id',
  in: 'path',
  required: true,
  description: 'Id of the run.',
  schema: { type: 'string' },
} as const

const lastEventId = [
  {
    name: 'Last-Event-ID',
    in: 'header',
    description: 'Id of the last frame that was received; the stream goes on after it.',
    schema: { type: 'integer', minimum: 0 },
  },
  { name: 'after', in: 'query', description: 'The same, for a first request.', schema: { type: 'integer' } },
] as const

const open = { security: [] } as const

function json(description: string, schema: string) {
  return {
    description,
    content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
  } as const
}

function body(schema: string) {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } }
  return { required: true, content } as const
}

function text(description: string, type: string) {
  return { description, content: { [type]: { schema: { type: 'string' } } } } as const
}

function errors<Status extends keyof typeof ERRORS>(...statuses: readonly Status[]) {
  return Object.fromEntries(statuses.map((status) => [status, json(ERRORS[status], 'Error')]))
}

const ERRORS = {
  400: 'Something in the request is wrong; the message names it.',
  401: 'No token, or an unknown one; for webhooks: no valid signature.',
  403: 'Not from here: set API_TOKENS, install the App, or give the token its scope.',
  404: 'No such run, repository or branch.',
  409: 'The Idempotency-Key was used for another body, or the state does not allow it.',
  413: 'The body is too large.',
  415: 'The body is not application/json.',
  429: 'Too many requests; see Retry-After.',
  503: 'Try again later; see Retry-After.',
} as const

const frames = {
  description:
    'Server-sent events. The data of each frame is one WireEvent as JSON, its id the number of the event; the last is of type success or error.',
  content: {
    'text/event-stream': {
      schema: { type: 'string' },
      'x-frame': { $ref: '#/components/schemas/WireEvent' },
    },
  },
} as const

const code = {
  summary: 'Start a run, and stream it to its end',
  parameters: [
    {
      name: 'Idempotency-Key',
      in: 'header',
      description: 'The same key and body find the same run for 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  ],
  requestBody: {
    required: true,
    content: { 'application/json': { schema: { $ref: '#/components/schemas/CodeRequest' } } },
  },
  responses: {
    200: frames,
    202: json('Instead of the stream, when Accept names only application/json.', 'Accepted'),
    ...errors(400, 401, 403, 404, 409, 413, 415, 429, 503),
  },
} as const

export const openApiPaths = {
  '/code': { post: code },
  '/api/code': { post: { ...code, summary: 'The same as /code' } },
  '/runs': {
    get: {
      summary: 'Runs, newest first',
      parameters: [
        { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 100, default: 50 } },
        {
          name: 'before',
          in: 'query',
          description: '`next` of the page before.',
          schema: { type: 'string' },
        },
        { name: 'status', in: 'query', schema: { $ref: '#/components/schemas/Status' } },
        { name: 'repository', in: 'query', description: 'owner/name', schema: { type: 'string' } },
      ],
      responses: { 200: json('Runs.', 'RunList'), ...errors(400, 401, 403) },
    },
  },
  '/runs/{id}': {
    get: {
      summary: 'One run',
      parameters: [runId],
      responses: { 200: json('The run.', 'RunInFull'), ...errors(401, 403, 404) },
    },
  },
  '/runs/{id}/events': {
    get: {
      summary: 'Stream a run',
      parameters: [runId, ...lastEventId],
      responses: {
        200: frames,
        204: { description: 'Nothing follows: the last frame was received.' },
        ...errors(400, 401, 403, 404),
      },
    },
  },
  '/runs/{id}/diff': {
    get: {
      summary: 'What the run changed, as a unified diff',
      parameters: [runId],
      responses: { 200: text('The diff.', 'text/plain'), ...errors(401, 403, 404) },
    },
  },
  '/runs/{id}/cancel': {
    post: {
      summary: 'Stop a run',
      parameters: [runId],
      responses: { 202: json('It will stop within seconds.', 'Cancelling'), ...errors(401, 403, 404, 409) },
    },
  },
  '/runs/{id}/notes': {
    post: {
      summary: 'Add something to a run under way',
      parameters: [runId],
      requestBody: body('Note'),
      responses: {
        202: json('The run that has it: a new one if this one ended meanwhile.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429),
      },
    },
  },
  '/runs/{id}/approve': {
    post: {
      summary: 'Have a plan carried out, once',
      parameters: [runId],
      requestBody: { ...body('Approval'), required: false },
      responses: {
        202: json('The run that carries it out.', 'Accepted'),
        ...errors(400, 401, 403, 404, 409, 413, 415, 429),
      },
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
      responses: { 200: text('Metrics.', 'text/plain'), ...errors(401, 403) },
    },
  },
} as const
