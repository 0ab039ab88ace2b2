import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import type { Model, Turn } from '../../src/models/model.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import { sendJson, startModelServer } from '../stand-ins/models/model-server.ts'
import { asking, conversation, textOf } from './conversation.ts'

const CALL = { name: 'bash', args: { command: 'npm test' } }

/** What a server makes out of a stream of exactly these events. */
async function turnOf(
  events: readonly { readonly type: string }[],
  create: (options: { baseUrl: string; apiKey: string }) => Model,
  lineEnd = '\n',
): Promise<Turn> {
  const server = await startModelServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events) {
      response.write(`event: ${event.type}${lineEnd}data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`)
    }
    response.end()
  })
  try {
    return await create({ baseUrl: server.origin, apiKey: 'some-key' }).respond(conversation(), asking())
  } finally {
    await server.close()
  }
}

const CLAUDE_EVENTS = [
  { type: 'message_start', message: { id: 'm', role: 'assistant', content: [] } },
  { type: 'ping' },
  { type: 'something_new', detail: 1 },
  { type: 'content_block_start', index: 0, content_block: { type: 'new_block' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'new_delta', value: 1 } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 1, delta: { type: 'text_delta', text: 'Looking.' } },
  {
    type: 'content_block_start',
    index: 2,
    content_block: { type: 'tool_use', id: 'toolu_1', name: CALL.name, input: CALL.args },
  },
  { type: 'message_delta', delta: { stop_reason: 'tool_use' } },
  { type: 'message_stop' },
]

test.each([
  '\n',
  '\r\n',
])('Claude’s stream needs only its required events, with lines ended by %j', async (lineEnd) => {
  const turn = await turnOf(
    CLAUDE_EVENTS,
    (options) => createAnthropicModel({ ...options, model: 'claude-opus-5-5' }),
    lineEnd,
  )
  expect(textOf(turn)).toBe('Looking.')
  expect(turn.entry.parts.at(-1)).toMatchObject({ type: 'tool_call', ...CALL })
  expect(turn.entry.origin.usage).toEqual({ input: 0, cacheRead: 0, cacheWrite: 0, output: 0 })
})

test('OpenAI’s stream may hold items and contents of unknown kinds', async () => {
  const output = [
    { type: 'new_item', id: 'n' },
    {
      type: 'message',
      role: 'assistant',
      content: [{ type: 'new_content' }, { type: 'output_text', text: 'Looking.' }],
    },
    { type: 'function_call', call_id: 'call_1', name: CALL.name, arguments: JSON.stringify(CALL.args) },
  ]
  const turn = await turnOf(
    [{ type: 'response.completed', response: { id: 'r', status: 'completed', output } } as { type: string }],
    (options) => createOpenAIModel({ ...options, model: 'gpt-6-sol' }),
  )
  expect(textOf(turn)).toBe('Looking.')
  expect(turn.entry.parts.at(-1)).toMatchObject({ type: 'tool_call', ...CALL })
})

test('a server that knows no caching or thinking is asked again without, and then always', async () => {
  const known = ['model', 'max_tokens', 'stream', 'system', 'messages', 'tools']
  const server = await startModelServer(async ({ body }, response) => {
    const unknown = Object.keys(body).find((key) => !known.includes(key))
    // Each server has words of its own for it.
    const message = 'I do not know that.'
    if (unknown) {
      return sendJson(response, 400, { type: 'error', error: { type: 'invalid_request_error', message } })
    }
    if (/cache_control/.test(JSON.stringify(body.system))) {
      const text = 'Nor that.'
      return sendJson(response, 400, {
        type: 'error',
        error: { type: 'invalid_request_error', message: text },
      })
    }
    return sendJson(response, 200, {
      id: 'm',
      content: [{ type: 'text', text: 'Done.' }],
      stop_reason: 'end_turn',
    })
  })
  const violations: string[] = []
  try {
    const model = createAnthropicModel({
      model: 'claude-opus-5-5',
      apiKey: 'some-key',
      baseUrl: server.origin,
      onViolation: (violation) => void violations.push(violation),
    })
    expect(textOf(await model.respond(conversation(), asking()))).toBe('Done.')
    expect(server.requests).toHaveLength(2)
    await model.respond(conversation(), asking())
    expect(server.requests).toHaveLength(3)
    expect(violations).toEqual([])
  } finally {
    await server.close()
  }
})
