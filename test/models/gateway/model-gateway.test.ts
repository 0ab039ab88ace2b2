import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type GatewayRefusal, judgeRequest } from '../../../src/models/gateway/judge-request.ts'
import {
  createModelGateway,
  type GatewayTurn,
  type ModelGatewayOptions,
} from '../../../src/models/gateway/model-gateway.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import type { Script } from '../../stand-ins/models/script.ts'

const MODEL = 'claude-opus-5-5'
const BODY = { model: MODEL, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }], stream: true }

async function open(script: Script, given: Partial<ModelGatewayOptions> = {}) {
  const claude = await startAnthropic({ script })
  onTestFinished(() => claude.close())
  const turns: GatewayTurn[] = []
  const gateway = createModelGateway({
    runId: 'run-1',
    upstream: { apiKey: claude.apiKey, baseUrl: claude.baseUrl },
    models: [MODEL],
    refusal: () => undefined,
    judge: judgeRequest,
    onTurn: (turn) => void turns.push(turn),
    ...given,
  })
  const ask = (body: unknown, headers: Record<string, string> = {}, path = '/v1/messages?beta=true') =>
    gateway.handle(
      new Request(`http://gateway.local${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${gateway.token}`,
          'anthropic-version': '2023-06-01',
          'content-type': 'application/json',
          ...headers,
        },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    )
  return { claude, turns, gateway, ask }
}

test('a turn goes through byte for byte, with the real key, and is metered', async () => {
  const { claude, turns, ask } = await open([
    { text: 'Hello.', usage: { input: 1000, output: 20, cacheRead: 7 } },
  ])
  const text = JSON.stringify(BODY)
  const answer = await ask(text, {
    'x-api-key': 'of-somebody',
    cookie: 'a=b',
    'x-forwarded-for': '10.0.0.1',
    'anthropic-beta': 'effort-2025-11-24',
  })
  expect(answer.status).toBe(200)
  expect(await answer.text()).toContain('message_stop')
  const [request] = claude.requests
  expect(JSON.stringify(request?.body)).toBe(text)
  expect(request?.headers).toMatchObject({
    'x-api-key': claude.apiKey,
    'anthropic-beta': 'effort-2025-11-24',
  })
  expect(Object.keys(request?.headers ?? {})).not.toEqual(expect.arrayContaining(['cookie']))
  expect(request?.headers.authorization).toBeUndefined()
  expect(request?.headers['x-forwarded-for']).toBeUndefined()
  expect(turns).toMatchObject([
    {
      model: MODEL,
      status: 200,
      stop: 'end_turn',
      usage: { input: 1000, output: 20, cacheRead: 7, cacheWrite: 0 },
    },
  ])
})

test('an answer that is not streamed is metered as well', async () => {
  const { turns, ask } = await open([{ text: 'Hello.', usage: { input: 5, output: 6 } }])
  await (await ask({ ...BODY, stream: false })).text()
  expect(turns).toMatchObject([{ usage: { input: 5, output: 6 } }])
})

test('the real SDK works through it, over real HTTP', async () => {
  const { gateway } = await open([{ text: 'Hello.', calls: [{ name: 'bash', args: { command: 'ls' } }] }])
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [
      name,
      String(value),
    ])
    const init = { method: incoming.method ?? 'GET', headers, body: Buffer.concat(chunks) }
    const answer = await gateway.handle(new Request(`http://gateway.local${incoming.url}`, init))
    outgoing.writeHead(answer.status, Object.fromEntries(answer.headers))
    for await (const chunk of answer.body ?? []) outgoing.write(chunk)
    outgoing.end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const client = new Anthropic({
    apiKey: null,
    authToken: gateway.token,
    baseURL: `http://127.0.0.1:${port}`,
    maxRetries: 0,
  })
  const message = await client.messages
    .stream({ model: MODEL, max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] })
    .finalMessage()
  expect(message.content).toMatchObject([
    { type: 'text', text: 'Hello.' },
    { type: 'tool_use', name: 'bash' },
  ])
})

test.each([
  ['another token', BODY, { authorization: 'Bearer bsr_run-1.x' }, 401],
  ['no token', BODY, { authorization: '' }, 401],
  ['another model', { ...BODY, model: 'claude-fable-5-1' }, {}, 403],
  [
    'a tool of the server',
    { ...BODY, tools: [{ type: 'web_search_20260209', name: 'web_search' }] },
    {},
    400,
  ],
  ['an MCP server', { ...BODY, mcp_servers: [{ type: 'url', url: 'https://thief.example' }] }, {}, 400],
  ['a container', { ...BODY, container: 'c' }, {}, 400],
  [
    'an image by its address',
    {
      ...BODY,
      messages: [
        {
          role: 'user',
          content: [{ type: 'image', source: { type: 'url', url: 'https://thief.example/a.png' } }],
        },
      ],
    },
    {},
    400,
  ],
  [
    'a document by its address, in a result',
    {
      ...BODY,
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't',
              content: [{ type: 'document', source: { type: 'url', url: 'https://thief.example' } }],
            },
          ],
        },
      ],
    },
    {},
    400,
  ],
  [
    'a file of the account',
    { ...BODY, system: [{ type: 'document', source: { type: 'file', file_id: 'f' } }] },
    {},
    400,
  ],
  ['two models', `{"model":"claude-fable-5-1","model":"${MODEL}","max_tokens":1,"messages":[]}`, {}, 400],
  ['white space that hides a field', JSON.stringify(BODY, null, 1), {}, 400],
  ['no JSON', '{"model"', {}, 400],
  ['a list', '[]', {}, 400],
  ['33 MiB', 'x'.repeat(33 * 1024 * 1024), {}, 413],
] as const)('%s is refused, is not repeated, and does not reach Anthropic', async (_name, body, headers, status) => {
  const { claude, turns, ask } = await open([{ text: 'Never.' }])
  const answer = await ask(body, headers)
  expect(answer.status).toBe(status)
  expect(answer.headers.get('x-should-retry')).toBe('false')
  expect(await answer.json()).toMatchObject({ type: 'error', error: { message: expect.any(String) } })
  expect(claude.requests).toEqual([])
  expect(turns).toEqual([])
})

test.each(['/v1/messages/count_tokens', '/v1/models', '/v1/files', '/'])('%s is not served', async (path) => {
  const { claude, ask } = await open([])
  expect((await ask(BODY, {}, path)).status).toBe(404)
  expect(claude.requests).toEqual([])
})

test('the budget counts before a request is sent on', async () => {
  let refusal: GatewayRefusal | undefined
  const { claude, ask } = await open([{ text: 'One.' }], { refusal: () => refusal })
  expect((await ask(BODY)).status).toBe(200)
  refusal = { status: 402, type: 'billing_error', message: 'The run reached its limit.' }
  const answer = await ask(BODY)
  expect([answer.status, answer.headers.get('x-should-retry')]).toEqual([402, 'false'])
  expect(claude.requests).toHaveLength(1)
})

test('four requests at once, until their answers end', async () => {
  const { ask } = await open([{ text: 'So far', fault: 'stall', at: 'text' }])
  const answers = []
  for (let count = 0; count < 4; count++) answers.push(await ask(BODY))
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect((await ask(BODY)).status).toBe(429)
  await answers[0]?.body?.cancel()
  expect((await ask(BODY)).status).toBe(200)
})

test('an answer that stalls ends, and is metered as far as it came', async () => {
  const { turns, ask } = await open([{ text: 'So far', fault: 'stall', at: 'text' }])
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  let text = ''
  for await (const chunk of (await ask(BODY)).body ?? []) {
    text += Buffer.from(chunk)
    // The limit of the read that comes next.
    if (text.includes('So far')) setImmediate(() => vi.runOnlyPendingTimers())
  }
  expect(text).toContain('message_start')
  expect(text).not.toContain('message_stop')
  expect(turns).toMatchObject([{ model: MODEL, stop: 'unknown' }])
})

test('when the client leaves, the request to Anthropic ends', async () => {
  const { turns, ask } = await open([{ text: 'So far', fault: 'stall', at: 'text' }])
  const answer = await ask(BODY)
  const reader = answer.body?.getReader()
  await reader?.read()
  await reader?.cancel()
  expect(turns).toHaveLength(1)
})

test('a status of Anthropic goes back as it is', async () => {
  const { turns, ask } = await open([{ fault: { status: 429, retryAfter: 7 } }])
  const answer = await ask(BODY)
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
  await answer.text()
  expect(turns).toMatchObject([{ status: 429 }])
})

test('a closed gateway refuses, and breaks off what is under way', async () => {
  const { gateway, ask } = await open([{ text: 'So far', fault: 'stall', at: 'text' }])
  const underWay = await ask(BODY)
  gateway.close()
  expect(await underWay.text()).not.toContain('message_stop')
  expect((await ask(BODY)).status).toBe(401)
})
