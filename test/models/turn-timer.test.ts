import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test, vi } from 'vitest'
import { createTurnTimer } from '../../src/models/ask-provider.ts'
import { retryAfter } from '../../src/models/model-error.ts'

/** A server that sends a byte for each call of `drop`. */
async function startDrip() {
  let drop = () => {}
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.flushHeaders()
    drop = () => response.write(':\n')
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    drop: () => drop(),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

test('bytes keep a request alive, but not beyond its total time', async () => {
  const drip = await startDrip()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const timer = createTurnTimer({ signal: new AbortController().signal, idleMs: 1000, totalMs: 2500 })
  try {
    const asked = timer.fetch(drip.url, { signal: timer.signal })
    const reader = (await asked).body?.getReader()
    for (let byte = 0; byte < 3; byte++) {
      expect(timer.expired()).toBeUndefined()
      drip.drop()
      await reader?.read()
      vi.advanceTimersByTime(900)
    }
    await expect(reader?.read()).rejects.toThrow()
    expect(timer.expired()).toBe('total')
  } finally {
    vi.useRealTimers()
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
