import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import { uniqueCalls } from '../../src/models/calls.ts'
import { createCompatibleModel, type KnownServers } from '../../src/models/compatible/compatible.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import type { Entry, Transcript } from '../../src/models/transcript.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startChat } from '../stand-ins/chat.ts'
import type { Step } from '../stand-ins/models/script.ts'
import { startOpenAI } from '../stand-ins/openai.ts'
import { after, asking, conversation } from './conversation.ts'

const call = fc.constantFrom(
  { name: 'bash', args: { command: 'ls' } },
  { name: 'bash', json: '{"comm' },
  { name: 'bash', json: '[1]' },
  { name: 'made up!', args: {} },
)
const answer = fc.record(
  {
    text: fc.constantFrom('Looking.', '', ' '),
    reasoning: fc.constantFrom('Hm.', ''),
    calls: fc.array(call, { maxLength: 3 }),
    stop: fc.constant('max_tokens' as const),
  },
  { requiredKeys: [] },
)
const step = fc.record({
  model: fc.integer({ min: 0, max: 7 }),
  answer,
  afterwards: fc.constantFrom('results', 'a note', 'a person', 'a crash'),
})

/** The transcript as it is found when the process that wrote it dies after its last answer. */
function withoutResults({ system, entries }: Transcript): Transcript {
  return { system, entries: entries.at(-1)?.role === 'tool' ? entries.slice(0, -1) : entries }
}

test('models take turns in any order, with their own blocks in between, and each request is valid', async () => {
  let next: Step = {}
  const script = () => next
  const [claude, gpt, ...servers] = await Promise.all([
    startAnthropic({ script }),
    startOpenAI({ script }),
    ...(['mistral', 'openrouter', 'qwen_words'] as const).map((dialect) => startChat({ dialect, script })),
  ])
  const known: KnownServers = new Map()
  const violations: string[] = []
  const onViolation = (violation: string) => {
    // The transcript of a crash lacks results, which is what it is about.
    if (!/^(?:entry \d+ comes before|the results of)/.test(violation)) violations.push(violation)
  }
  const ofClaude = { apiKey: claude.apiKey, baseUrl: claude.baseUrl, onViolation }
  const ofGpt = { apiKey: gpt.apiKey, baseUrl: gpt.baseUrl, onViolation }
  const note: Entry = { role: 'harness', parts: [{ type: 'text', text: 'Budget.' }] }
  const person: Entry = { role: 'user', parts: [{ type: 'text', text: 'The docs, too.' }] }
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 6 }), async (steps) => {
        const models = [
          ...['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-4-5'].map((model) =>
            createAnthropicModel({ model, ...ofClaude }),
          ),
          ...['gpt-6.1-sol', 'gpt-6-sol'].map((model) => createOpenAIModel({ model, ...ofGpt })),
          ...servers.map(({ apiKey, baseUrl }, index) =>
            createCompatibleModel({
              provider: `compatible-s${index}`,
              model: 'some-model',
              apiKey,
              baseUrl,
              known,
              onViolation,
            }),
          ),
        ]
        let transcript = conversation()
        for (const { model, answer, afterwards } of steps) {
          next = answer
          const turn = await models[model]?.respond(transcript, asking())
          if (!turn) throw new RangeError('there are eight models')
          // As the chain does: servers restart the numbers of their calls.
          const entry = uniqueCalls(turn.entry, transcript.entries)
          transcript = JSON.parse(JSON.stringify(after(transcript, { ...turn, entry }))) as Transcript
          const added = afterwards === 'a note' ? [note] : afterwards === 'a person' ? [person] : []
          transcript = { ...transcript, entries: [...transcript.entries, ...added] }
          if (afterwards === 'a crash') transcript = withoutResults(transcript)
        }
      }),
      { numRuns: 30 },
    )
    const rejections = [claude, gpt, ...servers].flatMap((api) => api.rejections)
    expect([rejections, violations]).toEqual([[], []])
  } finally {
    await Promise.all([claude, gpt, ...servers].map((api) => api.close()))
  }
})
