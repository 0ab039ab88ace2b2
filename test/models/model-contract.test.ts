import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import { createFallbackModel } from '../../src/models/chain/fallback.ts'
import { createCompatibleModel } from '../../src/models/compatible/compatible.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import { createScriptedModel } from '../../src/models/scripted.ts'
import { modelContract, type StartModel } from '../contracts/model.contract.ts'
import { startAnthropic } from '../stand-ins/anthropic.ts'
import { startChat } from '../stand-ins/chat.ts'
import { CHAT_DIALECTS, type DialectName } from '../stand-ins/models/chat-dialects.ts'
import type { ScriptedAnswer, Step } from '../stand-ins/models/script.ts'
import { startOpenAI } from '../stand-ins/openai.ts'

function scriptOf(turns: readonly ScriptedAnswer[], hang = false): readonly Step[] {
  return hang ? turns.map((turn) => ({ ...turn, fault: 'stall', at: 'text' })) : turns
}

/** A subject must not only answer: every request has to be one that the real API would take. */
function strict(rejections: readonly string[]): void {
  if (rejections.length > 0) throw new Error(`rejected: ${rejections.join('; ')}`)
}

function failOnViolation(violation: string): never {
  throw new Error(violation)
}

const startClaude: StartModel = async (turns, hang) => {
  const api = await startAnthropic({ script: scriptOf(turns, hang) })
  const { apiKey, baseUrl } = api
  const model = createAnthropicModel({
    model: 'claude-opus-5-5',
    apiKey,
    baseUrl,
    onViolation: failOnViolation,
  })
  return { model, close: () => api.close().then(() => strict(api.rejections)) }
}

const startGpt: StartModel = async (turns, hang) => {
  const api = await startOpenAI({ script: scriptOf(turns, hang) })
  const { apiKey, baseUrl } = api
  const model = createOpenAIModel({ model: 'gpt-6.1-sol', apiKey, baseUrl, onViolation: failOnViolation })
  return { model, close: () => api.close().then(() => strict(api.rejections)) }
}

modelContract('anthropic', startClaude)
modelContract('openai', startGpt)

for (const dialect of Object.keys(CHAT_DIALECTS) as DialectName[]) {
  // Their differences are what other tests are about.
  if (dialect === 'without_tools' || dialect === 'counts_nothing') continue
  modelContract(dialect, async (turns, hang) => {
    const api = await startChat({ dialect, script: scriptOf(turns, hang) })
    const { apiKey, baseUrl } = api
    const model = createCompatibleModel({
      provider: 'compatible',
      model: 'some-model',
      apiKey,
      baseUrl,
      known: new Map(),
      onViolation: failOnViolation,
    })
    return { model, close: () => api.close().then(() => strict(api.rejections)) }
  })
}

modelContract('fallback', async (turns, hang) => {
  const [claude, gpt] = await Promise.all([startClaude(turns, hang), startGpt(turns, hang)])
  const model = createFallbackModel({ models: [claude.model, gpt.model] })
  return { model, close: () => Promise.all([claude.close(), gpt.close()]).then(() => {}) }
})

modelContract('scripted', async (turns, hang = false) => {
  const script = turns.map(({ text, calls = [], usage }) => ({
    ...(text === undefined ? {} : { text }),
    calls: calls.map(({ name, args }) => ({ name, args })),
    ...(usage === undefined ? {} : { usage }),
    delayMs: hang ? 60_000 : 0,
  }))
  return { model: createScriptedModel({ turns: script }), close: () => Promise.resolve() }
})
