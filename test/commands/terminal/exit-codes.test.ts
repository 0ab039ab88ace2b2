import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { USAGE } from '../../../src/commands/terminal/run/code-options.ts'
import { exitCodeOf, exitCodeOfError } from '../../../src/commands/terminal/run/exit-codes.ts'
import { readFrame } from '../../../src/commands/terminal/run/received-frame.ts'
import { BackspaceError, type ErrorCode } from '../../../src/errors.ts'
import type { Outcome, RunEventBody } from '../../../src/runs/run-event.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { eventsOf, TOTALS } from '../../web/a-run.ts'

function frameOf(body: RunEventBody) {
  const [frame] = eventsOf([body]).map(createWireMapper())
  return readFrame(JSON.parse(JSON.stringify(frame)))
}

test.each([
  ['pull_request', 0],
  ['answer', 0],
  ['triage', 0],
  ['plan', 0],
  ['proof', 0],
  ['question', 5],
] as const satisfies readonly (readonly [
  Outcome,
  number,
])[])('a run with the outcome %s ends with %i', (outcome, code) => {
  const urls = { pullRequestUrl: null, commentUrl: null }
  const body = {
    type: 'run.succeeded',
    outcome,
    message: 'x',
    draft: false,
    totals: TOTALS,
    ...urls,
  } as const
  expect(exitCodeOf(frameOf(body))).toBe(code)
})

test.each([
  ['agent_stuck', 3],
  ['model_unavailable', 3],
  ['internal', 3],
  ['not_installed', 5],
  ['publish_blocked', 5],
  ['secret_found', 5],
] as const satisfies readonly (readonly [
  ErrorCode,
  number,
])[])('a run that fails with %s ends with %i', (failure, code) => {
  expect(exitCodeOf(frameOf({ type: 'run.failed', code: failure, message: 'x', totals: TOTALS }))).toBe(code)
})

test('a run that was stopped ends with 4, and one of a newer service by its last frame', () => {
  expect(exitCodeOf(frameOf({ type: 'run.cancelled', message: 'x', totals: TOTALS }))).toBe(4)
  const newer = { type: 'newer', seq: 1, runId: 'r', at: '', message: 'x' } as const
  expect(exitCodeOf({ ...newer, newerType: 'success' })).toBe(0)
  expect(exitCodeOf({ ...newer, newerType: 'error' })).toBe(3)
})

test.each([
  ['bad_request', 2],
  ['bad_repository_url', 2],
  ['unavailable', 6],
  ['cancelled', 4],
  ['forbidden', 5],
  ['rate_limited', 5],
  ['internal', 3],
] as const satisfies readonly (readonly [
  ErrorCode,
  number,
])[])('a command that ends with %s exits with %i', (code, exit) => {
  expect(exitCodeOfError(new BackspaceError(code, 'x'))).toBe(exit)
})

test('an address at which another program answers ends with 6', () => {
  expect(exitCodeOfError(new SyntaxError('not a frame'))).toBe(6)
})

test('the usage and the docs name every exit code', () => {
  const docs = readFileSync(new URL('../../../docs/terminal.md', import.meta.url), 'utf8')
  for (const code of [0, 2, 3, 4, 5, 6, 7]) {
    expect(USAGE).toMatch(new RegExp(`\\b${code} [a-zB]`))
    expect(docs).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'))
  }
})
