import { expect, test } from 'vitest'
import { judgeRequest } from '../../../src/models/gateway/judge-request.ts'

const MODEL = 'claude-opus-5-5'
const judge = (request: object) =>
  judgeRequest({ body: Buffer.from(JSON.stringify({ model: MODEL, ...request })), models: [MODEL] })

test('arguments that a model wrote may hold anything', () => {
  const address = { source: { type: 'url', url: 'https://example.org' } }
  const call = { type: 'tool_use', id: 'toolu_1', name: 'fetch', input: address }
  const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'ok' }
  const tools = [{ name: 'fetch', description: 'x', input_schema: { type: 'object', properties: address } }]
  const messages = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: [call] },
    { role: 'user', content: [result] },
  ]
  expect(judge({ messages, tools })).toEqual({ model: MODEL })
  // The same outside of arguments is a request to fetch.
  expect(
    judge({ messages: [{ role: 'user', content: [{ type: 'image', ...address }] }] }).refusal?.status,
  ).toBe(400)
})
