import { expect, onTestFinished, test, vi } from 'vitest'
import { createClaudeModel } from '../../../src/models/anthropic/anthropic.ts'
import { createBedrockHost, createVertexHost } from '../../../src/models/anthropic/claude-host.ts'
import type { Model } from '../../../src/models/model.ts'
import { modelContract } from '../../contracts/model.contract.ts'
import { startBedrock, startVertex } from '../../stand-ins/claude-clouds.ts'
import type { Script } from '../../stand-ins/models/script.ts'
import { after, asking, conversation, textOf } from '../conversation.ts'

const BEDROCK_ID = 'eu.anthropic.claude-opus-5-5-v1:0'
const VERTEX_ID = 'claude-opus-5-5@20261001'

function failOnViolation(violation: string): never {
  throw new Error(violation)
}

async function startOnBedrock(script: Script) {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIASTANDIN')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'stand-in-secret')
  const api = await startBedrock({ script })
  const host = await createBedrockHost({ region: 'eu-west-1', baseUrl: api.origin })
  const model = createClaudeModel({ model: BEDROCK_ID, onViolation: failOnViolation }, host)
  return { api, model }
}

async function startOnVertex(script: Script) {
  const api = await startVertex({ script })
  vi.stubEnv('GCE_METADATA_HOST', api.metadataHost)
  vi.stubEnv('METADATA_SERVER_DETECTION', 'assume-present')
  const place = { region: 'europe-west1', projectId: 'my-project', baseUrl: `${api.origin}/v1` }
  const model = createClaudeModel(
    { model: VERTEX_ID, onViolation: failOnViolation },
    await createVertexHost(place),
  )
  return { api, model }
}

for (const [title, start] of [
  ['bedrock', startOnBedrock],
  ['vertex', startOnVertex],
] as const)
  modelContract(title, async (turns, hang) => {
    const { api, model } = await start(
      hang ? turns.map((turn) => ({ ...turn, fault: 'stall', at: 'text' })) : turns,
    )
    return { model, close: () => api.close().then(() => expect(api.claude.rejections).toEqual([])) }
  })

const LOOK = { reasoning: 'Hm.', text: 'Looking.', calls: [{ name: 'bash', args: { command: 'ls' } }] }

test.each([
  ['bedrock', startOnBedrock, BEDROCK_ID],
  ['vertex', startOnVertex, VERTEX_ID],
] as const)('%s thinks, caches the prompt and knows its price, without what only Anthropic itself takes', async (provider, start, id) => {
  const { api, model } = await start([LOOK, { text: 'Done.' }])
  onTestFinished(() => api.close())
  const long = conversation('Fix it. '.repeat(2000))
  const first = await model.respond(long, asking())
  const second = await model.respond(after(long, first), asking())
  expect(textOf(second)).toBe('Done.')
  expect(second.entry.origin).toMatchObject({ provider, model: id })
  expect(second.entry.origin.usage.cacheRead).toBeGreaterThan(3000)
  expect(second.costUsd).toBeGreaterThan(0)
  expect(model.contextWindow).toBe(1_000_000)
  // Two requests for two turns: nothing was refused and sent again.
  const [asked] = api.claude.turns()
  expect(api.requests.filter(({ path }) => !path.startsWith('/computeMetadata/'))).toHaveLength(2)
  expect(asked.thinking).toEqual({ type: 'adaptive', display: 'summarized' })
  expect(asked.messages.at(-1).content.at(-1).cache_control).toEqual({ type: 'ephemeral' })
})

test('an access token of Google serves all turns until it expires', async () => {
  const { api, model } = await startOnVertex([{ text: 'Fine.' }])
  onTestFinished(() => api.close())
  for (let turn = 0; turn < 3; turn++) await model.respond(conversation(), asking())
  expect(api.tokens()).toBe(1)
})

test.each([
  [403, 'auth', 'AWS credentials'],
  [404, 'model_missing', 'AWS_REGION'],
  [429, 'rate_limited', 'Amazon Bedrock'],
  [503, 'transient', 'Amazon Bedrock'],
] as const)('status %i of Bedrock is %s, and says what to check', async (status, errorClass, words) => {
  const { api, model } = await startOnBedrock([{ fault: { status, retryAfter: 1 } }])
  onTestFinished(() => api.close())
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({
    provider: 'bedrock',
    class: errorClass,
    userMessage: expect.stringContaining(words),
  })
})

test('credentials that cannot be found are named', async () => {
  const api = await startBedrock({ script: [] })
  onTestFinished(() => api.close())
  for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  vi.stubEnv('HOME', '/nonexistent')
  const host = await createBedrockHost({ region: 'eu-west-1', baseUrl: api.origin })
  const model: Model = createClaudeModel({ model: BEDROCK_ID }, host)
  await expect(model.respond(conversation(), asking())).rejects.toMatchObject({ class: 'auth' })
})
