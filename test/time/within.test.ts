import { expect, test } from 'vitest'
import { retry } from '../../src/time/pause.ts'
import { untilAborted, within, withTimeout } from '../../src/time/within.ts'

const never = new Promise<never>(() => {})

test('within says whether the work succeeded in time, and never throws', async () => {
  expect(await within(60_000, Promise.resolve('done'))).toBe(true)
  expect(await within(60_000, Promise.reject(new Error('broken')))).toBe(false)
  expect(await within(1, never)).toBe(false)
  expect(await within(1, undefined)).toBe(true)
})

test('a time-out gives the result in place of the work, or throws; failures in time are the work’s own', async () => {
  expect(await withTimeout(Promise.resolve(7), { ms: 60_000, onTimeout: () => null })).toBe(7)
  expect(await withTimeout(never, { ms: 1, onTimeout: () => null })).toBeNull()
  const onTimeout = () => {
    throw new Error('too late')
  }
  await expect(withTimeout(never, { ms: 1, onTimeout })).rejects.toThrow('too late')
  const broken = Promise.reject(new Error('broken'))
  await expect(withTimeout(broken, { ms: 60_000, onTimeout })).rejects.toThrow('broken')
})

test('an abort ends the wait with the signal’s reason, after the grace period that the work was given', async () => {
  const reason = new Error('stopped')
  const stopped = AbortSignal.abort(reason)
  expect(await untilAborted(Promise.resolve(7), undefined)).toBe(7)
  await expect(untilAborted(never, stopped)).rejects.toBe(reason)
  expect(await untilAborted(Promise.resolve(7), stopped, 60_000)).toBe(7)
})

test('a retry waits as the table says, stops at a failure that stays, and throws the last failure', async () => {
  const waits: number[] = []
  const pause = async (ms: number) => void waits.push(ms)
  let attempts = 0
  const failing = async () => {
    attempts++
    throw new Error(`failure ${attempts}`)
  }
  await expect(retry(failing, { waitsMs: [10, 20], pause })).rejects.toThrow('failure 3')
  expect(waits).toEqual([10, 20])

  attempts = 0
  const mayPass = (_error: unknown, failures: number) => failures < 2
  await expect(retry(failing, { waitsMs: [1, 1, 1], mayPass, pause })).rejects.toThrow('failure 2')
})

test('an abort ends the waits of a retry with the signal’s reason', async () => {
  const reason = new Error('stopped')
  const attempt = () => Promise.reject(new Error('away'))
  await expect(retry(attempt, { waitsMs: [60_000], signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
