import { expect, test } from 'vitest'
import { createModelChain } from '../../../src/models/chain/create-model-chain.ts'
import { startOpenAI } from '../../stand-ins/openai.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

const REFS = [
  { provider: 'anthropic', id: 'claude-opus-5-5' },
  { provider: 'openai', id: 'gpt-6.1-sol' },
] as const

function onViolation(violation: string): never {
  throw new Error(violation)
}

test('without keys there is no model, and each provider says why', async () => {
  expect(await createModelChain({ refs: REFS, access: {}, onViolation })).toEqual({
    model: undefined,
    unavailable: ['Anthropic: ANTHROPIC_API_KEY is not set', 'OpenAI: OPENAI_API_KEY is not set'],
  })
})

test('a key that no model of the chain needs is pointed out', async () => {
  const { model, unavailable } = await createModelChain({
    refs: REFS.slice(1),
    access: { anthropic: { apiKey: 'k' } },
    onViolation,
  })
  expect(model).toBeUndefined()
  expect(unavailable[0]).toBe('Anthropic: the model chain (BACKSPACE_MODELS) names none of its models')
})

test('the first model with a key answers', async () => {
  const api = await startOpenAI({ script: [{ text: 'Hello.' }] })
  try {
    const { model, unavailable } = await createModelChain({
      refs: REFS,
      access: { openai: api },
      onViolation,
    })
    expect(unavailable).toEqual(['Anthropic: ANTHROPIC_API_KEY is not set'])
    if (!model) throw new Error('there is a key')
    expect(textOf(await model.respond(conversation(), asking()))).toBe('Hello.')
  } finally {
    await api.close()
  }
})

test('every model of the chain is watched', async () => {
  const api = await startOpenAI({ script: [{ text: 'Hello.' }] })
  const violations: string[] = []
  try {
    const { model } = await createModelChain({
      refs: REFS,
      access: { openai: api },
      onViolation: (violation) => void violations.push(violation),
    })
    const first = await model?.respond(conversation('Fix it.'), asking())
    if (!first) throw new Error('there is a key')
    await model?.respond(after(conversation('Fix it, please.'), first), asking())
    expect(violations).toEqual(['item 0 changed'])
  } finally {
    await api.close()
  }
})

test('a model that is named twice is asked as one', async () => {
  const api = await startOpenAI({ script: [{ fault: { status: 404, code: 'model_not_found' } }] })
  try {
    const { model } = await createModelChain({
      refs: [...REFS, ...REFS],
      access: { openai: api },
      onViolation,
    })
    await expect(model?.respond(conversation(), asking())).rejects.toMatchObject({ class: 'model_missing' })
    expect(api.turns()).toHaveLength(1)
  } finally {
    await api.close()
  }
})
