import { expect, test } from 'vitest'
import { createBreathe, withBreaks } from '../../src/time/breathe.ts'

test('a long loop lets others go on, and a short one does not wait', async () => {
  let turns = 0
  setImmediate(() => turns++)
  const breathe = createBreathe()
  await breathe()
  expect(turns).toBe(0)
  const end = performance.now() + 20
  while (performance.now() < end) await breathe()
  expect(turns).toBe(1)
})

test('a stream that brings all at once is not read in one turn, and ends where its reader stops', async () => {
  let ended = false
  async function* items() {
    try {
      for (let item = 0; ; item++) yield item
    } finally {
      ended = true
    }
  }
  let turns = 0
  setImmediate(() => turns++)
  const end = performance.now() + 20
  for await (const item of withBreaks(items())) if (performance.now() >= end && item > 0) break
  expect([turns, ended]).toEqual([1, true])
})
