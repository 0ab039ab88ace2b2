import { expect, test } from 'vitest'
import { createSandboxPlaces } from '../../../src/sandbox/e2b/create-in-e2b.ts'

test('who gave a place back because there was no room at the service keeps the place in the line', async () => {
  let clock = 0
  const served: string[] = []
  const places = createSandboxPlaces({
    ...{ max: 2, perSecond: 1, now: () => clock },
    sleep: async (ms) => {
      clock += ms
    },
  })
  const take = async (name: string, ticket: number) => {
    const place = await places.take({ ticket, signal: undefined, onFull: () => {} })
    served.push(name)
    return place
  }
  const tickets = { first: places.draw(), second: places.draw(), third: places.draw() }
  const [first, second] = await Promise.all([take('first', tickets.first), take('second', tickets.second)])
  const third = take('third', tickets.third)
  places.pause(5000)
  second.release()
  first.release()
  const again = await Promise.all([take('second', tickets.second), take('first', tickets.first)])
  expect(clock).toBeGreaterThanOrEqual(6000)
  first.release() // Given back already: it counts once.
  expect(served).toEqual(['first', 'second', 'first', 'second'])
  again[0].release()
  await third
  expect(served.at(-1)).toBe('third')
})
