import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createReadBody } from '../../src/web/read-body.ts'
import { type ServedWeb, serveWeb, useDatabase } from './serve-web.ts'

const database = useDatabase()
const PATH = '/api/github/webhooks'
const SECRET = 'a webhook secret'
const MIB = 1_048_576
const LARGE = Buffer.alloc(25 * MIB, 'x')
const WRONG = `sha256=${'0'.repeat(64)}`

function serve() {
  return serveWeb(database(), { webhook: { path: PATH, secret: SECRET, accept: async () => 'stored' } })
}

/** Sends a body as it comes; a connection that is cut before the answer counts as refused. */
async function send(web: ServedWeb, body: Uint8Array, headers: Record<string, string>): Promise<number> {
  const sent = request(`${web.url}${PATH}`, {
    method: 'POST',
    agent: false,
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': 'd',
      ...headers,
    },
  })
  const answered = once(sent, 'response').then(
    ([response]) => {
      response.resume()
      return response.statusCode as number
    },
    () => 0,
  )
  sent.end(body)
  const status = await answered
  sent.destroy()
  return status
}

test('a delivery without a whole signature is refused before its body arrives (S6)', async () => {
  const web = await serve()
  const { port } = new URL(web.url)
  for (const signature of [
    '',
    'x-hub-signature-256: sha256=abc\r\n',
    `x-hub-signature: sha1=${'0'.repeat(40)}\r\n`,
  ]) {
    const socket = connect(Number(port), '127.0.0.1')
    const answer = once(socket.setEncoding('utf8'), 'data')
    socket.write(
      `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n${signature}Content-Length: ${25 * MIB}\r\n\r\n{`,
    )
    expect(String(await answer)).toMatch(/^HTTP\/1\.1 401 /)
    await once(socket, 'close')
  }
})

test('forty unsigned and forty wrongly signed bodies of 25 MiB leave no more than the cap in memory (S6)', async () => {
  const web = await serve()
  const before = process.memoryUsage().rss
  let most = before
  const look = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 5)
  const many = (headers: Record<string, string>) =>
    Promise.all(Array.from({ length: 40 }, () => send(web, LARGE, headers)))
  expect((await many({})).filter((status) => status !== 401 && status !== 0)).toEqual([])
  const wrong = await many({ 'x-hub-signature-256': WRONG, 'transfer-encoding': 'chunked' })
  // On a busy machine some arrive too late (400).
  expect(wrong.filter((status) => ![400, 401, 503, 0].includes(status))).toEqual([])
  expect(wrong.filter((status) => status === 401 || status === 503).length).toBeGreaterThan(0)
  clearInterval(look)
  // 1,000 MiB were sent twice, by this same process.
  expect((most - before) / MIB).toBeLessThan(500)
  const body = Buffer.from('{}')
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
  expect(await send(web, body, { 'x-hub-signature-256': signature })).toBe(202)
})

/** A request whose body grows when the test says so. */
function slowRequest(headers: Record<string, string> = {}) {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>()
  const writer = writable.getWriter()
  const init = { method: 'POST', body: readable, headers, duplex: 'half' as const }
  return { request: new Request('http://localhost/', init), writer }
}

const LIMIT = { bytes: 1000, ms: 60_000 }
const size = { bytes: (body: { bytes(): Uint8Array }) => body.bytes().byteLength }

test('above the cap the largest body is refused, so that small ones arrive', async () => {
  const readBody = createReadBody(100)
  const [large, small] = [slowRequest(), slowRequest()]
  const refused = expect(readBody(large.request, LIMIT, size.bytes)).rejects.toMatchObject({
    code: 'unavailable',
    facts: { limit: 'bodies_in_flight' },
  })
  const arrives = readBody(small.request, LIMIT, size.bytes)
  await large.writer.write(new Uint8Array(80))
  await small.writer.write(new Uint8Array(30))
  await refused
  await small.writer.close()
  expect(await arrives).toBe(30)
  // What was refused or read is free again.
  const next = slowRequest()
  const whole = readBody(next.request, LIMIT, size.bytes)
  await next.writer.write(new Uint8Array(100))
  await next.writer.close()
  expect(await whole).toBe(100)
})

test('a body that is too large, late or broken is refused, and holds nothing', async () => {
  const readBody = createReadBody(100)
  const announced = slowRequest({ 'content-length': '1001' })
  await expect(readBody(announced.request, LIMIT, size.bytes)).rejects.toMatchObject({
    code: 'body_too_large',
  })
  const chunked = slowRequest()
  const reading = expect(
    readBody(chunked.request, { ...LIMIT, bytes: 50 }, size.bytes),
  ).rejects.toMatchObject({
    code: 'body_too_large',
  })
  await chunked.writer.write(new Uint8Array(51)).catch(() => undefined)
  await reading
  const late = readBody(slowRequest().request, { ...LIMIT, ms: 5 }, size.bytes)
  await expect(late).rejects.toMatchObject({
    code: 'bad_request',
    userMessage: expect.stringContaining('did not arrive'),
  })
  const broken = slowRequest()
  const partly = expect(readBody(broken.request, LIMIT, size.bytes)).rejects.toMatchObject({
    code: 'bad_request',
  })
  await broken.writer.write(new Uint8Array(90))
  await broken.writer.abort(new Error('the connection is lost'))
  await partly
  const full = slowRequest()
  const whole = readBody(full.request, LIMIT, size.bytes)
  await full.writer.write(new Uint8Array(100))
  await full.writer.close()
  expect(await whole).toBe(100)
})
