import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import type { Model } from '../../../src/models/model.ts'
import { type AnthropicStandIn, startAnthropic } from '../../stand-ins/anthropic.ts'
import { type ModelServer, sendJson, startModelServer } from '../../stand-ins/models/model-server.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

async function withClaude(
  script: Script,
  use: (model: Model, api: AnthropicStandIn, violations: string[]) => Promise<void>,
  id = 'claude-opus-5-5',
): Promise<void> {
  const api = await startAnthropic({ script })
  const violations: string[] = []
  const onViolation = (violation: string) => void violations.push(violation)
  try {
    const { apiKey, baseUrl } = api
    await use(createAnthropicModel({ model: id, apiKey, baseUrl, onViolation }), api, violations)
  } finally {
    await api.close()
  }
}

const LOOK = { calls: [{ name: 'bash', args: { command: 'npm test' } }] }

test('each request continues the one before, so that thinking is accepted and the cache is read', () =>
  withClaude(
    [
      { reasoning: 'Let me look.', text: 'Looking.', ...LOOK },
      { reasoning: '', ...LOOK },
      { reasoning: 'Now I know.', text: 'Done.' },
    ],
    async (model, api, violations) => {
      let transcript = conversation(`Fix it. ${'context '.repeat(500)}`)
      const reads: number[] = []
      for (let turn = 0; turn < 3; turn++) {
        const answer = await model.respond(transcript, asking())
        reads.push(answer.entry.origin.usage.cacheRead)
        transcript = after(transcript, answer, 'exit 1')
        const note = { role: 'harness', parts: [{ type: 'text', text: `Budget note ${turn}.` }] } as const
        transcript = { ...transcript, entries: [...transcript.entries, note] }
      }
      expect(api.rejections).toEqual([])
      expect(violations).toEqual([])
      expect(reads[0]).toBe(0)
      expect(reads[1]).toBeGreaterThan(1000)
      expect(reads[2]).toBeGreaterThan(reads[1] ?? 0)
    },
  ))

test('a changed beginning is reported', () =>
  withClaude([LOOK, { text: 'Done.' }], async (model, _api, violations) => {
    const first = await model.respond(conversation('Fix it.'), asking())
    await model.respond(after(conversation('Fix it, please.'), first), asking())
    expect(violations).toEqual(['item 0 changed'])
  }))

test('the request says what it must and nothing of the environment', () =>
  withClaude([{ text: 'Hello.' }], async (model, api) => {
    await model.respond(conversation(), asking())
    const [body] = api.turns()
    expect(body).toMatchObject({
      model: 'claude-opus-5-5',
      stream: true,
      cache_control: { type: 'ephemeral' },
      system: [{ type: 'text', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      thinking: { type: 'adaptive', display: 'summarized' },
    })
    expect(body.tools[0].input_schema).toEqual(asking().tools[0]?.inputSchema)
    expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${api.apiKey}`)
  }))

test('an older model gets notes as text, and no thinking setting', () =>
  withClaude(
    [{ text: 'Hello.' }],
    async (model, api) => {
      const note = { role: 'harness', parts: [{ type: 'text', text: 'Wrap up.' }] } as const
      await model.respond(conversation('Fix it.', note), asking())
      const [body] = api.turns()
      expect(body.thinking).toBeUndefined()
      expect(body.messages).toHaveLength(1)
      expect(body.messages[0].content[1].text).toContain('<backspace-note>\nWrap up.')
    },
    'claude-haiku-4-5',
  ))

test('arguments that were cut off become an invalid call, and the next request is still valid', () =>
  withClaude(
    [{ calls: [{ name: 'bash', json: '{"command": "npm te' }], stop: 'max_tokens' }, { text: 'Again.' }],
    async (model, api) => {
      const first = await model.respond(conversation(), asking())
      expect(first.entry.origin.stop).toBe('max_tokens')
      expect(first.entry.parts).toMatchObject([
        { type: 'tool_call', args: undefined, invalid: expect.any(String) },
      ])
      await model.respond(after(conversation(), first, 'cut off'), asking())
      expect(api.rejections).toEqual([])
    },
  ))

test('a turn without a word does not spoil the next request', () =>
  withClaude([{ text: '  ' }, { text: 'There.' }], async (model, api) => {
    const first = await model.respond(conversation(), asking())
    expect(first.entry.parts).toEqual([])
    expect(textOf(await model.respond(after(conversation(), first), asking()))).toBe('There.')
    expect(api.rejections).toEqual([])
  }))

test('a turn is priced with what the cache wrote for an hour', () =>
  withClaude(
    [{ text: 'x', usage: { input: 1000, cacheRead: 0, cacheWrite: 0, output: 1000 } }],
    async (model) => {
      const { costUsd } = await model.respond({ ...conversation(), system: '' }, asking())
      expect(costUsd).toBeCloseTo(0.024, 6)
    },
  ))

test('a gateway that answers with JSON instead of a stream is understood', async () => {
  const api = await startAnthropic({ script: [{ text: 'Whole.' }] })
  const plain = await startGateway(api)
  try {
    const model = createAnthropicModel({
      model: 'claude-opus-5-5',
      apiKey: api.apiKey,
      baseUrl: plain.origin,
    })
    expect(textOf(await model.respond(conversation(), asking()))).toBe('Whole.')
  } finally {
    await Promise.all([api.close(), plain.close()])
  }
})

/** Passes requests on with streaming switched off. */
function startGateway(api: AnthropicStandIn): Promise<ModelServer> {
  return startModelServer(async ({ path, headers, body }, response) => {
    const { authorization = '', 'anthropic-version': version = '' } = headers
    const answer = await fetch(`${api.origin}${path}`, {
      method: 'POST',
      headers: { authorization, 'anthropic-version': version, 'content-type': 'application/json' },
      body: JSON.stringify({ ...body, stream: false }),
    })
    sendJson(response, answer.status, await answer.json())
  })
}

test('an answer that makes no sense is an error of the line, not a crash', async () => {
  const server = await startModelServer(async (_request, response) =>
    sendJson(response, 200, { hello: 'world' }),
  )
  try {
    const model = createAnthropicModel({
      model: 'claude-opus-5-5',
      apiKey: 'some-key',
      baseUrl: server.origin,
    })
    await expect(model.respond(conversation(), asking())).rejects.toMatchObject({ class: 'transient' })
  } finally {
    await server.close()
  }
})
