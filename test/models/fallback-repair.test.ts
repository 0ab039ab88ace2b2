import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import { createFallbackModel } from '../../src/models/chain/fallback.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import type { Script } from '../stand-ins/models/script.ts'
import { startOpenAI } from '../stand-ins/openai.ts'
import { after, asking, conversation, textOf } from './conversation.ts'

async function start(claudeScript: Script, gptScript: Script) {
  const [claude, gpt] = await Promise.all([
    startAnthropic({ script: claudeScript }),
    startOpenAI({ script: gptScript }),
  ])
  const { apiKey, baseUrl } = claude
  const model = createFallbackModel({
    models: [
      createAnthropicModel({ model: 'claude-opus-5-5', apiKey, baseUrl }),
      createAnthropicModel({ model: 'claude-sonnet-5-5', apiKey, baseUrl }),
      createOpenAIModel({ model: 'gpt-6.1-sol', apiKey: gpt.apiKey, baseUrl: gpt.baseUrl }),
    ],
    retry: { sleep: () => Promise.resolve() },
  })
  return { claude, gpt, model, close: () => Promise.all([claude.close(), gpt.close()]) }
}

const LOOK = { reasoning: 'Hm.', calls: [{ name: 'bash', args: { command: 'npm test' } }] }

test('a transcript whose thinking no longer fits is repaired once, and stays repaired', async () => {
  const { claude, model, close } = await start(
    [LOOK, { text: 'never' }, LOOK, { text: 'Done.' }],
    [{ text: 'GPT.' }],
  )
  try {
    const first = await model.respond(conversation('Fix it.'), asking())
    // A bug elsewhere: what stood before the thinking is not the same any more.
    let transcript = after(conversation('Fix it, please.'), first)
    const second = await model.respond(transcript, asking())
    expect(second.attempts).toBe(2)
    transcript = after(transcript, second)
    expect(textOf(await model.respond(transcript, asking()))).toBe('Done.')
    expect(claude.rejections).toHaveLength(1)
    expect(claude.turns()).toHaveLength(4)
    const types = claude
      .turns()[3]
      .messages.flatMap(({ content }: { content: { type: string }[] }) => content.map(({ type }) => type))
    // The new thinking is kept, the old one is gone.
    expect(types.filter((type: string) => type === 'thinking')).toHaveLength(1)
  } finally {
    await close()
  }
})

test('a request that one provider rejects goes to another provider once, and is never repeated', async () => {
  const { claude, gpt, model, close } = await start([{ fault: { status: 400 } }], [{ text: 'GPT.' }])
  try {
    expect(textOf(await model.respond(conversation(), asking()))).toBe('GPT.')
    expect(claude.turns()).toHaveLength(1)
    expect(gpt.turns()).toHaveLength(1)
  } finally {
    await close()
  }
})

test('a long conversation that is rejected without its reasoning, too, is taken for too long', async () => {
  const { claude, gpt, model, close } = await start(
    [{ ...LOOK, usage: { input: 120_000 } }, { fault: { status: 400 } }],
    [{ text: 'GPT.' }],
  )
  try {
    const transcript = after(conversation(), await model.respond(conversation(), asking()))
    await expect(model.respond(transcript, asking())).rejects.toMatchObject({ class: 'context', status: 400 })
    expect([claude.turns().length, gpt.turns().length]).toEqual([3, 0])
  } finally {
    await close()
  }
})

test('a request that two providers reject ends there', async () => {
  const { claude, gpt, model, close } = await start(
    [{ fault: { status: 400 } }],
    [{ fault: { status: 400 } }],
  )
  try {
    await expect(model.respond(conversation(), asking())).rejects.toMatchObject({ class: 'bad_request' })
    expect([claude.turns().length, gpt.turns().length]).toEqual([1, 1])
  } finally {
    await close()
  }
})

test('a refusal gets one other opinion', async () => {
  const { claude, model, close } = await start(
    [{ fault: 'refusal', category: 'general_harms' }],
    [{ text: 'Sure.' }],
  )
  try {
    expect(textOf(await model.respond(conversation(), asking()))).toBe('Sure.')
    expect(claude.turns()).toHaveLength(1)
  } finally {
    await close()
  }
})

test.each(['cyber', 'bio'])('a refusal about %s is final', async (category) => {
  const { gpt, model, close } = await start([{ fault: 'refusal', category }], [{ text: 'Sure.' }])
  try {
    await expect(model.respond(conversation(), asking())).rejects.toMatchObject({
      class: 'refusal',
      category,
    })
    expect(gpt.turns()).toHaveLength(0)
  } finally {
    await close()
  }
})

test('a run that is cancelled while it waits ends with the reason', async () => {
  const claude = await startAnthropic({ script: [{ fault: { status: 500 } }] })
  const { apiKey, baseUrl } = claude
  const model = createFallbackModel({
    models: [createAnthropicModel({ model: 'claude-opus-5-5', apiKey, baseUrl })],
  })
  const controller = new AbortController()
  try {
    const onNotice = () => controller.abort(new Error('stopped by a human'))
    const turn = model.respond(conversation(), asking({ signal: controller.signal, onNotice }))
    await expect(turn).rejects.toThrow('stopped by a human')
  } finally {
    await claude.close()
  }
})
