import type { RunEventBody } from '../../src/runs/run-event.ts'
import { VERIFICATIONS } from '../runs/summary/verifications.ts'
import { BODIES, SUCCESS, TOTALS } from './a-run.ts'

type Type = RunEventBody['type']
type EventOf<T extends Type> = Extract<RunEventBody, { readonly type: T }>

function ofType<T extends Type>(type: T): readonly EventOf<T>[] {
  return BODIES.filter((body): body is EventOf<T> => body.type === type)
}

function tool(fields: Pick<EventOf<'tool.finished'>, 'tool' | 'detail'> & Partial<EventOf<'tool.finished'>>) {
  const call = { callId: 'c', title: 'a title', status: 'ok', durationMs: 1 } as const
  return { type: 'tool.finished', ...call, ...fields } as const
}

const EDITS = [
  { oldText: 'a', newText: 'b' },
  { oldText: 'c', newText: 'd' },
]
const LIMITS = { setupMs: 600_000, checkMs: 300_000, checksMs: 900_000 }
const FAILED = { status: 'error', detail: { kind: 'other', text: 'no' } } as const

/** Events of every type, with and without what may be absent. */
const EVERY: { readonly [T in Type]: readonly EventOf<T>[] } = {
  'run.queued': [
    {
      type: 'run.queued',
      repository: 'acme/api',
      runUrl: 'http://here/runs/r1',
      eventsUrl: 'http://here/runs/r1/events',
      position: 3,
    },
  ],
  'run.started': [{ type: 'run.started', attempt: 2 }],
  'step.started': [
    ...ofType('step.started'),
    { type: 'step.started', step: 'agent', message: 'Working on the task', agent: 'claude-code' },
  ],
  'step.finished': [
    { type: 'step.finished', step: 'setup', status: 'skipped', message: 'No dependencies', durationMs: 0 },
    { type: 'step.finished', step: 'report', status: 'failed', message: 'GitHub is away', durationMs: 1.5 },
  ],
  'setup.finished': [
    { type: 'setup.finished', results: [], limits: LIMITS },
    { type: 'setup.finished', results: [], cache: { result: 'hit', savedMs: 23_400 }, limits: LIMITS },
    {
      type: 'setup.finished',
      results: [{ command: 'npm ci', exitCode: 1, durationMs: 12, output: 'npm error code EUSAGE' }],
      reason: 'Dependencies are not installed: `npm ci` failed',
      limits: LIMITS,
    },
  ],
  'checks.finished': [
    { type: 'checks.finished', phase: 'before', results: [] },
    {
      type: 'checks.finished',
      phase: 'before',
      results: [
        {
          command: 'npm test',
          exitCode: 124,
          durationMs: 300_000,
          tail: '',
          cause: { kind: 'did_not_end', text: 'did not end within 5 minutes; it printed nothing' },
        },
      ],
    },
    {
      type: 'checks.finished',
      phase: 'after',
      results: [{ command: 'npm test', exitCode: 0, durationMs: 900, tail: 'ok', failedFirst: 1 }],
    },
    ...ofType('checks.finished'),
  ],
  'verification.finished': VERIFICATIONS.map((verification) => ({
    type: 'verification.finished',
    verification,
  })),
  'changes.collected': ofType('changes.collected'),
  notice: [{ type: 'notice', level: 'warning', message: 'Careful' }],
  'agent.notice': [
    { type: 'agent.notice', level: 'info', message: 'By the way' },
    { type: 'agent.notice', level: 'warning', message: 'The builtin agent goes on.', agent: 'builtin' },
  ],
  'agent.message': [{ type: 'agent.message', text: 'I will look first.' }],
  'agent.note': [{ type: 'agent.note', author: '@ada', text: 'also this' }],
  'agent.plan': [...ofType('agent.plan'), { type: 'agent.plan', items: [] }],
  'context.compacted': [
    { type: 'context.compacted', number: 1, summaryBy: 'host', tokensBefore: 120_000, tokensAfter: 9000 },
  ],
  'tool.started': ofType('tool.started'),
  'tool.finished': [
    tool({ tool: 'bash', detail: { kind: 'bash', command: 'ls', output: 'a', exitCode: 1 } }),
    tool({ tool: 'read', detail: { kind: 'read', path: 'a', lines: 3 }, bytes: { sent: 3, full: 5 } }),
    tool({ tool: 'edit', detail: { kind: 'edit', path: 'a', edits: EDITS }, bytes: { sent: 3, full: 3 } }),
    tool({ tool: 'write', detail: { kind: 'write', path: 'a', bytes: 3, content: 'abc' } }),
    tool({ tool: 'grep', detail: { kind: 'search', pattern: 'x', matches: 3 } }),
    tool({ tool: 'glob', detail: { kind: 'search', pattern: '*', matches: 0 } }),
    tool({ tool: 'plan', detail: { kind: 'other', text: '' } }),
    tool({ tool: 'finish', detail: { kind: 'other', text: 'accepted' } }),
    ...[
      'bash',
      'read',
      'edit',
      'write',
      'grep',
      'glob',
      'frobnicate',
      'Read',
      'Edit',
      'Write',
      'Bash',
      '',
    ].map((name) => tool({ tool: name, ...FAILED })),
    tool({ tool: 'edit', ...FAILED, detail: { ...FAILED.detail, asked: { path: 'a', edits: EDITS } } }),
    tool({ tool: 'bash', status: 'interrupted', detail: { ...FAILED.detail, asked: { command: 'ls' } } }),
    tool({ tool: 'read', status: 'skipped', detail: { ...FAILED.detail, asked: { path: 'a' } } }),
  ],
  'model.turn': [
    ...ofType('model.turn'),
    {
      type: 'model.turn',
      turn: 3,
      provider: 'anthropic',
      model: 'claude-opus-5-5',
      usage: { input: 1, cacheRead: 2, cacheWrite: 3, output: 4 },
      costUsd: null,
      durationMs: 0,
      firstTokenMs: null,
      attempts: 2,
      stop: 'end',
      harnessMs: 8.5,
      waitedMs: 9,
      contextTokens: 77,
      responseId: 'msg_1',
      run: { tokens: 5, usd: 0.1, limits: { steps: 0.1, minutes: 0.2, usd: 0.3, tokens: 0.4 } },
    },
  ],
  'model.retried': [{ type: 'model.retried', model: 'm', errorClass: 'hang', attempt: 2, waitMs: 500 }],
  'model.switched': ofType('model.switched'),
  'finish.reviewed': [
    { type: 'finish.reviewed', claim: 'done', verdict: 'sent_back', message: 'Not yet', durationMs: 4 },
  ],
  'run.paused': [
    { type: 'run.paused', reason: 'A key leaked', attempt: 0 },
    { type: 'run.paused', reason: null, attempt: 1 },
  ],
  'run.succeeded': [
    {
      type: 'run.succeeded',
      outcome: 'answer',
      message: 'It is 3.',
      pullRequestUrl: null,
      commentUrl: 'https://github.com/acme/api/issues/1#issuecomment-1',
      draft: false,
      totals: TOTALS,
    },
  ],
  'run.failed': [
    {
      type: 'run.failed',
      code: 'time_limit',
      message: 'Too long',
      totals: {
        ...TOTALS,
        costUsd: null,
        limitsUsed: null,
        firstTokenMs: null,
        cacheShare: null,
        models: [],
        checksBefore: { passed: 1, failed: 2 },
        checksAfter: null,
      },
    },
  ],
  'run.cancelled': [{ type: 'run.cancelled', message: 'Stopped by ada', totals: TOTALS }],
}

const { 'run.queued': QUEUED, 'run.succeeded': SUCCEEDED, 'run.failed': FAILURES, ...rest } = EVERY
const { 'run.cancelled': CANCELLED, ...BETWEEN } = rest

/** Runs that have, together, an event of every type; each ends with a terminal one. */
export const EVERY_EVENT: readonly (readonly RunEventBody[])[] = [
  [...QUEUED, ...BODIES, SUCCESS],
  [...QUEUED, ...Object.values<readonly RunEventBody[]>(BETWEEN).flat(), ...FAILURES],
  SUCCEEDED,
  CANCELLED,
]
