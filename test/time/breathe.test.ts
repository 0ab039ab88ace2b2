import { expect, test } from 'vitest'
import { createBreathe, withBreaks } from '../../src/time/breathe.ts'

test('a long loop lets others go on, and a short one does not wait', async () => {
  let turns = 0
  let time = 1_000
  const breathe = createBreathe(() => time)
  setImmediate(() => turns++)
  time += 7
  await breathe()
  expect(turns).toBe(0)
  time += 1
  await breathe()
  expect(turns).toBe(1)

  setImmediate(() => turns++)
  time += 7
  await breathe()
  expect(turns).toBe(1)
})

test('a stream that brings all at once is not read in one turn, and ends where its reader stops', async () => {
  let ended = false
  let time = 0
  async function* items() {
    try {
      for (let item = 0; ; item++) yield item
    } finally {
      ended = true
    }
  }
  let turns = 0
  setImmediate(() => turns++)
  // Each item takes a millisecond.
  for await (const item of withBreaks(items(), () => time++)) if (item === 20) break
  expect([turns, ended]).toEqual([1, true])
})

test('time goes by as the process has it, unless said otherwise', async () => {
  let turns = 0
  setImmediate(() => turns++)
  const breathe = createBreathe()
  while (turns === 0) await breathe()
  expect(turns).toBe(1)
})
