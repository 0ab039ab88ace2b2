import { once } from 'node:events'
import { createServer, type RequestListener, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { followRun } from '../../src/commands/terminal/run/follow-run.ts'
import { endOf } from '../../src/commands/terminal/run/received-frame.ts'
import { knownError } from '../../src/errors.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What `npm run watch` prints, and how it ends. */
async function watch(eventsUrl: string, quietMs?: number) {
  const output = new PassThrough()
  const printed = text(output)
  const end = await followRun(eventsUrl, { output, quietMs, firstPatience: 2500 }).then(
    (last) => ({ last: endOf(last), error: undefined }),
    (error: unknown) => ({ last: undefined, error: knownError(error)?.userMessage }),
  )
  output.end()
  return { ...end, printed: await printed }
}

const FRAME = { runId: 'r', at: '2026-11-28T10:00:00.000Z' }

function send(response: ServerResponse, frame: object & { readonly seq: number }): void {
  response.write(`id: ${frame.seq}\ndata: ${JSON.stringify({ ...FRAME, ...frame })}\n\n`)
}

const STEP = {
  type: 'info',
  step: 'baseline',
  progress: 25,
  status: 'started',
  message: 'Running go test ./...',
}
const END = { type: 'error', code: 'cancelled', message: 'Stopped.', extra_data: {}, telemetry: {} }

test('an address at which nothing listens is named at once, and given up with what to check', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const dead = `http://127.0.0.1:${(free.address() as AddressInfo).port}`
  free.close()
  await once(free, 'close')
  const { error, printed } = await watch(`${dead}/runs/abc/events`)
  const { host } = new URL(dead)
  expect(printed.split('\n')[0]).toMatch(
    /^ {2}… Waiting for .* \(it refuses the connection\); retry in [12] s$/,
  )
  expect(printed).toContain(host)
  expect(error).toBe(`${dead} refuses the connection. Check the address, and that Backspace runs there.`)
})

test.each([
  [404, /^There is no run at http:.*\/runs\/abc \(404\)/],
  [401, /needs an API token for this run \(401\).*BACKSPACE_TOKEN/],
  [200, /is not a run of Backspace/],
])('an answer with status %i is explained', async (status, message) => {
  const url = await serve((_, response) =>
    response.writeHead(status, { 'content-type': 'text/html' }).end('<p>'),
  )
  expect((await watch(`${url}/runs/abc/events`)).error).toMatch(message)
})

test('a long silence names the step that the run is waiting for', async () => {
  let finish = () => {}
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    send(response, { seq: 1, ...STEP })
    finish = () => send(response, { seq: 2, ...END })
  })
  const output = new PassThrough()
  const followed = followRun(`${url}/runs/r/events`, { output, quietMs: 20 })
  let printed = ''
  for await (const chunk of output) {
    printed += chunk
    if (printed.includes('… Running go test ./..., ')) break
  }
  finish()
  expect(endOf(await followed)).toBe('error')
})

test('a stream that breaks goes on after the last frame', async () => {
  const asked: (string | undefined)[] = []
  const url = await serve((request, response) => {
    const after = request.headers['last-event-id']
    asked.push(after === undefined ? after : String(after))
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    send(response, after === '0' ? { seq: 1, ...STEP } : { seq: 2, ...END })
    response.end()
  })
  const { last, printed } = await watch(`${url}/runs/r/events`)
  expect({ last, asked }).toEqual({ last: 'error', asked: ['0', '1'] })
  expect(printed).toMatch(/… Waiting for 127\.0\.0\.1:\d+ \(it closed the stream\); retry in [12] s/)
})
