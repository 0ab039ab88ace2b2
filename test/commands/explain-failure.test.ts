import { expect, test } from 'vitest'
import { explainFailure } from '../../src/commands/terminal/run/explain-failure.ts'
import { BackspaceError } from '../../src/errors.ts'

test.each([
  new Error('cannot connect to postgres://app:hV8nQ2xLw0Zr@db.acme.io/main'),
  new BackspaceError('config_invalid', 'DATABASE_URL is postgres://app:hV8nQ2xLw0Zr@db.acme.io/main'),
])('what a command says that failed names no password: %s', (error) => {
  expect(explainFailure(error, 'usage')).toMatch(/:\/\/app:\[redacted\]@db\.acme\.io/)
})

test('what a server or a file put into a failure cannot steer the terminal', () => {
  const error = new BackspaceError('bad_request', 'The key \x1b[2J\x1b]52;c;eA==\x07\u202e is not the one.')
  expect(explainFailure(error, 'usage')).toBe('The key \\u{202e} is not the one.')
})

test('a program that failed, whose code is a number, is explained as well', () => {
  expect(explainFailure(Object.assign(new Error('git failed'), { code: 128 }), 'usage')).toBe('git failed')
})
