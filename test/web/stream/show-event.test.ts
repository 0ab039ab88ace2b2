import { expect, test } from 'vitest'
import { redactBy } from '../../../src/secrets/redact.ts'
import { createShowEvent } from '../../../src/web/stream/show-event.ts'
import { eventsOf } from '../a-run.ts'

test('an event is masked once for all who read it, and as it was it stays', async () => {
  let masked = 0
  // biome-ignore lint/correctness/useYield: it is one piece
  const redact = redactBy(function* (text) {
    masked++
    return text.replaceAll('secret', '[redacted]')
  })
  const show = createShowEvent(redact)
  const [event] = eventsOf([{ type: 'notice', level: 'info', message: 'a secret\u0007' }])
  if (!event) throw new Error('there is one')
  const first = await show(event)
  const after = masked
  expect(await show(event)).toBe(first)
  expect(masked).toBe(after)
  expect(first).toMatchObject({ message: 'a [redacted]', seq: event.seq })
  expect(event).toMatchObject({ message: 'a secret\u0007' })
})
