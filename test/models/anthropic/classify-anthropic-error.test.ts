import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { Step } from '../../stand-ins/models/script.ts'
import { asking, conversation } from '../conversation.ts'

/** The error that one step ends in. */
async function failure(step: Step, { idleTimeoutMs = 90_000, apiKey = '' } = {}): Promise<ModelError> {
  const api = await startAnthropic({ script: [step] })
  const { baseUrl } = api
  const model = createAnthropicModel({
    model: 'claude-opus-5-5',
    apiKey: apiKey || api.apiKey,
    baseUrl,
    idleTimeoutMs,
  })
  try {
    const error: unknown = await model.respond(conversation(), asking()).then(
      () => undefined,
      (reason) => reason,
    )
    if (error instanceof ModelError) return error
    throw new Error(`not a ModelError: ${inspect(error)}`)
  } finally {
    await api.close()
  }
}

test.each([
  ['transient', { status: 408 }],
  ['transient', { status: 500 }],
  ['transient', { status: 503 }],
  ['transient', { status: 503, code: 'cmek_key_unreachable' }],
  ['overloaded', { status: 529 }],
  ['rate_limited', { status: 429, retryAfter: 7 }],
  ['rate_limited', { status: 429, code: 'ramp_limit_exceeded' }],
  ['billing', { status: 402 }],
  ['billing', { status: 429 }],
  ['billing', { status: 429, retryAfter: 7, code: 'enforced_spend_limit_reached' }],
  ['auth', { status: 401 }],
  ['auth', { status: 403 }],
  ['auth', { status: 400, code: 'organization_on_hold' }],
  ['model_missing', { status: 404 }],
  ['context', { status: 413 }],
  ['bad_request', { status: 400 }],
  ['bad_request', { status: 422 }],
] as const)('an answer of Anthropic is %s for %o', async (expected, fault) => {
  const error = await failure({ fault })
  expect(error.class).toBe(expected)
  expect(error.status).toBe(fault.status)
  expect(error.provider).toBe('anthropic')
})

test.each([
  ['overloaded', 'overloaded_error'],
  ['transient', 'api_error'],
  ['rate_limited', 'rate_limit_error'],
  ['bad_request', 'invalid_request_error'],
] as const)('an error inside the stream is %s for %s', async (expected, type) => {
  const error = await failure({ text: 'I was say', fault: 'in-stream-error', error: { type } })
  expect(error.class).toBe(expected)
  expect(error.status).toBeUndefined()
})

test.each([
  'start',
  'text',
  'tool',
  'end',
] as const)('a stream cut at %s gives an error and no partial turn', async (at) => {
  const error = await failure({
    text: 'Working on it.',
    calls: [{ name: 'bash', args: { command: 'ls' } }],
    fault: 'cut',
    at,
  })
  expect(error.class).toBe('transient')
})

test('a connection that drops before any answer is transient', async () => {
  expect((await failure({ fault: 'drop' })).class).toBe('transient')
})

test.each([
  'start',
  'text',
  'end',
] as const)('a stream that falls silent at %s is given up as hung', async (at) => {
  const error = await failure({ text: 'Working on it.', fault: 'stall', at }, { idleTimeoutMs: 50 })
  expect(error.class).toBe('hang')
  expect(error.userMessage).toContain('silent')
})

test('a refusal is an error with its category', async () => {
  const error = await failure({ fault: 'refusal', category: 'cyber' })
  expect(error).toMatchObject({ class: 'refusal', category: 'cyber' })
  expect(error.userMessage).toContain('category cyber')
})

test('a full context window is an error, not a turn', async () => {
  expect((await failure({ text: 'I ran out of', stop: 'context' })).class).toBe('context')
})

test('the wait that Anthropic asks for is passed on in milliseconds', async () => {
  expect((await failure({ fault: { status: 429, retryAfter: 7 } })).retryAfterMs).toBe(7000)
})

test('neither key nor upstream text appears in what people see, and the key appears nowhere', async () => {
  const apiKey = 'sk-ant-wrong-key-0123456789'
  const rejected = await failure({ text: 'x' }, { apiKey })
  expect(rejected.class).toBe('auth')
  expect(rejected.userMessage).toContain('ANTHROPIC_API_KEY')
  const echoed = await failure({
    fault: { status: 400, message: 'bad body with sk-ant-stand-in-0123456789abcdef in it' },
  })
  expect(echoed.userMessage).not.toContain('bad body')
  expect(inspect(echoed, { depth: 8 })).toContain('bad body with [redacted]')
  for (const error of [rejected, echoed]) {
    expect(inspect(error, { depth: 8, showHidden: true })).not.toMatch(/sk-ant-(wrong|stand)/)
  }
})
