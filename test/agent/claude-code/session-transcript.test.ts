import { expect, test } from 'vitest'
import {
  beginSession,
  recordEntry,
  sessionOf,
  wordsEntry,
} from '../../../src/agent/claude-code/session-transcript.ts'

const ID = '11111111-1111-4111-8111-111111111111'

test('a session is read as it was kept', () => {
  const { system } = beginSession(ID)
  const entries = [
    recordEntry('{"a":1}\n', 0),
    wordsEntry('I looked.', 'claude-opus-5-5'),
    recordEntry('{"b":2}\n', 8),
    wordsEntry('I changed it.', 'claude-opus-5-5'),
  ]
  expect(sessionOf({ system, entries })).toEqual({
    id: ID,
    record: '{"a":1}\n{"b":2}\n',
    lastText: 'I changed it.',
  })
})

test('a record that grew too large is not continued from its beginning', () => {
  const { system } = beginSession(ID)
  const entries = [recordEntry('{"a":1}\n', 0), recordEntry('{"b":2}\n', 24 * 1024 * 1024)]
  expect(sessionOf({ system, entries })?.record).toBeUndefined()
})

test('what another agent kept is no session', () => {
  const entries = [wordsEntry('I looked.', 'claude-opus-5-5')]
  expect(sessionOf({ system: 'You are Backspace, a software engineer.', entries })).toBeUndefined()
  expect(sessionOf({ system: 'Claude Code session of mine', entries })).toBeUndefined()
})
