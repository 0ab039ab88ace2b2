import { expect, test } from 'vitest'
import { createRedact } from '../../src/secrets/redact.ts'
import { createLogError, createLogger } from '../../src/telemetry/logger.ts'

const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`
const KNOWN = 'hunter2-of-the-database'
const MULTI_LINE = `-----BEGIN CANARY-----\nMIIE"quoted\\backslash"\tkey\n-----END CANARY-----`

function logged(write: (logger: ReturnType<typeof createLogger>) => void): string {
  const lines: string[] = []
  const logger = createLogger({
    level: 'trace',
    redact: createRedact([KNOWN, MULTI_LINE]),
    write: (line) => lines.push(line),
  })
  write(logger)
  return lines.join('')
}

test.each([
  ['after a line end', `git said:\n${TOKEN}`],
  ['after a tab', `token\t${TOKEN}\trest`],
  ['in quotes', `{"token":"${TOKEN}"}`],
  ['with line ends, quotes and tabs of its own', `key: ${MULTI_LINE}`],
  ['in an address', `postgres://app:${KNOWN}@db/main`],
])('a secret %s is masked wherever a line has text', (_, text) => {
  const line = logged((logger) => {
    const cause = new Error(text)
    const error = Object.assign(new Error(`outer ${text}`, { cause }), { code: text, status: text })
    logger.info({ text, [text]: 1, nested: { list: [{ text }] }, err: error, error, other: { error } }, text)
    logger.child({ bound: text }).warn(`words %s`, text)
    createLogError(logger)(error, { facts: text })
  })
  expect(line).not.toMatch(/ghp_|hunter2|MIIE|CANARY/)
  const records = line
    .trim()
    .split('\n')
    .map((part) => JSON.parse(part) as Record<string, unknown>)
  expect(records.map(({ level }) => level)).toEqual(['info', 'warn', 'error'])
  expect(JSON.stringify(records).match(/\[redacted\]/g)?.length).toBeGreaterThan(12)
})

test('a line without a secret stays as it is, byte for byte', () => {
  const facts = { number: 1.5, none: null, yes: true, text: 'é "quoted"\n', list: [1, [2]], deep: { a: {} } }
  const line = logged((logger) => logger.info(facts, 'said'))
  const { time, ...rest } = JSON.parse(line) as { readonly time: string }
  expect(rest).toEqual({ level: 'info', ...facts, msg: 'said' })
  expect(line).toBe(`${JSON.stringify({ level: 'info', time, ...facts, msg: 'said' })}\n`)
})
