import { expect, test } from 'vitest'
import { createContentLimiter } from '../../src/github/content-limiter.ts'

function limiterOnAClock() {
  let now = 0
  const limiter = createContentLimiter({
    clock: () => now,
    async pause(ms) {
      now += ms
    },
  })
  const pass = (ms: number) => {
    now += ms
  }
  return { limiter, pass, now: () => now }
}

test('whatever is asked, no minute has more than 80 writes and no hour more than 500', async () => {
  const { limiter, now } = limiterOnAClock()
  const times: number[] = []
  for (let n = 0; n < 1200; n++) {
    await limiter.take()
    times.push(now())
  }
  const most = (windowMs: number) =>
    Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + windowMs).length))
  expect(most(60_000)).toBeLessThanOrEqual(80)
  expect(most(3_600_000)).toBeLessThanOrEqual(500)
  expect(most(3_600_000)).toBeGreaterThan(390)
})

test('what may stay away leaves room for what must be written, and comes again with time', async () => {
  const { limiter, pass, now } = limiterOnAClock()
  let edits = 0
  while (limiter.tryTake()) edits++
  expect(edits).toBe(10)
  await limiter.take()
  expect(now()).toBe(0)
  pass(60_000)
  expect(limiter.tryTake()).toBe(true)
})

test('ten runs that work at once keep each other waiting for nothing that must be said', async () => {
  const { limiter, pass, now } = limiterOnAClock()
  const RUNS = 10
  const edits = new Set<number>()
  const mustWrite = async (times: number) => {
    const before = now()
    for (let n = 0; n < times; n++) await limiter.take()
    return now() - before
  }
  // First comments.
  expect(await mustWrite(RUNS)).toBe(0)
  for (let second = 0; second < 300; second++) {
    pass(1_000)
    // Each of them wants an edit every five seconds, not in step with the others.
    for (let turn = 0; turn < RUNS; turn++) {
      const run = (turn + second) % RUNS
      if ((second * 3 + run * 7) % 5 === 0 && limiter.tryTake()) edits.add(run)
    }
    // Another one is asked for now and then.
    if (second % 60 === 30) expect(await mustWrite(1)).toBe(0)
  }
  // Branch, pull request and end of all of them, in the same second.
  expect(await mustWrite(3 * RUNS)).toBe(0)
  expect(edits.size).toBe(RUNS)
})

test('everybody stays away as long as GitHub says', async () => {
  const { limiter, now } = limiterOnAClock()
  limiter.blockFor(5_000)
  expect(limiter.tryTake()).toBe(false)
  await limiter.take()
  expect(now()).toBe(5_000)
})
