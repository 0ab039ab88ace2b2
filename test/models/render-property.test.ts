import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import { renderAnthropic } from '../../src/models/anthropic/render-anthropic.ts'
import { renderChat } from '../../src/models/compatible/render-chat.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import { renderOpenAI } from '../../src/models/openai/render-openai.ts'
import { checkPrefix } from '../../src/models/prefix-check.ts'
import type { Entry, ToolResultPart, Transcript } from '../../src/models/transcript.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { checkAnthropicRequest } from '../stand-ins/models/anthropic-rules.ts'
import { CHAT_DIALECTS } from '../stand-ins/models/chat-dialects.ts'
import { checkChatRequest } from '../stand-ins/models/chat-rules.ts'
import { checkOpenAIRequest } from '../stand-ins/models/openai-rules.ts'
import { startOpenAI } from '../stand-ins/openai.ts'
import { asking, TOOLS } from './conversation.ts'

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\n', 'Fix it.', '\ud800'),
)
const textPart = text.map((value) => ({ type: 'text', text: value }) as const)
const image = fc.constant({ type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=' } as const)
const provider = fc.constantFrom('anthropic', 'openai', 'compatible', 'scripted')
const callId = fc.oneof(
  fc.string({ minLength: 1, maxLength: 80 }),
  fc.constantFrom('toolu_01', 'call_x', 'a.b|c'),
)
const call = fc.record({
  name: fc.oneof(fc.constantFrom('bash', 'edit'), fc.string({ maxLength: 90 })),
  args: fc.dictionary(fc.string(), fc.jsonValue()),
  cut: fc.boolean(),
  id: callId,
})
const turn = fc.record({
  texts: fc.array(textPart, { maxLength: 2 }),
  reasoning: fc.array(text, { maxLength: 1 }),
  calls: fc.array(call, { maxLength: 3 }),
  provider,
  stop: fc.constantFrom('end', 'tool_use', 'max_tokens'),
  /** How the calls are answered: as they should be, or as a crash or a bug would leave them. */
  answers: fc.constantFrom('all', 'all', 'all', 'none', 'reversed', 'doubled'),
  results: fc.array(fc.record({ text, images: fc.array(image, { maxLength: 1 }) }), {
    minLength: 3,
    maxLength: 3,
  }),
  status: fc.constantFrom('ok', 'error', 'skipped', 'interrupted'),
})
const note = textPart.map((part): Entry => ({ role: 'harness', parts: [part] }))
const human = fc
  .array(fc.oneof(textPart, image), { maxLength: 2 })
  .map((parts): Entry => ({ role: 'user', parts }))
const step = fc.oneof(turn, note, human)

/** Random transcripts of an agent that keeps its contract, and of ones that do not. */
const transcripts = fc
  .record({ system: text, first: textPart, steps: fc.array(step, { maxLength: 8 }) })
  .map(({ system, first, steps }): Transcript => {
    const opening: Entry = { role: 'user', parts: [{ ...first, text: `Task: ${first.text}` }] }
    return {
      system,
      entries: [
        opening,
        ...steps.flatMap((item, index) => ('role' in item ? [item] : toEntries(item, index))),
      ],
    }
  })

type RandomTurn = typeof turn extends fc.Arbitrary<infer T> ? T : never

function toEntries(random: RandomTurn, index: number): Entry[] {
  // Ids are unique in a transcript, whichever provider made them.
  const calls = random.calls.map(({ name, args, cut, id }, number) => {
    const base = { type: 'tool_call', id: `${id}${index}_${number}`, name } as const
    return cut ? { ...base, args: undefined, invalid: 'cut off' } : { ...base, args }
  })
  const usage = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1 }
  const reasoning = random.reasoning.map((value) => ({ type: 'reasoning', text: value }) as const)
  const assistant: Entry = {
    role: 'assistant',
    parts: [...reasoning, ...random.texts, ...calls],
    origin: { provider: random.provider, model: 'some-model', responseId: 'r', stop: random.stop, usage },
    native: null,
  }
  const results = calls.map(({ id }, number): ToolResultPart => {
    const { text: said = '', images = [] } = random.results[number] ?? {}
    return { type: 'tool_result', callId: id, status: random.status, text: said, images }
  })
  switch (random.answers) {
    case 'none':
      return [assistant]
    case 'reversed':
      return [assistant, { role: 'tool', parts: results.toReversed() }]
    case 'doubled':
      return [assistant, { role: 'tool', parts: [...results, ...results] }, { role: 'tool', parts: results }]
    default:
      return results.length === 0 ? [assistant] : [assistant, { role: 'tool', parts: results }]
  }
}

const ANTHROPIC_TOOLS = TOOLS.map(({ name, inputSchema }) => ({ name, input_schema: inputSchema }))

test('any transcript becomes a request that the Messages API takes', () => {
  fc.assert(
    fc.property(transcripts, fc.boolean(), (transcript, systemRole) => {
      const { system, messages } = renderAnthropic(transcript, { systemRole })
      const body = { model: 'claude-opus-5-5', max_tokens: 1, system, tools: ANTHROPIC_TOOLS, messages }
      expect(checkAnthropicRequest(JSON.parse(JSON.stringify(body)))).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

test('any transcript becomes a request that the Responses API takes', () => {
  fc.assert(
    fc.property(transcripts, (transcript) => {
      const { instructions, input } = renderOpenAI(transcript, { model: 'gpt-6.1-sol' })
      const body = { model: 'gpt-6.1-sol', instructions, input, store: false }
      expect(checkOpenAIRequest(JSON.parse(JSON.stringify(body)), 0)).toBeUndefined()
    }),
    { numRuns: 500 },
  )
})

test.each([
  'openai',
  'mistral',
  'llama_cpp',
] as const)('any transcript becomes a request that a server of Chat Completions takes: %s', (dialect) => {
  const { [dialect]: server } = CHAT_DIALECTS
  fc.assert(
    fc.property(transcripts, (transcript) => {
      const messages = renderChat(transcript, { ...OTHER, images: server.images === 'seen' })
      const body = JSON.parse(JSON.stringify({ model: 'other-model', messages }))
      expect(checkChatRequest(body, server)).toBeUndefined()
    }),
    { numRuns: 300 },
  )
})

const OTHER = { provider: 'compatible', model: 'other-model', images: true } as const

test('what is added to a transcript after a turn only ever adds to the request', () => {
  fc.assert(
    fc.property(transcripts, (transcript) => {
      const cuts = transcript.entries.flatMap(({ role }, index) => (role === 'assistant' ? [index] : []))
      for (const cut of cuts) {
        const earlier = { ...transcript, entries: transcript.entries.slice(0, cut) }
        expect(checkPrefix(shapeOfClaude(earlier), shapeOfClaude(transcript))).toEqual([])
        expect(checkPrefix(shapeOfGpt(earlier), shapeOfGpt(transcript))).toEqual([])
        expect(checkPrefix(shapeOfChat(earlier), shapeOfChat(transcript))).toEqual([])
      }
    }),
    { numRuns: 200 },
  )
})

function shapeOfClaude(transcript: Transcript) {
  const { system, messages } = renderAnthropic(transcript, { systemRole: true })
  return { head: system, items: messages }
}

function shapeOfChat(transcript: Transcript) {
  return { head: undefined, items: renderChat(transcript, OTHER) }
}

function shapeOfGpt(transcript: Transcript) {
  const { instructions, input } = renderOpenAI(transcript, { model: 'gpt-6.1-sol' })
  return { head: instructions, items: input }
}

test('over the wire, both APIs take random transcripts from the real SDKs', async () => {
  const [claude, gpt] = await Promise.all([
    startAnthropic({ script: [{ text: 'Fine.' }] }),
    startOpenAI({ script: [{ text: 'Fine.' }] }),
  ])
  const models = [
    createAnthropicModel({ model: 'claude-opus-5-5', apiKey: claude.apiKey, baseUrl: claude.baseUrl }),
    createAnthropicModel({ model: 'claude-haiku-4-5', apiKey: claude.apiKey, baseUrl: claude.baseUrl }),
    createOpenAIModel({ model: 'gpt-6.1-sol', apiKey: gpt.apiKey, baseUrl: gpt.baseUrl }),
  ]
  try {
    await fc.assert(
      fc.asyncProperty(transcripts, async (transcript) => {
        for (const model of models) await model.respond(transcript, asking())
      }),
      { numRuns: 25 },
    )
  } finally {
    await Promise.all([claude.close(), gpt.close()])
  }
})
