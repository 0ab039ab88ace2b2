import { expect, test } from 'vitest'
import type { Model } from '../../../src/models/model.ts'
import { createOpenAIModel } from '../../../src/models/openai/openai.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { type OpenAIStandIn, startOpenAI } from '../../stand-ins/openai.ts'
import { after, asking, conversation } from '../conversation.ts'

async function withGpt(
  script: Script,
  use: (model: Model, api: OpenAIStandIn, violations: string[]) => Promise<void>,
  id = 'gpt-6.1-sol',
): Promise<void> {
  const api = await startOpenAI({ script })
  const violations: string[] = []
  const onViolation = (violation: string) => void violations.push(violation)
  try {
    const { apiKey, baseUrl } = api
    await use(createOpenAIModel({ model: id, apiKey, baseUrl, onViolation }), api, violations)
  } finally {
    await api.close()
  }
}

const LOOK = { calls: [{ name: 'bash', args: { command: 'npm test', timeout_s: null, mode: null } }] }

test('its own turns go back item by item, reasoning included, and the cache is read', () =>
  withGpt(
    [{ reasoning: 'Look first.', text: 'Looking.', ...LOOK }, LOOK, { text: 'Done.' }],
    async (model, api, violations) => {
      let transcript = conversation(`Fix it. ${'context '.repeat(800)}`)
      const reads: number[] = []
      for (let turn = 0; turn < 3; turn++) {
        const answer = await model.respond(transcript, asking())
        reads.push(answer.entry.origin.usage.cacheRead)
        transcript = after(transcript, answer)
      }
      expect(api.rejections).toEqual([])
      expect(violations).toEqual([])
      expect(reads[0]).toBe(0)
      expect(reads[2]).toBeGreaterThan(1000)
      const types = api.turns()[1].input.map((item: { type?: string }) => item.type ?? 'message')
      expect(types).toEqual(['message', 'reasoning', 'message', 'function_call', 'function_call_output'])
    },
  ))

test('nulls of optional arguments are dropped, since strict mode makes the model write them', () =>
  withGpt([LOOK], async (model, api) => {
    const { entry } = await model.respond(conversation(), asking())
    expect(entry.parts).toMatchObject([{ type: 'tool_call', args: { command: 'npm test' } }])
    expect(Object.keys((entry.parts[0] as { args: object }).args)).toEqual(['command'])
    expect(api.turns()[0].tools.map(({ strict }: { strict: boolean }) => strict)).toEqual([true, true])
    expect(api.rejections).toEqual([])
  }))

test('nothing is stored, and reasoning comes back encrypted', () =>
  withGpt([{ text: 'Hello.' }], async (model, api) => {
    await model.respond(conversation(), asking())
    expect(api.turns()[0]).toMatchObject({
      store: false,
      include: ['reasoning.encrypted_content'],
      prompt_cache_key: 'run-1',
      instructions: 'You work alone in a sandbox.',
    })
  }))

test('another model of OpenAI gets the turns rebuilt, without ids and reasoning', async () => {
  const api = await startOpenAI({
    script: [{ reasoning: 'Hm.', text: 'Looking.', ...LOOK }, { text: 'Done.' }],
  })
  try {
    const { apiKey, baseUrl } = api
    const first = await createOpenAIModel({ model: 'gpt-6.1-sol', apiKey, baseUrl }).respond(
      conversation(),
      asking(),
    )
    const second = createOpenAIModel({ model: 'gpt-6-luna', apiKey, baseUrl })
    await second.respond(after(conversation(), first), asking())
    expect(api.rejections).toEqual([])
    const ids = api.turns()[1].input.map(({ id }: { id?: string }) => id)
    expect(ids.every((id: unknown) => id === undefined)).toBe(true)
  } finally {
    await api.close()
  }
})

test('cached tokens are counted once', () =>
  withGpt([{ text: 'x', usage: { input: 100, cacheRead: 900, output: 10 } }], async (model) => {
    const { entry } = await model.respond(conversation(), asking())
    expect(entry.origin.usage).toEqual({ input: 100, cacheRead: 900, cacheWrite: 0, output: 10 })
  }))

test('a model without a known price has no cost instead of none', () =>
  withGpt([{ text: 'x' }], async (model) => {
    expect((await model.respond(conversation(), asking())).costUsd).toBeUndefined()
  }))

test('arguments that were cut off become an invalid call, and the next request is still valid', () =>
  withGpt(
    [{ calls: [{ name: 'bash', json: '{"command": "npm te' }], stop: 'max_tokens' }, { text: 'Again.' }],
    async (model, api) => {
      const first = await model.respond(conversation(), asking())
      expect(first.entry.origin.stop).toBe('max_tokens')
      expect(first.entry.parts).toMatchObject([{ type: 'tool_call', invalid: expect.any(String) }])
      await model.respond(after(conversation(), first, 'cut off'), asking())
      expect(api.rejections).toEqual([])
    },
  ))
