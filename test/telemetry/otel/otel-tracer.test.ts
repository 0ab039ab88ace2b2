import { afterEach, beforeEach, expect, test } from 'vitest'
import type { RunEvent, RunEventBody } from '../../../src/runs/run-event.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { createOtelTracer, type OtelOptions } from '../../../src/telemetry/otel/otel-tracer.ts'
import { type OtlpStandIn, startOtlp } from '../../stand-ins/otlp.ts'
import { planted, story, run as told } from '../traced-story.ts'

let otlp: OtlpStandIn
beforeEach(async () => {
  otlp = await startOtlp()
})
afterEach(() => otlp.close())

const START = Date.parse('2026-11-29T10:00:05.000Z')

function tracerWith(options: Partial<OtelOptions> = {}, onProblem: (problem: string) => void = () => {}) {
  return createOtelTracer(
    {
      url: `${otlp.url}/v1/traces`,
      headers: { 'x-api-key': 'a-key-of-the-collector' },
      timeoutMs: 10_000,
      sampler: { kind: 'always_on', parentBased: true, ratio: 1 },
      resource: { 'service.name': 'backspace', 'service.version': '1.2.3' },
      content: false,
      privateRepositories: [],
      ...options,
    },
    { redact: createRedact(['hunter2-canary']), onProblem },
  )
}

type Telling = Partial<OtelOptions> & {
  readonly run?: typeof told
  readonly events?: readonly RunEventBody[]
  readonly isPrivate?: boolean
}

async function tell(
  { run = told, events = story, isPrivate = false, ...options }: Telling = {},
  onProblem: (problem: string) => void = () => {},
): Promise<void> {
  const tracer = tracerWith(options, onProblem)
  tracer.begin(run)
  for (const [index, body] of events.entries()) {
    if (index === 1) tracer.admit(run.id, { ...run.request.repository, private: isPrivate })
    const at = new Date(START + index * 1000).toISOString()
    tracer.observe({ ...body, runId: run.id, seq: index + 1, at } as RunEvent)
  }
  await tracer.flush(60_000)
}

const named = (name: string) => otlp.spans().find((span) => span.name === name)

test('a run becomes one trace by the GenAI conventions: run, steps, and under the agent its model calls and tools', async () => {
  await tell()

  const root = named('backspace run')
  const agent = named('agent')
  const traceId = told.id.replaceAll('-', '')
  expect(new Set(otlp.spans().map((span) => span.traceId))).toEqual(new Set([traceId]))
  expect(otlp.spans().map(({ name, parentId }) => [name, parentId])).toEqual([
    ['clone', root?.spanId],
    ['chat claude-opus-5-5', agent?.spanId],
    ['execute_tool bash', agent?.spanId],
    ['agent', root?.spanId],
    ['backspace run', ''],
  ])
  expect(named('chat claude-opus-5-5')).toMatchObject({
    kind: 3,
    startMs: START + 4_000 - 700,
    endMs: START + 4_000,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'anthropic',
      'gen_ai.request.model': 'claude-opus-5-5',
      'gen_ai.conversation.id': told.id,
      'gen_ai.response.finish_reasons': ['tool_use'],
      'gen_ai.response.time_to_first_chunk': 0.1,
      'gen_ai.usage.input_tokens': 15,
      'gen_ai.usage.cache_read.input_tokens': 5,
      'gen_ai.usage.output_tokens': 3,
      'backspace.cost_usd': 0.01,
    },
  })
  expect(named('execute_tool bash')?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'bash',
    'gen_ai.tool.call.id': 'c1',
    'backspace.tool.exit_code': 0,
  })
  expect(root?.attributes).toMatchObject({
    'vcs.owner.name': 'acme',
    'backspace.run.status': 'succeeded',
    'backspace.run.outcome': 'pull_request',
    'backspace.run.input_tokens': 15,
  })
  expect(otlp.resource()).toMatchObject({ 'service.name': 'backspace', 'service.version': '1.2.3' })
  expect(otlp.headers()['x-api-key']).toBe('a-key-of-the-collector')
})

test('what people, models and tools wrote is left out, unless the operator asks for it', async () => {
  await tell()
  expect(otlp.received()).not.toMatch(/use the password|I will run the tests|npm test/)

  await tell({ content: true })
  const chat = otlp.spans().findLast(({ name }) => name === 'chat claude-opus-5-5')
  expect(JSON.parse(String(chat?.attributes['gen_ai.output.messages']))).toEqual([
    {
      role: 'assistant',
      parts: [{ type: 'text', content: 'I will run the tests.\n' }],
      finish_reason: 'tool_use',
    },
  ])
  const bash = otlp.spans().findLast(({ name }) => name === 'execute_tool bash')
  expect(bash?.attributes).toMatchObject({
    'gen_ai.tool.call.arguments': '{"command":"npm test"}',
    'gen_ai.tool.call.result': 'ok',
  })
  const root = otlp.spans().findLast(({ name }) => name === 'backspace run')
  expect(root?.attributes['gen_ai.input.messages']).toContain('use the password [redacted]')
})

test('a secret in any text of a run or an event is masked in its trace', async () => {
  const { run, events } = planted({ run: told, events: story })
  await tell({ content: true, run: { ...run, createdAt: told.createdAt }, events })
  expect(otlp.spans()).toHaveLength(5)
  expect(otlp.received()).toContain('[redacted]')
  expect(otlp.received()).not.toContain('hunter2-canary')
})

test.for([
  { isPrivate: true, privateRepositories: [], sent: false },
  { isPrivate: true, privateRepositories: ['acme/*'], sent: true },
  { isPrivate: false, privateRepositories: [], sent: true },
] as const)('a private repository is traced only if the operator says so: %j (S34)', async ({
  sent,
  ...how
}) => {
  await tell(how)
  expect(otlp.received() !== '').toBe(sent)
})

test('a failed tool, step and run are errors, and what happens at a point in time is an event of the agent', async () => {
  const [, , begun, , turn, tool] = story
  const ended = story.at(-1)
  if (!begun || !turn || tool?.type !== 'tool.finished' || ended?.type !== 'run.succeeded')
    throw new Error('story')
  await tell({
    events: [
      { type: 'step.started', step: 'agent', message: 'Working', agent: 'builtin' },
      { type: 'model.retried', model: 'm', errorClass: 'overloaded', attempt: 1, waitMs: 500 },
      { ...tool, status: 'error' },
      { type: 'step.finished', step: 'agent', status: 'failed', message: 'Failed', durationMs: 1 },
      { type: 'run.failed', code: 'time_limit', message: 'Too long', totals: ended.totals },
    ],
  })
  expect(named('invoke_agent builtin')).toMatchObject({
    attributes: { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': 'builtin' },
    events: [{ name: 'model retried', attributes: { 'error.type': 'overloaded' } }],
    status: { code: 2 },
  })
  expect(named('execute_tool bash')).toMatchObject({
    attributes: { 'error.type': 'tool_error' },
    status: { code: 2 },
  })
  expect(named('backspace run')).toMatchObject({
    attributes: { 'error.type': 'time_limit' },
    status: { code: 2, message: 'time_limit' },
  })
})

test('a line of the log can name the trace of its run while the run is under way', async () => {
  const tracer = tracerWith()
  expect(tracer.contextOf(told.id)).toBeUndefined()
  tracer.begin(told)
  tracer.admit(told.id, { ...told.request.repository, private: false })
  await expect
    .poll(() => tracer.contextOf(told.id))
    .toEqual({
      trace_id: told.id.replaceAll('-', ''),
      span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
      trace_flags: '01',
    })
  await tracer.flush(60_000)
  // Another process continues the run: what this one saw of it is sent.
  expect(named('backspace run')?.attributes['backspace.run.status']).toBe('interrupted')
})

test('what was seen of a run that another process continues is sent at once, and nothing is kept of it', async () => {
  const tracer = tracerWith()
  tracer.begin(told)
  tracer.admit(told.id, { ...told.request.repository, private: false })
  tracer.leave(told.id)
  await expect.poll(() => named('backspace run')?.attributes['backspace.run.status']).toBe('interrupted')
  expect(tracer.contextOf(told.id)).toBeUndefined()
  expect(tracer.isTraced(told.id)).toBe(false)
  await tracer.flush(60_000)
})

test('the sampler decides about whole runs', async () => {
  await tell({ sampler: { kind: 'traceidratio', parentBased: true, ratio: 0 } })
  await tell({ sampler: { kind: 'always_off', parentBased: false, ratio: 1 } })
  expect(otlp.received()).toBe('')
})

test.each([
  'refuse',
  'error',
  'hang',
  'down',
] as const)('a collector that is at fault (%s) costs the run nothing, and is reported once', async (fault) => {
  if (fault === 'down') await otlp.close()
  else otlp.fault = fault
  const problems: string[] = []
  await tell({ timeoutMs: 200 }, (problem) => problems.push(problem))
  expect(problems).toEqual([expect.stringContaining('spans cannot be sent')])
  expect(otlp.spans()).toEqual([])
})
