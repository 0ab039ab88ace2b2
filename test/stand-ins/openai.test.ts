import OpenAI from 'openai'
import { expect, test } from 'vitest'
import type { Json } from './models/script.ts'
import { type OpenAIOptions, type OpenAIStandIn, startOpenAI } from './openai.ts'

async function withApi(
  options: OpenAIOptions,
  use: (client: OpenAI, api: OpenAIStandIn) => Promise<void>,
): Promise<void> {
  const api = await startOpenAI(options)
  try {
    await use(new OpenAI({ apiKey: api.apiKey, baseURL: api.baseUrl, maxRetries: 0, logLevel: 'off' }), api)
  } finally {
    await api.close()
  }
}

const ASK = { model: 'gpt-6.1-sol', store: false, input: 'Hello' }

test('streamed and whole answers are the same response', () =>
  withApi(
    {
      script: [
        { reasoning: 'Hm.', text: 'Hello there, human.', calls: [{ name: 'bash', args: { command: 'ls' } }] },
      ],
    },
    async (client) => {
      const whole = await client.responses.create(ASK)
      const streamed = await client.responses.stream(ASK).finalResponse()
      expect(whole.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call'])
      expect(streamed.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call'])
      expect(whole.output_text).toBe('Hello there, human.')
      expect(streamed.output_text).toBe('Hello there, human.')
      expect(streamed.output[2]).toMatchObject({ arguments: '{"command":"ls"}' })
      expect(await client.models.retrieve('gpt-6.1-sol')).toMatchObject({ id: 'gpt-6.1-sol' })
    },
  ))

test('only its key is let in, and only its models exist', () =>
  withApi({ script: [{ text: 'Hi.' }], models: ['gpt-6-luna'] }, async (client, api) => {
    const stranger = new OpenAI({ apiKey: 'wrong', baseURL: api.baseUrl, maxRetries: 0 })
    await expect(stranger.responses.create(ASK)).rejects.toMatchObject({
      status: 401,
      code: 'invalid_api_key',
    })
    await expect(client.responses.create(ASK)).rejects.toMatchObject({ status: 404, code: 'model_not_found' })
  }))

const USER = { role: 'user', content: 'Hello' }
const CALL = { type: 'function_call', call_id: 'toolu_1', name: 'bash', arguments: '{}' }
const OUTPUT = { type: 'function_call_output', call_id: 'toolu_1', output: 'ok' }
const OPEN = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: [],
  additionalProperties: false,
}

function tool(parameters: Json): Json {
  return { type: 'function', name: 'bash', strict: true, parameters }
}

test.each<[string, Json]>([
  ['an unknown field', { messages: [] }],
  ['a call without output', { input: [USER, CALL] }],
  ['an output without call', { input: [USER, OUTPUT] }],
  ['an output before its call', { input: [USER, OUTPUT, CALL] }],
  ['a foreign id', { input: [USER, { ...CALL, id: 'toolu_1' }, OUTPUT] }],
  ['empty content', { input: [{ role: 'user', content: [] }] }],
  [
    'the input type of another role',
    { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
  ],
  [
    'reasoning it never made',
    { input: [USER, { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'x' }, CALL, OUTPUT] },
  ],
  ['a strict tool with an optional property', { tools: [tool(OPEN)] }],
  ['a strict tool with an open object', { tools: [tool({ type: 'object', properties: {} })] }],
  ['a strict tool with a foreign keyword', { tools: [tool({ ...OPEN, required: ['a'], default: {} })] }],
  ['a cache key that is too long', { prompt_cache_key: 'x'.repeat(65) }],
])('a request with %s is rejected', (_name, change) =>
  withApi({ script: [{ text: 'Hi.' }] }, async (client, api) => {
    const body: Json = { ...ASK, ...change }
    await expect(client.responses.create(body)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    })
    expect(api.rejections).toHaveLength(1)
  }))

test('a call id of Claude’s is fine, and reasoning that it made itself comes back', () =>
  withApi({ script: [{ reasoning: 'Hm.', text: 'Hello.' }] }, async (client) => {
    const { output } = await client.responses.create(ASK)
    const input: Json = [USER, ...output, CALL, OUTPUT]
    await expect(client.responses.create({ ...ASK, input })).resolves.toBeDefined()
  }))

test('the cache needs no request from 1,024 tokens on, and grows in steps of 128', () =>
  withApi({ script: [{ text: 'Hello.' }] }, async (client) => {
    const input = 'word '.repeat(1000)
    const first = await client.responses.create({ ...ASK, input })
    const again = await client.responses.create({ ...ASK, input })
    expect(first.usage?.input_tokens_details.cached_tokens).toBe(0)
    expect(again.usage?.input_tokens_details.cached_tokens).toBe(1152)
    expect(again.usage?.input_tokens).toBe(first.usage?.input_tokens)
  }))
