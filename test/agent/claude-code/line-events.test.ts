import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createLineEvents } from '../../../src/agent/claude-code/line-events.ts'
import { readLine } from '../../../src/agent/claude-code/read-line.ts'

const LINES = readFileSync(new URL('session.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')

function eventsOf(lines: readonly string[]) {
  let time = 0
  const mapper = createLineEvents({ workspace: '/home/agent/workspace', now: () => time++ })
  const events = lines.flatMap((text) => {
    const line = readLine(text)
    return line === undefined || line === 'silent' ? [] : mapper.take(line)
  })
  return { mapper, events }
}

test('a session of Claude Code 2.1.332 reads as one of the builtin agent', () => {
  expect(LINES.filter((line) => readLine(line) === undefined)).toEqual([])
  const { mapper, events } = eventsOf(LINES)
  expect(events.map((event) => ('title' in event ? `${event.type} ${event.title}` : event.type))).toEqual([
    'agent.message',
    'tool.started plan 0/1 done',
    'tool.finished plan 0/1 done',
    'agent.plan',
    'tool.started read hello.txt',
    'tool.finished read hello.txt',
    'tool.started bash echo hi; exit 3',
    'tool.started grep hello in .',
    'tool.finished bash echo hi; exit 3',
    'tool.finished grep hello in .',
    'tool.started edit hello.txt',
    'tool.started write new.txt',
    'tool.started glob *.txt',
    'tool.finished edit hello.txt',
    'tool.finished write new.txt',
    'tool.finished glob *.txt',
    'agent.message',
  ])
  const details = events.flatMap((event) =>
    event.type === 'tool.finished' ? [[event.status, event.detail]] : [],
  )
  expect(details).toMatchObject([
    ['ok', { kind: 'other' }],
    ['ok', { kind: 'read', path: 'hello.txt', lines: 2 }],
    ['ok', { kind: 'bash', command: 'echo hi; exit 3', output: 'hi', exitCode: 3 }],
    ['ok', { kind: 'search', pattern: 'hello', matches: 1 }],
    ['ok', { kind: 'edit', path: 'hello.txt', edits: [{ oldText: 'hello', newText: 'bye' }] }],
    ['ok', { kind: 'write', path: 'new.txt', bytes: 2, content: 'x\n' }],
    ['ok', { kind: 'search', pattern: '*.txt', matches: 2 }],
  ])
  expect([mapper.lastText(), mapper.toolCalls(), mapper.plan()]).toEqual([
    'Done.',
    7,
    [{ text: 'Look', status: 'in_progress' }],
  ])
  expect(mapper.end()).toEqual([])
})

test('calls that are open when the process dies are interrupted', () => {
  const { mapper } = eventsOf(LINES.slice(0, 8))
  expect(mapper.end()).toMatchObject([
    { type: 'tool.finished', title: 'read hello.txt', status: 'interrupted' },
  ])
})

test.each([
  ['no JSON', 'Segmentation fault'],
  ['a list', '[]'],
  ['a kind that is not known', '{"type":"tomorrow"}'],
  ['a result without a verdict', '{"type":"result","subtype":"success"}'],
])('%s is no line', (_name, line) => {
  expect(readLine(line)).toBeUndefined()
})

test('of an agent below the agent nothing is shown, and a failed request is no word of the model', () => {
  const line = (fields: object) =>
    JSON.stringify({
      type: 'assistant',
      message: { id: 'm', content: [{ type: 'text', text: 'Hi' }] },
      ...fields,
    })
  expect(
    eventsOf([line({ parent_tool_use_id: 'toolu_1' }), line({ error: 'billing_error' })]).events,
  ).toEqual([])
  expect(eventsOf([line({ parent_tool_use_id: null })]).events).toEqual([
    { type: 'agent.message', text: 'Hi' },
  ])
})

test.each([
  [
    { subtype: 'api_retry', attempt: 1, max_retries: 2, retry_delay_ms: 500, error_status: 529 },
    { type: 'model.retried', errorClass: 'status 529', attempt: 1, waitMs: 500 },
  ],
  [
    { subtype: 'api_retry', attempt: 2, retry_delay_ms: 500, error_status: null },
    { type: 'model.retried', errorClass: 'connection' },
  ],
  [
    {
      subtype: 'model_fallback',
      trigger: 'overloaded',
      original_model: 'claude-opus-5-5',
      fallback_model: 'claude-sonnet-5-5',
    },
    { type: 'model.switched', from: 'anthropic:claude-opus-5-5', to: 'anthropic:claude-sonnet-5-5' },
  ],
  [{ subtype: 'status', status: 'compacting' }, { type: 'agent.notice' }],
])('%j is shown', (fields, event) => {
  expect(eventsOf([JSON.stringify({ type: 'system', ...fields })]).events).toMatchObject([event])
})
