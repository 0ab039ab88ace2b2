import { expect, onTestFinished, test } from 'vitest'
import {
  createCompatibleModel,
  type KnownServers,
  knowServer,
} from '../../../src/models/compatible/compatible.ts'
import type { TokenPrices } from '../../../src/models/pricing.ts'
import { startChat } from '../../stand-ins/chat.ts'
import type { DialectName } from '../../stand-ins/models/chat-dialects.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

async function start(dialect: DialectName, script: Script, prices?: TokenPrices) {
  const api = await startChat({ dialect, script })
  onTestFinished(() => api.close())
  const known: KnownServers = new Map()
  const { apiKey, baseUrl } = api
  const options = { provider: 'compatible', model: 'some-model', apiKey, baseUrl, known, prices } as const
  const onViolation = (violation: string) => {
    throw new Error(violation)
  }
  return { api, options, model: createCompatibleModel({ ...options, onViolation }) }
}

const EVERYTHING = { tools: true, strict: true, parallelCalls: true, images: true, streamUsage: true }

test.each([
  ['openai', { ...EVERYTHING, called: 'natively' }, 1],
  ['ollama', { ...EVERYTHING, called: 'natively' }, 1],
  ['lm_studio', { ...EVERYTHING, images: false, called: 'natively' }, 1],
  ['mistral', { ...EVERYTHING, streamUsage: false, called: 'natively' }, 6],
  ['groq', { ...EVERYTHING, strict: false, called: 'natively' }, 6],
  ['litellm', { ...EVERYTHING, images: false, called: 'natively' }, 6],
  ['llama_cpp', { ...EVERYTHING, images: false, called: 'natively' }, 6],
  ['qwen_words', { ...EVERYTHING, called: 'in_words' }, 1],
  [
    'without_tools',
    { tools: false, strict: false, parallelCalls: false, images: false, streamUsage: false, called: 'not' },
    3,
  ],
] as const)('%s is probed once, and what it refuses is left out', async (dialect, features, count) => {
  const { api, options } = await start(dialect, [])
  const { signal } = asking()
  const [one, other] = await Promise.all([knowServer(options, signal), knowServer(options, signal)])
  expect(one.features).toMatchObject(features)
  expect(other).toBe(one)
  expect(api.probes()).toHaveLength(count)
})

test('a server that cannot be asked now is probed again the next time', async () => {
  const { api, options } = await start('openai', [])
  const { signal } = asking()
  const wrongKey = { ...options, apiKey: 'another-key' }
  await expect(knowServer(wrongKey, signal)).rejects.toMatchObject({ class: 'auth', provider: 'compatible' })
  expect((await knowServer(options, signal)).features.tools).toBe(true)
  expect(api.rejections).toEqual([])
})

test('a model without tools says so, and no turn is asked for', async () => {
  const { api, model } = await start('without_tools', [{ text: 'Never.' }])
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({
    class: 'model_missing',
    userMessage: expect.stringContaining('takes no tools'),
  })
  expect(api.turns()).toEqual([])
})

test.each([
  ['vllm', 32_768],
  ['openrouter', 131_072],
  ['llama_cpp', 40_960],
  ['openai', undefined],
] as const)('the context window of %s is what its list of models says', async (dialect, window) => {
  const { model } = await start(dialect, [{ text: 'Fine.' }])
  await model.respond(conversation(), asking())
  expect(model.contextWindow).toBe(window)
})

test.each([
  ['the server’s', 'openrouter', undefined, 0.0005 + 0.0004],
  ['the operator’s before the server’s', 'openrouter', { input: 1, output: 2 }, 0.001 + 0.0004],
  ['the operator’s', 'vllm', { input: 3, output: 4 }, 0.003 + 0.0008],
  ['unknown without any', 'vllm', undefined, undefined],
] as const)('the price is %s', async (_name, dialect, prices, dollars) => {
  const { model } = await start(dialect, [{ text: 'Fine.', usage: { input: 1000, output: 200 } }], prices)
  const { costUsd } = await model.respond(conversation(), asking())
  if (dollars === undefined) expect(costUsd).toBeUndefined()
  else expect(costUsd).toBeCloseTo(dollars, 10)
})

test('tokens are estimated where a server counts none, so that a limit on them holds', async () => {
  const { model } = await start('counts_nothing', [{ text: 'x'.repeat(4000) }])
  const { entry, costUsd } = await model.respond(conversation('y'.repeat(40_000)), asking())
  expect(entry.origin.usage.input).toBeGreaterThan(10_000)
  expect(entry.origin.usage.output).toBe(1000)
  expect(costUsd).toBeUndefined()
})

test.each([
  ['deepseek', { reasoning_content: 'Hm, so.' }],
  ['ollama', { reasoning: 'Hm, so.' }],
  [
    'openrouter',
    {
      reasoning_details: [{ type: 'reasoning.text', text: 'Hm, so.', format: 'unknown', index: 0 }],
    },
  ],
] as const)('thinking goes back to %s in its own field', async (dialect, field) => {
  const script = [
    { reasoning: 'Hm, so.', calls: [{ name: 'bash', args: { command: 'ls' } }] },
    { text: 'Done.' },
  ]
  const { api, model } = await start(dialect, script)
  const first = await model.respond(conversation(), asking())
  expect(first.entry.parts[0]).toEqual({ type: 'reasoning', text: 'Hm, so.' })
  await model.respond(after(conversation(), first), asking())
  expect(api.turns()[1].messages[2]).toMatchObject(field)
  await model.respond(after(conversation(), first), asking({ omitReasoningBefore: 9 }))
  expect(Object.keys(api.turns()[2].messages[2])).toEqual(['role', 'content', 'tool_calls'])
})

test('thinking that a server leaves in the answer is no part of it', async () => {
  const { model } = await start('does_not_stream', [{ reasoning: 'Hm.', text: 'Looking.' }])
  const turn = await model.respond(conversation(), asking())
  expect(textOf(turn)).toBe('Looking.')
  expect(turn.entry.parts[0]).toEqual({ type: 'reasoning', text: 'Hm.' })
})

test('images become a note where they cannot be seen, and follow the results where they can', async () => {
  const image = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const
  for (const dialect of ['openai', 'deepseek'] as const) {
    const { api, model } = await start(dialect, [
      { calls: [{ name: 'bash', args: { command: 'ls' } }] },
      { text: 'Seen.' },
    ])
    const first = await model.respond(conversation(), asking())
    const transcript = after(conversation(), first)
    const [result] = transcript.entries.flatMap((entry) => (entry.role === 'tool' ? entry.parts : []))
    if (!result) throw new Error('there was a call')
    const entries = [
      ...transcript.entries.slice(0, -1),
      { role: 'tool', parts: [{ ...result, images: [image] }] },
    ] as const
    await model.respond({ ...transcript, entries }, asking())
    const last = api.turns()[1].messages.at(-1)
    if (dialect === 'openai')
      expect(last.content).toEqual([
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
      ])
    else expect(last.content).toBe('(An image was here. This model cannot see images.)')
    expect(api.rejections).toEqual([])
  }
})

test.each([
  [{ status: 401 }, 'auth', 'COMPATIBLE_API_KEY'],
  [{ status: 402 }, 'billing', 'has no credit'],
  [{ status: 404 }, 'model_missing', 'COMPATIBLE_BASE_URL'],
  [{ status: 422 }, 'bad_request', 'rejected the request'],
  [{ status: 429, retryAfter: 3 }, 'rate_limited', 'rate limit'],
  [{ status: 500 }, 'transient', 'failed'],
  [{ status: 503 }, 'overloaded', 'overloaded'],
] as const)('status %j is %s', async (fault, errorClass, words) => {
  const { model } = await start('openai', [{ fault }])
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({
    class: errorClass,
    userMessage: expect.stringContaining(words),
  })
})

test.each([
  ['429', 'rate_limited'],
  ['502', 'transient'],
  ['context_length_exceeded', 'context'],
] as const)('an error in the stream with the code %s is %s', async (code, errorClass) => {
  const { model } = await start('openai', [{ text: 'So far', fault: 'in-stream-error', error: { code } }])
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({ class: errorClass })
})

test.each(['cut', 'drop'] as const)('a stream that is %s is no turn', async (fault) => {
  const { model } = await start('openai', [{ text: 'So far', fault }])
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({ class: 'transient' })
})
