import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { createTurnTimer } from '../../src/models/ask-provider.ts'
import { retryAfter } from '../../src/models/model-error.ts'

/** A server that sends a byte every few milliseconds, without end. */
async function startDrip() {
  const timers = new Set<NodeJS.Timeout>()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    timers.add(setInterval(() => response.write(':\n'), 5))
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => {
      for (const timer of timers) clearInterval(timer)
      server.closeAllConnections()
      server.close()
    },
  }
}

test('bytes keep a request alive, but not beyond its total time', async () => {
  const drip = await startDrip()
  const timer = createTurnTimer({ signal: new AbortController().signal, idleMs: 1000, totalMs: 1500 })
  try {
    const response = await timer.fetch(drip.url, { signal: timer.signal })
    await expect(response.text()).rejects.toThrow()
    expect(timer.expired()).toBe('total')
  } finally {
    timer.stop()
    drip.close()
  }
})

test.each([
  [{ 'retry-after': '7' }, 7000],
  [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
  [{ 'retry-after': 'Thu, 01 Jan 1970 00:00:10 GMT' }, 10_000],
  [{ 'retry-after': 'soon' }, undefined],
  [{}, undefined],
])('the wait of %o is %s ms', (headers, expected) => {
  expect(retryAfter(new Headers(headers), 0)).toBe(expected)
})
