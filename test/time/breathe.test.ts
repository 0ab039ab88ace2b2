import { expect, test } from 'vitest'
import { breathe, shareLoop, withBreaks } from '../../src/time/breathe.ts'

/** Turns of the event loop that have gone by, and the clock of the loops under test. */
function watchTurns() {
  const watch = { turns: 0, time: 1_000, isOver: false }
  const count = () => {
    watch.turns++
    if (!watch.isOver) setImmediate(count)
  }
  setImmediate(count)
  return watch
}

test('a long loop lets others go on, and a short one does not wait', async () => {
  const watch = watchTurns()
  const pause = shareLoop(() => watch.time)
  await pause()
  watch.time += 7
  await pause()
  expect(watch.turns).toBe(0)
  watch.time += 1
  await pause()
  const { turns } = watch
  expect(turns).toBeGreaterThan(0)

  watch.time += 7
  await pause()
  expect(watch.turns).toBe(turns)
  watch.isOver = true
})

test('any number of loops take the time of one, and each gets its share', async () => {
  const watch = watchTurns()
  const pause = shareLoop(() => watch.time)
  const used = new Map<number, number>()
  const finished: number[] = []
  async function work(loop: number, pieces: number) {
    for (let piece = 0; piece < pieces; piece++) {
      watch.time++
      used.set(watch.turns, (used.get(watch.turns) ?? 0) + 1)
      await pause()
    }
    finished.push(loop)
  }
  const loops = Array.from({ length: 40 }, (_, loop) => work(loop, 30))
  await Promise.all([...loops, work(40, 12)])
  watch.isOver = true
  const [first = 0, ...later] = used.values()
  // Each of them begins with a piece of its own, before it can be asked to wait.
  expect(first).toBeLessThanOrEqual(8 + 41)
  expect(Math.max(...later)).toBeLessThanOrEqual(8)
  // None waits until the others are done.
  expect(finished[0]).toBe(40)
})

test('short pieces of many that wait share one turn', async () => {
  const watch = watchTurns()
  const pause = shareLoop(() => watch.time)
  await pause()
  watch.time += 8
  const ends: number[] = []
  await Promise.all(
    Array.from({ length: 16 }, async () => {
      await pause()
      watch.time += 0.5
      ends.push(watch.turns)
    }),
  )
  watch.isOver = true
  expect(new Set(ends).size).toBe(1)
})

test('time in which nothing here is at work does not count', async () => {
  const watch = watchTurns()
  const pause = shareLoop(() => watch.time)
  await pause()
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  watch.time += 1_000
  const { turns } = watch
  await pause()
  expect(watch.turns).toBe(turns)
  watch.isOver = true
})

test('a stream that brings all at once is not read in one turn, and ends where its reader stops', async () => {
  const watch = watchTurns()
  let ended = false
  async function* items() {
    try {
      for (let item = 0; ; item++) yield item
    } finally {
      ended = true
    }
  }
  // Each item takes a millisecond.
  for await (const item of withBreaks(
    items(),
    shareLoop(() => watch.time++),
  )) {
    if (item === 20) break
  }
  watch.isOver = true
  expect(watch.turns).toBeGreaterThan(0)
  expect(ended).toBe(true)
})

test('time goes by as the process has it, unless said otherwise', async () => {
  let turns = 0
  setImmediate(() => turns++)
  while (turns === 0) await breathe()
  expect(turns).toBe(1)
})
