import { expect, test } from 'vitest'
import { createAnthropicModel } from '../../src/models/anthropic/anthropic.ts'
import { createFallbackModel } from '../../src/models/chain/fallback.ts'
import type { Model, Turn } from '../../src/models/model.ts'
import { createOpenAIModel } from '../../src/models/openai/openai.ts'
import { checkAnthropicRequest } from '../stand-ins/models/anthropic-rules.ts'
import { startModelServer } from '../stand-ins/models/model-server.ts'
import { checkOpenAIRequest } from '../stand-ins/models/openai-rules.ts'
import type { Json } from '../stand-ins/models/script.ts'
import { after, asking, conversation } from './conversation.ts'

/** What a server is sent after it has twice answered with these events, and never closed the connection. */
async function sentAfter(
  events: readonly { readonly type: string }[],
  create: (options: { baseUrl: string; apiKey: string }) => Model,
): Promise<{ turns: Turn[]; body: Json }> {
  const server = await startModelServer(async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
  })
  const model = createFallbackModel({ models: [create({ baseUrl: server.origin, apiKey: 'some-key' })] })
  try {
    const turns: Turn[] = []
    let transcript = conversation()
    for (let turn = 0; turn < 3; turn++) {
      const answer = await model.respond(transcript, asking())
      turns.push(answer)
      transcript = after(transcript, answer)
    }
    return { turns, body: server.requests[2]?.body }
  } finally {
    await server.close()
  }
}

/** A message of these blocks, each with its deltas. */
function claudeEvents(stopReason: string, ...blocks: readonly (readonly [block: Json, ...deltas: Json[]])[]) {
  return [
    { type: 'message_start', message: { id: 'm', role: 'assistant', content: [] } },
    ...blocks.flatMap(([content_block, ...deltas], index) => [
      { type: 'content_block_start', index, content_block },
      ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
    ]),
    { type: 'message_delta', delta: { stop_reason: stopReason } },
    { type: 'message_stop' },
  ]
}

function json(partial_json: string) {
  return { type: 'input_json_delta', partial_json }
}

const use = (id: string, input: unknown = {}) => ({ type: 'tool_use', id, name: 'bash', input })

test.each([
  [
    'a block of an unknown kind',
    claudeEvents('end_turn', [
      { type: 'new', data: '' },
      { type: 'new_delta', data: 'a', n: 1 },
      { data: 'b' },
    ]),
    [{ type: 'new', data: 'ab', n: 1 }],
  ],
  [
    'a call that the server itself executes',
    claudeEvents('end_turn', [
      { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
      json('{"q":1}'),
    ]),
    [{ type: 'server_tool_use', id: 's', name: 'web_search', input: { q: 1 } }],
  ],
  [
    'thinking whose block starts without a signature',
    claudeEvents('end_turn', [
      { type: 'thinking', thinking: '' },
      { type: 'thinking_delta', thinking: 'Hm.' },
      { type: 'signature_delta', signature: 'sig' },
    ]),
    [{ type: 'thinking', thinking: 'Hm.', signature: 'sig' }],
  ],
  [
    'thinking that was cut off before its signature',
    claudeEvents('max_tokens', [
      { type: 'thinking', thinking: '', signature: '' },
      { type: 'thinking_delta', thinking: 'Hm' },
    ]),
    [{ type: 'text', text: '(no answer)' }],
  ],
  ['arguments that are no object', claudeEvents('tool_use', [use('t', 'npm test')]), [use('t')]],
  [
    'ids that are used again and are not legal',
    claudeEvents('tool_use', [use('functions.bash:0', { n: 1 })], [use('', { n: 2 })], [use('', { n: 3 })]),
    [1, 2, 3].map((n) => use(expect.stringMatching(/^[\w-]{1,64}$/), { n })),
  ],
] as const)('Claude gets back, valid: %s', async (_name, events, sent) => {
  const { body, turns } = await sentAfter(events, (options) =>
    createAnthropicModel({ ...options, model: 'claude-opus-5-5' }),
  )
  expect(body.messages[1].content).toEqual(sent)
  expect(checkAnthropicRequest(body)).toBeUndefined()
  const ids = turns.flatMap(({ entry }) => entry.parts.flatMap((part) => ('id' in part ? [part.id] : [])))
  expect(new Set(ids).size).toBe(ids.length)
})

const REASONING = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' }
const SAID = { role: 'assistant', content: [{ type: 'output_text', text: 'Looking.' }], type: 'message' }
const call = (call_id: string, args = '{"command":"ls"}') => ({
  ...{ type: 'function_call', id: 'fc_1', call_id, name: 'bash', arguments: args },
})

function gptEvents(...items: readonly (readonly [output_index: number, item: Json])[]) {
  return [
    ...items.map(([output_index, item]) => ({ type: 'response.output_item.done', output_index, item })),
    { type: 'response.completed', response: { id: 'r', status: 'completed', output: [] } },
  ]
}

test.each([
  ['reasoning that led to nothing', gptEvents([0, REASONING]), []],
  ['reasoning after the last word', gptEvents([0, SAID], [1, REASONING]), [{ role: 'assistant' }]],
  ['items that were done in another order', gptEvents([1, SAID], [0, REASONING]), [REASONING, SAID]],
  [
    'arguments that are not JSON',
    gptEvents([0, REASONING], [1, call('call_1', '{"comm')]),
    [{ type: 'function_call', call_id: 'call_1', arguments: '{}' }, { type: 'function_call_output' }],
  ],
  [
    'ids that are used again and are too long',
    gptEvents([0, call('y'.repeat(80))], [1, call('a b')], [2, call('a b')]),
    [
      ...[1, 2, 3].map(() => ({
        call_id: expect.stringMatching(/^call_[0-9a-f]{32}$/),
        arguments: call('').arguments,
      })),
    ],
  ],
] as const)('OpenAI gets back, valid: %s', async (_name, events, sent) => {
  const { body } = await sentAfter(events, (options) => createOpenAIModel({ ...options, model: 'gpt-6-sol' }))
  expect(body.input.slice(1, 1 + sent.length)).toMatchObject([...sent])
  const opened = { ...body, input: body.input.filter(({ type }: Json) => type !== 'reasoning') }
  expect(checkOpenAIRequest(opened, 0)).toBeUndefined()
  const last = body.input.at(-1)
  expect(last.type).not.toBe('reasoning')
})
