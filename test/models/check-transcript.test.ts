import { expect, test } from 'vitest'
import { checkPrefix, checkTranscript } from '../../src/models/prefix-check.ts'
import { type AssistantEntry, type Entry, NO_USAGE, type ToolEntry } from '../../src/models/transcript.ts'
import { conversation } from './conversation.ts'

function calling(...ids: string[]): AssistantEntry {
  return {
    role: 'assistant',
    parts: ids.map((id) => ({ type: 'tool_call', id, name: 'bash', args: {} })),
    origin: { provider: 'scripted', model: 'm', responseId: 'r', stop: 'tool_use', usage: NO_USAGE },
    native: null,
  }
}

function answering(...ids: string[]): ToolEntry {
  return {
    role: 'tool',
    parts: ids.map((callId) => ({ type: 'tool_result', callId, status: 'ok', text: 'x' })),
  }
}

function violations(...entries: Entry[]): string[] {
  return checkTranscript(conversation('Go.', ...entries))
}

test('calls answered once and in order are fine', () => {
  expect(violations(calling('a', 'b'), answering('a', 'b'), calling('c'), answering('c'))).toEqual([])
})

test('missing, foreign, doubled, swapped and late results are named', () => {
  expect(violations(calling('a'))).toEqual(['the results of [a] are missing'])
  expect(violations(answering('z'))).toEqual(['entry 1 answers [z] where [] were called'])
  expect(violations(calling('a'), answering('a', 'a'))).toHaveLength(1)
  expect(violations(calling('a', 'b'), answering('b', 'a'))).toHaveLength(1)
  expect(violations(calling('a'), { role: 'harness', parts: [] }, answering('a'))).toHaveLength(2)
})

test('a transcript begins with a human', () => {
  expect(checkTranscript({ system: '', entries: [calling()] })).toEqual(['entry 0 is assistant, not user'])
})

test('a request continues another when only its end grew; cache marks and the form of a text do not count', () => {
  const head = { system: 's' }
  const earlier = { head, items: [{ role: 'user', content: 'hi', cache_control: { type: 'ephemeral' } }] }
  const later = {
    head,
    items: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }, { role: 'assistant' }],
  }
  expect(checkPrefix(earlier, later)).toEqual([])
  expect(checkPrefix(later, earlier)).toEqual(['1 items are gone from the end'])
  expect(checkPrefix(earlier, { ...later, head: { system: 't' } })).toEqual(['system or tools changed'])
})
