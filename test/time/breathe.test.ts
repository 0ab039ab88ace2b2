import { expect, test } from 'vitest'
import { createBreathe } from '../../src/time/breathe.ts'

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
