import { request as openRequest, type Server } from 'node:http'
import { connect } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, expect, test, vi } from 'vitest'
import { createForwardServer } from '../../src/sandbox/forward-server.ts'
import type { ForwardHandler } from '../../src/sandbox/forwarding.ts'

let server: Server | undefined
const printed = (['log', 'info', 'warn', 'error'] as const).map((name) =>
  vi.spyOn(console, name).mockImplementation(() => {}),
)
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  expect(printed.flatMap(({ mock }) => mock.calls)).toEqual([])
})

async function serve(handler: ForwardHandler): Promise<number> {
  const started = createForwardServer(handler)
  server = started
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve))
  const address = started.address()
  return typeof address === 'object' && address ? address.port : 0
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

test('the signal of a request aborts, even if nothing but it is left of the request', async () => {
  const aborted = Promise.withResolvers<void>()
  const port = await serve(({ signal }) => {
    signal.addEventListener('abort', () => aborted.resolve())
    return new Response(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('x')) }))
  })
  const asking = openRequest({ port, host: '127.0.0.1' }).end()
  asking.on('error', () => {})
  await new Promise((resolve) => asking.on('response', (answer) => answer.once('data', resolve)))
  for (let round = 0; round < 3; round++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  asking.destroy()
  await aborted.promise
})

test('the signal of an answered request does not abort; its request is one for the platform', async () => {
  let signal: AbortSignal | undefined
  const port = await serve(async (request) => {
    signal = request.signal
    const copy = new Request(request)
    return Response.json([copy.method, new URL(copy.url).pathname, await copy.json()])
  })
  const answer = await fetch(`http://127.0.0.1:${port}/a`, { method: 'POST', body: '{"b":1}' })
  expect(await answer.json()).toEqual(['POST', '/a', { b: 1 }])
  expect(signal?.aborted).toBe(false)
})

test.for([
  ['throws', () => Promise.reject(new Error('secret'))],
  ['gives no answer', () => Response.error()],
] as const)('a handler that %s answers 500, and says nothing', async ([, handler]) => {
  const answer = await fetch(`http://127.0.0.1:${await serve(handler)}`)
  expect([answer.status, await answer.text()]).toEqual([500, ''])
})

test('an answer that fails breaks off without the reason', async () => {
  const body = () =>
    ReadableStream.from(
      (async function* () {
        yield Buffer.from('begun')
        throw new Error('secret')
      })(),
    )
  const text = await talk(await serve(() => new Response(body())), 'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
  expect(text).not.toContain('secret')
  expect(text).not.toMatch(/0\r\n\r\n$/)
})

test.for([
  ['no HTTP', 'garbage\r\n\r\n', /400/],
  ['a host that is none', 'GET / HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', /400/],
  ['headers without end', `GET / HTTP/1.1\r\nHost: x\r\nA: ${'x'.repeat(40_000)}`, /431/],
] as const)('%s is refused', async ([, sent, expected]) => {
  let asked = 0
  const port = await serve(() => {
    asked++
    return new Response()
  })
  expect(await talk(port, sent)).toMatch(expected)
  expect(asked).toBe(0)
})

function talk(port: number, sent: string): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(sent))
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(text))
  })
}
