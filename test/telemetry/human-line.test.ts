import { expect, test } from 'vitest'
import { humanLine } from '../../src/telemetry/logger.ts'

const time = '2026-11-22T18:03:44.434Z'

test('a line for people has the time, what happened and its facts, each once', () => {
  const url = 'http://127.0.0.1:3000'
  expect(humanLine(JSON.stringify({ level: 'info', time, url, msg: `Backspace listens on ${url}` }))).toBe(
    '18:03:44  Backspace listens on http://127.0.0.1:3000\n',
  )
  const error = {
    level: 'error',
    time,
    err: { type: 'Error', message: 'no' },
    runId: 'r1',
    msg: 'internal error',
  }
  expect(humanLine(JSON.stringify(error))).toBe(
    '18:03:44  ✗ internal error  err={"type":"Error","message":"no"}  runId=r1\n',
  )
})

test('it cannot steer the terminal, and a line that is no JSON stays as it is', () => {
  expect(humanLine(JSON.stringify({ level: 'warn', time, msg: 'a\u001b[31mb\nc' }))).toBe(
    '18:03:44  ! a [31mb c\n',
  )
  expect(humanLine('no JSON\n')).toBe('no JSON\n')
})
