import Anthropic, { APIError } from '@anthropic-ai/sdk'
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages'
import { expect, test } from 'vitest'
import { type AnthropicOptions, type AnthropicStandIn, startAnthropic } from './anthropic.ts'
import type { Json } from './models/script.ts'

async function withApi(
  options: AnthropicOptions,
  use: (client: Anthropic, api: AnthropicStandIn) => Promise<void>,
): Promise<void> {
  const api = await startAnthropic(options)
  try {
    await use(
      new Anthropic({ apiKey: api.apiKey, baseURL: api.baseUrl, maxRetries: 0, logLevel: 'off' }),
      api,
    )
  } finally {
    await api.close()
  }
}

const TOOL = { name: 'bash', input_schema: { type: 'object', properties: {} } }
const ASK: MessageCreateParamsNonStreaming = {
  model: 'claude-opus-5-5',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hello' }],
}

test('streamed and whole answers are the same message', () =>
  withApi(
    {
      script: [
        {
          reasoning: 'Hm.',
          text: 'Hello there, human.',
          calls: [{ name: 'bash', args: { command: 'ls -la' } }],
        },
      ],
    },
    async (client) => {
      const whole = await client.messages.create(ASK)
      const streamed = await client.messages.stream(ASK).finalMessage()
      const typesOf = ({ content }: typeof whole) => content.map(({ type }) => type)
      expect(typesOf(whole)).toEqual(['thinking', 'text', 'tool_use'])
      expect(typesOf(streamed)).toEqual(typesOf(whole))
      expect(streamed.content[0]).toEqual(whole.content[0])
      expect(streamed.content[1]).toMatchObject({ text: 'Hello there, human.' })
      expect(streamed.content[2]).toMatchObject({ input: { command: 'ls -la' } })
      expect(streamed.stop_reason).toBe('tool_use')
      expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens)
    },
  ))

test('only its key is let in, by either header', () =>
  withApi({ script: [{ text: 'Hi.' }] }, async (client, api) => {
    const stranger = new Anthropic({ apiKey: 'wrong', baseURL: api.baseUrl, maxRetries: 0 })
    await expect(stranger.messages.create(ASK)).rejects.toMatchObject({
      status: 401,
      type: 'authentication_error',
    })
    const headers = { 'x-api-key': api.apiKey, 'anthropic-version': '2023-06-01' }
    const answer = await fetch(`${api.baseUrl}/v1/messages`, {
      method: 'POST',
      headers,
      body: JSON.stringify(ASK),
    })
    expect(answer.status).toBe(200)
    expect(await client.models.retrieve('claude-opus-5-5')).toMatchObject({ id: 'claude-opus-5-5' })
    expect(
      (await client.messages.countTokens({ model: ASK.model, messages: ASK.messages })).input_tokens,
    ).toBeGreaterThan(0)
  }))

test('a model that does not exist is 404', () =>
  withApi({ script: [{ text: 'Hi.' }], models: ['claude-sonnet-5-5'] }, async (client) => {
    await expect(client.messages.create(ASK)).rejects.toMatchObject({ status: 404, type: 'not_found_error' })
  }))

const CALL = { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'bash', input: {} }] }
const RESULT = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }
const USER = { role: 'user', content: 'Hello' }

test.each<[string, Json]>([
  ['a top-level field that is gone', { temperature: 1 }],
  ['no message', { messages: [] }],
  ['an assistant first', { messages: [{ role: 'assistant', content: 'Hi' }, USER] }],
  ['a prefilled answer', { messages: [USER, { role: 'assistant', content: 'Hi' }] }],
  ['empty content', { messages: [{ role: 'user', content: [] }] }],
  ['a blank text', { messages: [{ role: 'user', content: [{ type: 'text', text: ' ' }] }] }],
  ['a call without result', { messages: [USER, CALL, USER] }],
  ['a result without call', { messages: [{ role: 'user', content: [RESULT] }] }],
  [
    'a result after text',
    { messages: [USER, CALL, { role: 'user', content: [{ type: 'text', text: 'x' }, RESULT] }] },
  ],
  ['a result twice', { messages: [USER, CALL, { role: 'user', content: [RESULT, RESULT] }] }],
  [
    'a system message after an answer',
    { messages: [USER, { role: 'assistant', content: 'x' }, { role: 'system', content: 'x' }] },
  ],
  [
    'two system messages',
    { messages: [USER, { role: 'system', content: 'x' }, { role: 'system', content: 'x' }] },
  ],
  ['tools of one name', { tools: [TOOL, TOOL] }],
  [
    'an hour of cache after five minutes',
    {
      system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral', ttl: '1h' } }],
        },
      ],
    },
  ],
])('a request with %s is rejected', (_name, change) =>
  withApi({ script: [{ text: 'Hi.' }] }, async (client, api) => {
    const body: Json = { ...ASK, tools: [TOOL], ...change }
    await expect(client.messages.create(body)).rejects.toMatchObject({
      status: 400,
      type: 'invalid_request_error',
    })
    expect(api.rejections).toHaveLength(1)
  }))

test('thinking is bound to what came before it', () =>
  withApi({ script: [{ reasoning: 'Hm.', text: 'Hello.' }] }, async (client) => {
    const { content } = await client.messages.create(ASK)
    const goOn = (first: string) =>
      client.messages.create({
        ...ASK,
        messages: [
          { role: 'user', content: first },
          { role: 'assistant', content },
          { role: 'user', content: 'And?' },
        ],
      })
    await expect(goOn('Hello')).resolves.toBeDefined()
    await expect(goOn('Hello!')).rejects.toThrow(/bound to a different conversation/)
  }))

test('the cache is read as far as an earlier request marked it', () =>
  withApi({ script: [{ text: 'Hello.' }] }, async (client) => {
    const long = 'word '.repeat(400)
    const first = await client.messages.create({ ...ASK, cache_control: { type: 'ephemeral' }, system: long })
    expect(first.usage.cache_creation_input_tokens).toBeGreaterThan(400)
    const again = await client.messages.create({ ...ASK, cache_control: { type: 'ephemeral' }, system: long })
    expect(again.usage.cache_read_input_tokens).toBe(first.usage.cache_creation_input_tokens)
    const plain = await client.messages.create({ ...ASK, system: `${long}!` })
    expect(plain.usage).toMatchObject({ cache_read_input_tokens: 0, cache_creation_input_tokens: 0 })
    expect(plain.usage.input_tokens).toBeGreaterThan(400)
  }))

test('a scripted status has type, code and wait', () =>
  withApi(
    { script: [{ fault: { status: 429, code: 'ramp_limit_exceeded', retryAfter: 9 } }] },
    async (client) => {
      const error: unknown = await client.messages.create(ASK).catch((reason) => reason)
      if (!(error instanceof APIError)) throw error
      expect(error).toMatchObject({ status: 429, type: 'rate_limit_error', errorCode: 'ramp_limit_exceeded' })
      expect(error.headers?.get('retry-after')).toBe('9')
    },
  ))
