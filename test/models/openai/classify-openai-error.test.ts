import { inspect } from 'node:util'
import { expect, test } from 'vitest'
import { ModelError } from '../../../src/models/model-error.ts'
import { createOpenAIModel } from '../../../src/models/openai/openai.ts'
import type { Step } from '../../stand-ins/models/script.ts'
import { startOpenAI } from '../../stand-ins/openai.ts'
import { asking, conversation } from '../conversation.ts'

/** The error that one step ends in. */
async function failure(step: Step, { idleTimeoutMs = 90_000, apiKey = '' } = {}): Promise<ModelError> {
  const api = await startOpenAI({ script: [step] })
  const { baseUrl } = api
  const model = createOpenAIModel({
    model: 'gpt-6.1-sol',
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
  ['transient', { status: 502 }],
  ['overloaded', { status: 503 }],
  ['overloaded', { status: 429, code: 'slow_down' }],
  ['rate_limited', { status: 429, code: 'rate_limit_exceeded', retryAfter: 3 }],
  ['rate_limited', { status: 429 }],
  ['billing', { status: 429, type: 'insufficient_quota', code: 'credit_balance_exhausted' }],
  ['billing', { status: 429, type: 'insufficient_quota' }],
  ['billing', { status: 429, code: 'project_spend_limit_exceeded' }],
  ['billing', { status: 402 }],
  ['auth', { status: 401 }],
  ['auth', { status: 403 }],
  ['model_missing', { status: 404, code: 'model_not_found' }],
  ['model_missing', { status: 400, code: 'model_not_found' }],
  ['context', { status: 400, code: 'context_length_exceeded' }],
  ['thinking', { status: 400, code: 'invalid_encrypted_content' }],
  ['thinking', { status: 404, message: 'Item with id rs_1 not found.' }],
  ['bad_request', { status: 400, code: 'unknown_parameter' }],
  ['refusal', { status: 400, code: 'bio_policy' }],
] as const)('an answer of OpenAI is %s for %o', async (expected, fault) => {
  const error = await failure({ fault })
  expect(error.class).toBe(expected)
  expect(error.status).toBe(fault.status)
  expect(error.provider).toBe('openai')
})

test.each([
  ['transient', 'in-stream-error', 'server_error'],
  ['rate_limited', 'in-stream-error', 'rate_limit_exceeded'],
  ['billing', 'in-stream-error', 'insufficient_quota'],
  ['transient', 'failed', 'server_error'],
  ['rate_limited', 'failed', 'rate_limit_exceeded'],
  ['refusal', 'failed', 'misalignment_policy_violation'],
  ['bad_request', 'failed', 'invalid_image'],
] as const)('a response is %s for %s with code %s', async (expected, fault, code) => {
  const error = await failure({ text: 'I was say', fault, error: { code } })
  expect(error.class).toBe(expected)
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

test('a stream that falls silent is given up as hung', async () => {
  const error = await failure({ text: 'Working on it.', fault: 'stall' }, { idleTimeoutMs: 50 })
  expect(error.class).toBe('hang')
})

test('a refusal is an error', async () => {
  expect((await failure({ fault: 'refusal' })).class).toBe('refusal')
})

test('the key appears nowhere in an error', async () => {
  const apiKey = 'sk-proj-wrong-key-0123456789'
  const rejected = await failure({ text: 'x' }, { apiKey })
  expect(rejected.class).toBe('auth')
  const echoed = await failure({
    fault: { status: 400, message: 'no good: sk-proj-stand-in-0123456789abcdef' },
  })
  for (const error of [rejected, echoed]) {
    expect(inspect(error, { depth: 8, showHidden: true })).not.toMatch(/sk-proj-(wrong|stand)/)
  }
})
