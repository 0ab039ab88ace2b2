import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Run } from '../../src/runs/run.ts'
import type { RunEvent, RunEventBody, RunTotals } from '../../src/runs/run-event.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createRunTracer } from '../../src/telemetry/trace-runs.ts'
import { NO_TOTALS } from '../runs/start-runs.ts'
import { type LangSmithStandIn, startLangSmith } from '../stand-ins/langsmith.ts'

const API_KEY = 'lsv2_pt_canary_0123456789abcdef'
let langsmith: LangSmithStandIn

beforeEach(async () => {
  langsmith = await startLangSmith({ apiKey: API_KEY })
})
afterEach(() => langsmith.close())

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

const run = {
  id: '11111111-1111-4111-8111-111111111111',
  attempt: 1,
  request: {
    trigger: 'comment',
    prompt: 'use the password hunter2-canary',
    repository: { owner: 'acme', name: 'api' },
    requester: { login: 'ada' },
    options: {},
    tainted: false,
  },
} as unknown as Run

const story: RunEventBody[] = [
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

async function tell(
  onProblem: (problem: string) => void = () => undefined,
  { run: told, story: events, ...how }: Telling = { run, story },
): Promise<boolean> {
  const redact = createRedact(['hunter2-canary', API_KEY])
  const tracer = createRunTracer({
    apiKey: API_KEY,
    endpoint: langsmith.url,
    project: 'test',
    privateRepositories: how.privateRepositories ?? [],
    redact,
    onProblem,
  })
  tracer.begin(told)
  let isTraced = false
  for (const [index, body] of events.entries()) {
    // The sandbox and the clone are under way before GitHub says what the repository is.
    if (index === 1 && how.isPrivate !== 'unknown') {
      tracer.admit(told.id, { ...told.request.repository, private: how.isPrivate ?? false })
    }
    isTraced = tracer.isTraced(told.id)
    tracer.observe({ ...body, runId: told.id, seq: index + 1, at: new Date().toISOString() } as RunEvent)
  }
  await tracer.flush(60_000)
  return isTraced
}

interface Telling {
  readonly run: Run
  readonly story: readonly RunEventBody[]
  readonly privateRepositories?: readonly string[]
  readonly isPrivate?: boolean | 'unknown'
}

test('a run becomes one tree: run, steps, and under the agent its model turns and tools', async () => {
  await tell()

  const runs = langsmith.runs()
  const byName = (name: string) => runs.find((traced) => traced.name === name)
  const root = byName('backspace run')
  expect(runs.map(({ name }) => name)).toEqual([
    'backspace run',
    'clone',
    'agent',
    'anthropic:claude-opus-5-5',
    'bash',
  ])
  expect(new Set(runs.map((traced) => traced.trace_id))).toEqual(new Set([root?.id]))
  expect(byName('clone')?.parent_run_id).toBe(root?.id)
  expect(byName('bash')).toMatchObject({ parent_run_id: byName('agent')?.id, run_type: 'tool' })
  expect(byName('anthropic:claude-opus-5-5')).toMatchObject({
    parent_run_id: byName('agent')?.id,
    run_type: 'llm',
    outputs: { text: 'I will run the tests.\n', usage_metadata: { input_tokens: 15, output_tokens: 3 } },
  })
  expect(runs.every((traced) => traced.end_time !== undefined)).toBe(true)
  expect(root?.outputs).toMatchObject({ status: 'run.succeeded' })
  expect(root?.extra?.metadata).toMatchObject({ run_id: run.id, turns: 1, costUsd: 0.01, cacheShare: null })
  expect(byName('bash')?.extra?.metadata).toMatchObject({ bytes: { sent: 900, full: 50_000 } })
})

test.for([
  { isPrivate: true, privateRepositories: [], sent: false },
  { isPrivate: true, privateRepositories: ['acme/web', 'other/*'], sent: false },
  { isPrivate: true, privateRepositories: ['ACME/a*'], sent: true },
  { isPrivate: true, privateRepositories: ['*/*'], sent: true },
  { isPrivate: false, privateRepositories: [], sent: true },
  { isPrivate: 'unknown', privateRepositories: [], sent: false },
] as const)('a private repository is traced only if the operator says so: %j (S34)', async ({
  sent,
  ...how
}) => {
  expect(await tell(undefined, { run, story, ...how })).toBe(sent)
  expect(langsmith.received() !== '').toBe(sent)
  expect(
    langsmith
      .runs()
      .map(({ name }) => name)
      .slice(0, 2),
  ).toEqual(sent ? ['backspace run', 'clone'] : [])
})

test('a trace holds no secret and nothing of this process’s environment', async () => {
  process.env.LANGSMITH_CUSTOM_THING = 'environment-canary'
  await tell()
  delete process.env.LANGSMITH_CUSTOM_THING

  expect(langsmith.runs().length).toBeGreaterThan(0)
  expect(langsmith.received()).not.toMatch(/hunter2-canary|environment-canary|lsv2_pt_canary/)
})

/** A secret behind a line end in every text of a value, but for the words that code decides by. */
function planted<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (key, item: unknown) =>
    typeof item === 'string' && !/^(?:id|type|step|status|kind|trigger|outcome|callId)$/.test(key)
      ? `${item}\nhunter2-canary`
      : item,
  ) as T
}

test('a secret in any text of a run or an event is masked in its trace', async () => {
  await tell(undefined, planted({ run, story }))

  expect(langsmith.runs()).toHaveLength(5)
  expect(langsmith.received()).toContain('[redacted]')
  expect(langsmith.received()).not.toContain('hunter2-canary')
})

test.each([
  'refuse',
  'error',
  'hang',
] as const)('a LangSmith that is at fault (%s) costs the run nothing', async (fault) => {
  langsmith.fault = fault
  const problems: string[] = []
  await tell((problem) => problems.push(problem))

  if (fault !== 'hang') expect(problems).toHaveLength(1)
  expect(langsmith.runs()).toEqual([])
})

test('a LangSmith that is down costs the run nothing', async () => {
  await langsmith.close()
  const problems: string[] = []
  await tell((problem) => problems.push(problem))

  expect(problems).toEqual([expect.stringContaining('LangSmith cannot be reached')])
})
