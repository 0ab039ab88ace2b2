import { expect, test } from 'vitest'
import { createSandboxSlots } from '../../../src/sandbox/e2b/sandbox-slots.ts'

test('a request that gave its slot back because the service was full keeps its position in the line', async () => {
  let clock = 0
  const served: string[] = []
  const slots = createSandboxSlots({
    max: 2,
    perSecond: 1,
    now: () => clock,
    sleep: async (ms) => {
      clock += ms
    },
  })
  const take = async (name: string, ticket: number) => {
    const slot = await slots.take({ ticket, signal: undefined, onFull: () => {} })
    served.push(name)
    return slot
  }
  const tickets = { first: slots.draw(), second: slots.draw(), third: slots.draw() }
  const [first, second] = await Promise.all([take('first', tickets.first), take('second', tickets.second)])
  const third = take('third', tickets.third)
  slots.pause(5000)
  second.release()
  first.release()
  const again = await Promise.all([take('second', tickets.second), take('first', tickets.first)])
  expect(clock).toBeGreaterThanOrEqual(6000)
  first.release() // Released already: it counts once.
  expect(served).toEqual(['first', 'second', 'first', 'second'])
  again[0].release()
  await third
  expect(served.at(-1)).toBe('third')
})
