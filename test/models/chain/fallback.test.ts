import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import { createFallbackModel } from '../../../src/models/chain/fallback.ts'
import { createProviderBreaker, type ProviderBreaker } from '../../../src/models/chain/provider-breaker.ts'
import type { Model, ModelNotice } from '../../../src/models/model.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import { createOpenAIModel } from '../../../src/models/openai/openai.ts'
import type { Entry } from '../../../src/models/transcript.ts'
import { type AnthropicStandIn, startAnthropic } from '../../stand-ins/anthropic.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { type OpenAIStandIn, startOpenAI } from '../../stand-ins/openai.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

interface Scene {
  readonly model: Model
  readonly claude: AnthropicStandIn
  readonly gpt: OpenAIStandIn
  readonly waits: number[]
  readonly notices: ModelNotice[]
  /** Another run in the same process. */
  readonly nextRun: () => Model
}

/** Two Claude models and one of OpenAI over their stand-ins; waits are noted instead of waited for. */
async function withChain(
  {
    claude: claudeScript,
    gpt: gptScript,
    breaker,
  }: { claude: Script; gpt: Script; breaker?: ProviderBreaker },
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const [claude, gpt] = await Promise.all([
    startAnthropic({ script: claudeScript }),
    startOpenAI({ script: gptScript }),
  ])
  const waits: number[] = []
  const notices: ModelNotice[] = []
  const models = [
    createAnthropicModel({ model: 'claude-opus-5-5', apiKey: claude.apiKey, baseUrl: claude.baseUrl }),
    createAnthropicModel({ model: 'claude-sonnet-5-5', apiKey: claude.apiKey, baseUrl: claude.baseUrl }),
    createOpenAIModel({ model: 'gpt-6.1-sol', apiKey: gpt.apiKey, baseUrl: gpt.baseUrl }),
  ]
  const sleep = (ms: number) => Promise.resolve(void waits.push(ms))
  const shared = breaker ?? createProviderBreaker()
  const nextRun = () => createFallbackModel({ models, breaker: shared, retry: { sleep, random: () => 0.5 } })
  try {
    await use({ model: nextRun(), claude, gpt, waits, notices, nextRun })
    expect(gpt.rejections).toEqual([])
  } finally {
    await Promise.all([claude.close(), gpt.close()])
  }
}

const LOOK = { reasoning: 'Hm.', text: 'Looking.', calls: [{ name: 'bash', args: { command: 'npm test' } }] }
const HELLO = { text: 'Hello from GPT.' }

function noticing(notices: ModelNotice[]) {
  return asking({ onNotice: (notice) => notices.push(notice) })
}

test('Claude fails in the middle of a run and OpenAI goes on from the same transcript, and stays', () =>
  withChain(
    {
      claude: [LOOK, { fault: { status: 402 } }],
      gpt: [{ calls: [{ name: 'bash', args: { command: 'git diff' } }] }, { text: 'Done.' }],
    },
    async ({ model, claude, gpt, notices, waits }) => {
      const first = await model.respond(conversation(), asking())
      let transcript = after(conversation(), first, 'exit 1')
      const second = await model.respond(transcript, noticing(notices))
      expect(second.notes).toHaveLength(1)
      expect(second.notes[0]?.parts[0]?.text).toMatch(
        /changed from anthropic:claude-opus-5-5 to openai:gpt-6.1-sol: The Anthropic account has no credit .* all edits so far/,
      )
      expect(second.attempts).toBe(2)
      expect(model.name).toBe('openai:gpt-6.1-sol')
      transcript = after(transcript, second)
      const third = await model.respond(transcript, asking())
      expect(textOf(third)).toBe('Done.')
      expect(third.notes).toEqual([])
      expect(claude.turns()).toHaveLength(2)
      expect(waits).toEqual([])
      expect(notices).toMatchObject([
        { kind: 'switch', from: 'anthropic:claude-opus-5-5', errorClass: 'billing' },
      ])
      const input = gpt.turns()[1].input
      expect(input.slice(0, gpt.turns()[0].input.length)).toEqual(gpt.turns()[0].input)
      expect(JSON.stringify(gpt.turns())).not.toContain('Hm.')
    },
  ))

test('a run that goes on in another process stays with the model that answered; a follow-up run starts with the first', () =>
  withChain(
    {
      claude: (_request, index) => (index < 7 ? { fault: { status: 529 } } : { text: 'Back.' }),
      gpt: [HELLO],
    },
    async ({ model, claude, nextRun }) => {
      const transcript = after(conversation(), await model.respond(conversation(), asking()))
      expect(claude.turns()).toHaveLength(7)
      const resumed = await nextRun().respond(transcript, asking())
      expect(resumed).toMatchObject({ notes: [], entry: { origin: { provider: 'openai' } } })
      const followUp: Entry = { role: 'user', parts: [{ type: 'text', text: 'And the docs.' }] }
      const entries = [...transcript.entries, followUp]
      expect(textOf(await nextRun().respond({ ...transcript, entries }, asking()))).toBe('Back.')
    },
  ))

test('a transient failure is tried four more times with growing waits, each announced', () =>
  withChain(
    {
      claude: (_request, index) => (index < 4 ? { fault: { status: 500 } } : { text: 'There.' }),
      gpt: [HELLO],
    },
    async ({ model, waits, notices }) => {
      const turn = await model.respond(conversation(), noticing(notices))
      expect(textOf(turn)).toBe('There.')
      expect(turn.attempts).toBe(5)
      expect(waits).toEqual([1000, 2000, 4000, 8000])
      expect(notices.map((notice) => notice.kind === 'retry' && notice.attempt)).toEqual([2, 3, 4, 5])
    },
  ))

test('an overload of half a minute changes nothing for the run, and Retry-After is kept to the second', () =>
  withChain(
    {
      claude: [
        ...[{ status: 529 }, { status: 529 }, { status: 529, retryAfter: 1 }].map((fault) => ({ fault })),
        ...[
          { status: 529, retryAfter: 21 },
          { status: 503, retryAfter: 1 },
        ].map((fault) => ({ fault })),
        { text: 'Opus.' },
      ],
      gpt: [HELLO],
    },
    async ({ model, waits, notices }) => {
      const turn = await model.respond(conversation(), noticing(notices))
      expect([textOf(turn), turn.entry.origin.model]).toEqual(['Opus.', 'claude-opus-5-5'])
      expect(waits).toEqual([2000, 4000, 1000, 21_000, 1000])
      expect(notices.filter(({ kind }) => kind === 'switch')).toEqual([])
    },
  ))

test('a rate limit is waited out as the provider asks, but neither long nor for ever', () =>
  withChain(
    {
      claude: ({ body }, index) => {
        if (body.model !== 'claude-opus-5-5') return { fault: { status: 429, retryAfter: 46 } }
        return { fault: { status: 429, retryAfter: [45, 40, 30, 36][index] ?? 1 } }
      },
      gpt: [HELLO],
    },
    async ({ model, waits }) => {
      expect(textOf(await model.respond(conversation(), asking()))).toBe('Hello from GPT.')
      expect(waits).toEqual([45_000, 40_000, 30_000])
    },
  ))

test('an account without money takes its provider out of use for later runs too, until the time is over', async () => {
  let now = 0
  const breaker = createProviderBreaker({ now: () => now })
  await withChain(
    { claude: [{ fault: { status: 402 } }], gpt: [HELLO], breaker },
    async ({ model, claude, nextRun }) => {
      await model.respond(conversation(), asking())
      const notices: ModelNotice[] = []
      await nextRun().respond(conversation(), noticing(notices))
      expect(claude.turns()).toHaveLength(1)
      // No request went to Claude here, but people want to know why Claude does not work on it.
      expect(notices).toMatchObject([
        {
          kind: 'switch',
          from: 'anthropic:claude-opus-5-5',
          to: 'openai:gpt-6.1-sol',
          errorClass: 'billing',
        },
      ])
      const why = 'says that the account has no money left'
      expect(breaker.blocked()).toEqual([{ provider: 'anthropic', why, until: new Date(600_000) }])
      now = 600_001
      expect(breaker.blocked()).toEqual([])
      await nextRun().respond(conversation(), asking())
      expect(claude.turns()).toHaveLength(2)
    },
  )
})

test('an unknown model is left out for the rest of the run', () =>
  withChain(
    {
      claude: ({ body }) =>
        body.model === 'claude-opus-5-5' ? { fault: { status: 404 } } : { text: 'Sonnet.' },
      gpt: [HELLO],
    },
    async ({ model, claude }) => {
      const first = await model.respond(conversation(), asking())
      await model.respond(after(conversation(), first), asking())
      expect(claude.turns().map((body) => body.model)).toEqual([
        'claude-opus-5-5',
        'claude-sonnet-5-5',
        'claude-sonnet-5-5',
      ])
    },
  ))

test('when the fallback fails too, the run goes back', () =>
  withChain({ claude: [LOOK, { fault: { status: 413 } }], gpt: [HELLO] }, async ({ model }) => {
    const first = await model.respond(conversation(), asking())
    const error = await model.respond(after(conversation(), first), asking()).catch((reason) => reason)
    expect(error).toMatchObject({ class: 'context', provider: 'anthropic' })
  }))

test('a model that failed is asked again once its substitute fails', () =>
  withChain(
    {
      claude: ({ body }, index) =>
        index < 7 && body.messages.length === 1 ? { fault: { status: 529 } } : { text: 'Back.' },
      gpt: [HELLO, { fault: { status: 401 } }],
    },
    async ({ model, notices }) => {
      const first = await model.respond(conversation(), asking())
      expect(textOf(first)).toBe('Hello from GPT.')
      const second = await model.respond(after(conversation(), first), noticing(notices))
      expect(textOf(second)).toBe('Back.')
      expect(second.notes[0]?.parts[0]?.text).toContain(
        'from openai:gpt-6.1-sol to anthropic:claude-opus-5-5',
      )
      expect(notices.at(-1)).toMatchObject({ kind: 'switch', errorClass: 'auth' })
    },
  ))

test('when no model can go on, the error says why, and for which models', () =>
  withChain(
    { claude: [{ fault: { status: 401 } }], gpt: [{ fault: { status: 429, type: 'insufficient_quota' } }] },
    async ({ model }) => {
      const error: unknown = await model.respond(conversation(), asking()).catch((reason) => reason)
      if (!(error instanceof ModelError)) throw error
      expect(error.class).toBe('billing')
      expect(error.reasons).toHaveLength(2)
      expect(error.reasons[0]).toMatch(/^anthropic:claude-opus-5-5, anthropic:\S+: Anthropic refused the key/)
      expect(error.reasons[1]).toContain('openai:gpt-6.1-sol: The OpenAI account has no credit')
      expect(error.userMessage).toBe(error.reasons.join(' '))
    },
  ))
