const STRING = { type: 'string' } as const
const INTEGER = { type: 'integer' } as const
const NUMBER = { type: 'number' } as const
const BOOLEAN = { type: 'boolean' } as const
const TIME = { type: 'string', format: 'date-time' } as const
const URL_TEXT = { type: 'string', format: 'uri' } as const

const TEXT = { type: 'string', minLength: 1, maxLength: 100_000 } as const

function orNull<Schema extends { readonly type: string }>(schema: Schema) {
  return { ...schema, type: [schema.type, 'null'] } as const
}

/** An object with exactly these properties, all present but those named optional. */
function exactly(properties: Readonly<Record<string, object>>, optional: readonly string[] = []) {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  } as const
}

const OUTCOME = { type: 'string', enum: ['pull_request', 'answer', 'triage', 'question', 'plan'] } as const
const STATUS = {
  type: 'string',
  enum: ['queued', 'running', 'succeeded', 'failed', 'cancelled'],
} as const

const OPTIONS = {
  base: { ...STRING, description: 'Branch to start from; default: the default branch.' },
  draft: BOOLEAN,
  model: { ...STRING, description: '`anthropic:<id>` or `openai:<id>`, tried first.' },
  agent: { type: 'string', enum: ['builtin', 'dummy'] },
  budgetUsd: { ...NUMBER, exclusiveMinimum: 0 },
  plan: {
    ...BOOLEAN,
    description: 'Makes a plan and changes nothing; POST /runs/{id}/approve carries it out.',
  },
} as const

const PARENT = { ...STRING, description: 'An ended run of the same repository to go on from.' } as const

const TELEMETRY = exactly({
  thinking_logs_count: { ...INTEGER, description: 'Steps that were recorded: lifecycle, turns, tools.' },
  langsmith_enabled: BOOLEAN,
  recent_thoughts: { type: 'array', maxItems: 10, items: exactly({ step: STRING, thought: STRING }) },
})

const COUNTS = orNull(exactly({ passed: INTEGER, failed: INTEGER }))
const TOTALS = {
  total_duration_ms: NUMBER,
  attempts: { ...INTEGER, description: '1 unless another worker took the run over.' },
  ai_provider: orNull({ ...STRING, description: 'Who finished the work; null when no model was used.' }),
  models: { type: 'array', items: STRING },
  cost_usd: orNull({ ...NUMBER, description: 'Null when a price is not known.' }),
  cost_by_provider: {
    type: 'array',
    items: exactly({ provider: STRING, turns: INTEGER, cost_usd: orNull(NUMBER) }),
  },
  turns: INTEGER,
  tool_calls: INTEGER,
  tool_errors: INTEGER,
  edits_ok: INTEGER,
  edits_failed: INTEGER,
  input_tokens: INTEGER,
  cache_read_tokens: INTEGER,
  cache_write_tokens: INTEGER,
  output_tokens: INTEGER,
  cache_share: orNull({ ...NUMBER, description: 'Of the tokens sent, how many came from a cache: 0 to 1.' }),
  retries: INTEGER,
  fallbacks: { ...INTEGER, description: 'Changes of the model.' },
  bounces: { ...INTEGER, description: 'Times that "done" did not hold and went back to the agent.' },
  checks_before: COUNTS,
  checks_after: COUNTS,
  limits_used: orNull({
    ...exactly({ steps: NUMBER, minutes: NUMBER, usd: NUMBER, tokens: NUMBER }),
    description: 'At the last turn; 1 is all of it.',
  }),
  model_ms: { ...NUMBER, description: 'Waiting for models, retries included.' },
  first_token_ms: orNull({ ...NUMBER, description: 'Median over the turns.' }),
  tool_ms: NUMBER,
  harness_ms: NUMBER,
} as const

const FRAME = { seq: { ...INTEGER, minimum: 1 }, runId: STRING, at: TIME, message: STRING } as const

/** A frame of one kind; what it holds beyond the common fields is described where clients rely on it. */
function frame(type: object, properties: Readonly<Record<string, object>>) {
  return {
    type: 'object',
    properties: { ...FRAME, type, ...properties },
    required: [...Object.keys(FRAME), 'type', ...Object.keys(properties)],
  } as const
}

const WIRE_EVENT = {
  oneOf: [
    frame({ const: 'info' }, { step: STRING, progress: { ...NUMBER, minimum: 0, maximum: 100 } }),
    frame({ const: 'AI Message' }, {}),
    frame({ enum: ['Tool: Read'] }, { filepath: STRING }),
    frame({ enum: ['Tool: Edit'] }, { filepath: STRING, old_str: STRING, new_str: STRING }),
    frame({ enum: ['Tool: Write'] }, { filepath: STRING, content: STRING }),
    frame(
      { enum: ['Tool: Bash'] },
      { command: STRING, output: STRING, exit_code: orNull(INTEGER), duration_ms: NUMBER },
    ),
    frame({ type: 'string', pattern: '^Tool: (?!(?:Read|Edit|Write|Bash)$)' }, { status: STRING }),
    frame(
      { const: 'success' },
      {
        telemetry: TELEMETRY,
        extra_data: exactly({
          outcome: OUTCOME,
          pr_url: orNull(URL_TEXT),
          comment_url: orNull(URL_TEXT),
          draft: BOOLEAN,
          ...TOTALS,
        }),
      },
    ),
    frame(
      { const: 'error' },
      {
        code: STRING,
        telemetry: TELEMETRY,
        extra_data: exactly({ outcome: { type: 'null' }, pr_url: { type: 'null' }, ...TOTALS }),
      },
    ),
  ],
} as const

const RUN_FIELDS = {
  id: STRING,
  status: STATUS,
  trigger: { type: 'string', enum: ['comment', 'label', 'code'] },
  repository: { ...STRING, description: 'owner/name' },
  prompt: STRING,
  thread: {
    oneOf: [
      { type: 'null' },
      exactly({
        kind: { type: 'string', enum: ['issue', 'pull_request'] },
        number: INTEGER,
        title: STRING,
        url: URL_TEXT,
      }),
    ],
  },
  requester: STRING,
  options: exactly(OPTIONS, Object.keys(OPTIONS)),
  parentRunId: orNull(PARENT),
  attempt: INTEGER,
  createdAt: TIME,
  startedAt: orNull(TIME),
  finishedAt: orNull(TIME),
  outcome: { enum: [...OUTCOME.enum, null] },
  message: orNull(STRING),
  code: orNull(STRING),
  pullRequestUrl: orNull(URL_TEXT),
  commentUrl: orNull(URL_TEXT),
  costUsd: orNull(NUMBER),
  runUrl: URL_TEXT,
  eventsUrl: URL_TEXT,
}

const WAITING = exactly({
  position: { ...INTEGER, description: '1 is next' },
  waitingFor: {
    type: 'string',
    enum: [
      'worker',
      'any_worker',
      'thread',
      'repository',
      'installation',
      'repository_usd',
      'installation_usd',
      'deployment',
      'turn',
    ],
  },
  message: STRING,
})

export const openApiSchemas = {
  CodeRequest: exactly(
    {
      repoUrl: { ...URL_TEXT, description: 'https://github.com/owner/repo' },
      prompt: { ...STRING, minLength: 1, maxLength: 100_000 },
      ...OPTIONS,
      parentRunId: PARENT,
    },
    [...Object.keys(OPTIONS), 'parentRunId'],
  ),
  Note: exactly({ text: TEXT }),
  Approval: exactly({ text: TEXT }, ['text']),
  Accepted: exactly({ runId: STRING, runUrl: URL_TEXT, eventsUrl: URL_TEXT }),
  Status: STATUS,
  Run: exactly(RUN_FIELDS),
  RunInFull: exactly({ ...RUN_FIELDS, waiting: { oneOf: [{ type: 'null' }, WAITING] } }),
  RunList: exactly({
    runs: { type: 'array', items: { $ref: '#/components/schemas/Run' } },
    next: orNull({ ...STRING, description: 'Give it as `before` for the next page; null at the end.' }),
  }),
  Cancelling: exactly({ runId: STRING, status: { const: 'cancelling' } }),
  Health: exactly({ status: STRING, problems: { type: 'array', items: STRING } }, ['problems']),
  Error: exactly({ error: exactly({ code: STRING, message: STRING }) }),
  WireEvent: WIRE_EVENT,
} as const
