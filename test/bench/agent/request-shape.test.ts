import { expect, test } from 'vitest'
import { asksForTurn, cacheableText, resultsIn, sharedPrefix } from './request-shape.ts'

const RESULT = { type: 'tool_result', tool_use_id: 'a', content: 'one' }
const CLAUDE = {
  tools: [{ name: 'read' }],
  system: [{ type: 'text', text: 'You are.', cache_control: { type: 'ephemeral' } }],
  messages: [
    { role: 'user', content: 'Do it' },
    { role: 'user', content: [RESULT] },
  ],
}
const OUTPUT = { type: 'function_call_output', call_id: 'a', output: 'one' }
const CUSTOM = { type: 'custom_tool_call_output', call_id: 'b', output: 'two' }
const GPT = { instructions: 'You are.', input: [{ role: 'user', content: 'Do it' }, OUTPUT, CUSTOM] }

test('results are counted in the words of both providers', () => {
  expect(resultsIn(CLAUDE)).toEqual([RESULT])
  expect(resultsIn(GPT)).toEqual([OUTPUT, CUSTOM])
  expect(resultsIn({ input: 'Say hello' })).toEqual([])
})

test('a request without tools is no turn of the task, wherever its tools would stand', () => {
  expect(asksForTurn(CLAUDE)).toBe(true)
  expect(asksForTurn({ input: [{ type: 'additional_tools', tools: [] }] })).toBe(true)
  expect(asksForTurn({ messages: [{ role: 'user', content: 'A title, please' }] })).toBe(false)
})

test('neither a moved breakpoint nor another way to write a text changes what is cached', () => {
  const [first, ...rest] = CLAUDE.messages
  const later = {
    ...CLAUDE,
    system: [{ type: 'text', text: 'You are.' }],
    messages: [
      { ...first, content: [{ type: 'text', text: 'Do it' }] },
      ...rest,
      { role: 'user', content: '!' },
    ],
  }
  expect(sharedPrefix(cacheableText(CLAUDE), cacheableText(later))).toBe(1)
})

test('only what comes before the first difference is shared', () => {
  expect(sharedPrefix('abcd', 'abXd and more')).toBe(0.5)
  const changed = { ...CLAUDE, tools: [{ name: 'write' }] }
  expect(sharedPrefix(cacheableText(CLAUDE), cacheableText(changed))).toBeLessThan(0.2)
})
