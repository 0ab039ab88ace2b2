import { parseArgs } from 'node:util'
import { expect, test } from 'vitest'
import { explainFailure } from '../../src/commands/terminal/run/explain-failure.ts'
import { onlyArgument, WrongUsage } from '../../src/commands/terminal/run/wrong-usage.ts'
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

test.each([
  [['--jsn'], "Unknown option '--jsn'."],
  [['--every'], '--every has no value.'],
  [['--every', '-1'], '--every has no value.'],
  [['--json=yes'], "Option '--json' does not take an argument."],
  [['more'], "Unexpected argument 'more'."],
])('a command line that cannot be read is named above the usage: %j', (args, problem) => {
  const options = { every: { type: 'string' }, json: { type: 'boolean' } } as const
  const error = failureOf(() => parseArgs({ args, options }))
  expect(explainFailure(error, 'Usage: …')).toBe(`${problem}\n\nUsage: …`)
})

test.each([
  [[], 'Name a run.'],
  [[' '], 'Name a run.'],
  [['one', '\x1b[2Jtwo'], '"two" is one argument too many.'],
])('a command that takes one argument says what is wrong with %j', (positionals, problem) => {
  const error = failureOf(() => onlyArgument(positionals, 'Name a run.'))
  expect(error).toBeInstanceOf(WrongUsage)
  expect(explainFailure(error, 'Usage: …')).toBe(`${problem}\n\nUsage: …`)
})

test('a value that is wrong is explained without the usage', () => {
  expect(explainFailure(new BackspaceError('bad_request', 'There is no folder x.'), 'Usage: …')).toBe(
    'There is no folder x.',
  )
})

function failureOf(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}
