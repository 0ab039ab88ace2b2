import { expect, onTestFinished, test, vi } from 'vitest'
import { openAttempt } from '../../src/pipeline/attempt.ts'
import type { Run } from '../../src/runs/run.ts'
import { aRequest } from '../runs/start-runs.ts'

const MINUTE = 60_000
const START = Date.parse('2026-11-29T10:00:00Z')

function attemptAfter(usedMinutes: number, minutes = 85) {
  const run: Run = {
    id: 'r',
    request: aRequest(),
    status: 'running',
    attempt: 2,
    createdAt: new Date(START),
    startedAt: new Date(START),
    finishedAt: null,
    ending: null,
    progress: {},
    budgetUsd: null,
  } as const satisfies Run
  const refuse = async () => {
    throw new Error('not called')
  }
  return openAttempt(
    { run, attempt: 2, signal: new AbortController().signal },
    {
      store: { requireHeld: refuse, setProgress: refuse },
      audit: { append: refuse },
      minutes,
      now: () => new Date(START + usedMinutes * MINUTE),
    },
  )
}

test('checks end five minutes before the run does, so that what there is can be published', () => {
  using fresh = attemptAfter(0)
  expect(Math.round(fresh.leftMs() / MINUTE)).toBe(80)
  using later = attemptAfter(30)
  expect(Math.round(later.leftMs() / MINUTE)).toBe(50)
})

test('an attempt that begins after the limit still has time for short checks and for publishing', () => {
  using late = attemptAfter(500)
  expect(Math.round(late.leftMs() / MINUTE)).toBe(3)
  expect(late.signal.aborted).toBe(false)
})

test('a run is stopped at its hard limit, and the message names the same minutes', () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  using attempt = attemptAfter(0)
  vi.advanceTimersByTime(85 * MINUTE - 1)
  expect(attempt.signal.aborted).toBe(false)
  vi.advanceTimersByTime(1)
  expect(attempt.signal.reason).toMatchObject({
    code: 'time_limit',
    userMessage: expect.stringContaining('85 minutes'),
  })
})
