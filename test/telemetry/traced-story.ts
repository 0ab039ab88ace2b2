import type { Run } from '../../src/runs/run.ts'
import type { RunEventBody, RunTotals } from '../../src/runs/run-event.ts'
import { NO_TOTALS } from '../runs/start-runs.ts'

const totals: RunTotals = {
  ...NO_TOTALS,
  durationMs: 1000,
  turns: 1,
  toolCalls: 1,
  inputTokens: 10,
  cacheReadTokens: 5,
  cacheWriteTokens: 0,
  outputTokens: 3,
  costUsd: 0.01,
  models: ['anthropic:claude-opus-5-5'],
  modelMs: 700,
  toolMs: 100,
  harnessMs: 5,
  langsmithEnabled: true,
}

/** A run whose prompt holds the secret `hunter2-canary`. */
export const run = {
  id: '11111111-1111-4111-8111-111111111111',
  attempt: 1,
  createdAt: new Date('2026-11-29T10:00:00.000Z'),
  request: {
    trigger: 'comment',
    prompt: 'use the password hunter2-canary',
    repository: { owner: 'acme', name: 'api' },
    requester: { login: 'ada' },
    options: {},
    tainted: false,
  },
} as unknown as Run

/** What happens in it, from its clone to its pull request. */
export const story: RunEventBody[] = [
  { type: 'step.started', step: 'clone', message: 'Cloning acme/api' },
  { type: 'step.finished', step: 'clone', status: 'ok', message: 'Cloned', durationMs: 20 },
  { type: 'step.started', step: 'agent', message: 'Working' },
  { type: 'agent.message', text: 'I will run the tests.' },
  {
    type: 'model.turn',
    turn: 1,
    provider: 'anthropic',
    model: 'claude-opus-5-5',
    usage: { input: 10, cacheRead: 5, cacheWrite: 0, output: 3 },
    costUsd: 0.01,
    durationMs: 700,
    firstTokenMs: 100,
    attempts: 1,
    stop: 'tool_use',
    harnessMs: 2,
  },
  {
    type: 'tool.finished',
    callId: 'c1',
    tool: 'bash',
    title: 'bash npm test',
    status: 'ok',
    durationMs: 100,
    detail: { kind: 'bash', command: 'npm test', output: 'ok', exitCode: 0 },
    bytes: { sent: 900, full: 50_000 },
  },
  { type: 'step.finished', step: 'agent', status: 'ok', message: 'Done', durationMs: 900 },
  {
    type: 'run.succeeded',
    outcome: 'pull_request',
    message: 'Opened a pull request',
    pullRequestUrl: 'https://github.com/acme/api/pull/1',
    commentUrl: null,
    draft: false,
    totals,
  },
]

/** A secret behind a line end in every text of a value, but for the words that code decides by. */
export function planted<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    typeof item === 'string' && !/^(?:id|type|step|status|kind|trigger|outcome|callId)$/.test(key)
      ? `${item}\nhunter2-canary`
      : item,
  ) as T
}
