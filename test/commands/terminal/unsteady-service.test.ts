import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, onTestFinished, test } from 'vitest'
import { exitCodeOfError } from '../../../src/commands/terminal/run/exit-codes.ts'
import { followRun } from '../../../src/commands/terminal/run/follow-run.ts'
import { requestRun, stopRun } from '../../../src/commands/terminal/service/reached-service.ts'
import { knownError } from '../../../src/errors.ts'
import { freePort } from '../../support/postgres.ts'

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const BODY = { repoUrl: 'https://github.com/acme/api', prompt: 'x' }
const STARTED = {
  runId: 'r1',
  runUrl: 'https://backspace.example/runs/r1',
  eventsUrl: 'https://backspace.example/runs/r1/events',
}
const ENVELOPE = { runId: 'r1', at: '2026-11-29T10:00:00.000Z' }
const END = { type: 'error', code: 'cancelled', message: 'Stopped.', extra_data: {}, telemetry: {} }

test('a request that got no answer is sent again with the same key, so there is one run', async () => {
  const keys: unknown[] = []
  const url = await serve((request, response) => {
    keys.push(request.headers['idempotency-key'])
    if (keys.length === 1) return request.destroy()
    if (keys.length === 2)
      return response
        .writeHead(503, { 'retry-after': '0' })
        .end('{"error":{"code":"unavailable","message":"Restarting."}}')
    return response.writeHead(202, { 'content-type': 'application/json' }).end(JSON.stringify(STARTED))
  })
  const reasons: string[] = []
  const started = await requestRun({ url, token: undefined }, BODY, {
    onRetry: ({ what }) => void reasons.push(what),
  })
  expect(started).toEqual({ runId: 'r1', runUrl: STARTED.runUrl })
  expect(reasons).toEqual(['cut the connection', 'answers 503: Restarting'])
  expect(new Set(keys).size).toBe(1)
})

test.each([
  [
    400,
    { error: { code: 'bad_request', message: 'base must be a branch.\u001b[2J' } },
    2,
    /^base must be a branch\.$/,
  ],
  [
    401,
    { error: { code: 'unauthorized', message: 'No token.' } },
    5,
    /^No token\. Set BACKSPACE_TOKEN, or name a file/,
  ],
  [403, { error: { code: 'not_installed', message: 'Install the App.' } }, 5, /^Install the App\.$/],
  [404, '<html>', 6, /answers 404\. Check the address: is that Backspace\?/],
  [429, { error: { code: 'rate_limited', message: 'At most 60 an hour.' } }, 5, /^At most 60 an hour\.$/],
  [500, { error: { code: 'internal', message: 'Failed, id 7.' } }, 3, /^Failed, id 7\.$/],
  [202, { runId: '../../admin', runUrl: 'x', eventsUrl: 'x' }, 6, /does not answer like a Backspace/],
  [302, {}, 2, /redirects to https:\/\/elsewhere\.example\. Use that address/],
])('an answer with status %i is said in its words, and decides the exit code', async (status, answer, code, message) => {
  const url = await serve((_, response) => {
    response.writeHead(status, { 'retry-after': '900', location: 'https://elsewhere.example/code' })
    response.end(typeof answer === 'string' ? answer : JSON.stringify(answer))
  })
  const error = await requestRun({ url, token: 't' }, BODY).catch((reason: unknown) => reason)
  expect(knownError(error)?.userMessage).toMatch(message)
  expect(exitCodeOfError(error)).toBe(code)
})

test('a service that is not there is given up with what to check', async () => {
  const url = `http://127.0.0.1:${await freePort()}`
  const given = { url, token: undefined }
  const error = await requestRun(given, BODY, { firstPatience: 10 }).catch((reason: unknown) => reason)
  expect(knownError(error)?.userMessage).toBe(
    `${url} refuses the connection. Check the address, and that Backspace runs there.`,
  )
  expect(exitCodeOfError(error)).toBe(6)
})

test('a run that has ended needs no stop, and a refusal to stop is said', async () => {
  const url = await serve((request, response) => {
    const isOver = request.url === '/runs/over/cancel'
    response.writeHead(isOver ? 409 : 403).end('{"error":{"code":"x","message":"You may not."}}')
  })
  expect(await stopRun({ url, token: undefined }, 'over')).toBeUndefined()
  expect(await stopRun({ url, token: undefined }, 'other')).toBe('You may not.')
})

test('a restart of the service costs no frame, and Retry-After is obeyed', async () => {
  const asked: [number, unknown][] = []
  const url = await serve((request, response) => {
    asked.push([Date.now(), request.headers['last-event-id']])
    if (asked.length === 2) return response.writeHead(503, { 'retry-after': '2' }).end()
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const seq = asked.length === 1 ? 1 : 2
    const frame = seq === 1 ? { type: 'AI Message', message: 'Hello.' } : END
    return response.end(`id: ${seq}\ndata: ${JSON.stringify({ ...ENVELOPE, ...frame, seq })}\n\n`)
  })
  const output = new PassThrough()
  const printed = text(output)
  await followRun(`${url}/runs/r1/events`, { output })
  output.end()
  expect(asked.map(([, after]) => after)).toEqual(['0', '1', '1'])
  expect((asked[2]?.[0] ?? 0) - (asked[1]?.[0] ?? 0)).toBeGreaterThanOrEqual(1900)
  expect(await printed).toMatch(
    /Hello\.\n.*closed the stream.*\n {2}Connected to 127\.0\.0\.1:\d+ after \d+ s\.\n/,
  )
})

test.each([
  false,
  true,
])('nothing that a service sends steers the terminal (frames as JSON: %s)', async (json) => {
  const hostile = 'a\u001b]52;c;ZXZpbA==\u0007b\u001b[2Jc\u009b31md\u202ee\u0000f\r\n\u001b[1A'
  const frames = [
    { type: 'info', step: 'clone', status: 'started', progress: 1, message: hostile },
    {
      type: 'info',
      step: 'agent',
      status: 'started',
      progress: 1,
      message: hostile,
      tool: `bash${hostile}`,
      call_id: hostile,
    },
    { type: 'AI Message', message: hostile },
    { type: 'Unheard of', message: hostile, more: { [hostile]: hostile } },
    { ...END, message: hostile },
  ].map((frame, index) => ({ ...ENVELOPE, ...frame, seq: index + 1 }))
  const url = await serve((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const frame of frames) response.write(`id: ${frame.seq}\ndata: ${JSON.stringify(frame)}\n\n`)
    response.end()
  })
  const output = Object.assign(new PassThrough(), { columns: 40 })
  const printed = text(output)
  await followRun(`${url}/runs/r1/events`, { output, json })
  output.end()
  const shown = await printed
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is searched for
  expect(shown).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/)
  if (json)
    expect(
      shown
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(frames)
  else expect(shown).toContain('abc')
})
