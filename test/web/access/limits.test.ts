import { once } from 'node:events'
import { get } from 'node:http'
import { expect, test } from 'vitest'
import { createAttempts, WRONG_TOKENS } from '../../../src/web/access/attempts.ts'
import { createClientAddress } from '../../../src/web/access/client-address.ts'
import { SUCCEEDED } from '../../runs/start-runs.ts'
import { parseFrames, type ServedWeb, serveWeb, useDatabase } from '../serve-web.ts'
import { askWith, makeToken, onRepository, refusalOf } from './token-fixture.ts'

const database = useDatabase()

type Incoming = NonNullable<Parameters<ReturnType<typeof createClientAddress>>[0]>

/** Opens the event stream of a run and leaves it open. */
async function openStream(web: ServedWeb, runId: string, token: string) {
  const headers = { authorization: `Bearer ${token}` }
  const request = get(`${web.url}/runs/${runId}/events`, { headers, agent: false })
  const [response] = await once(request, 'response')
  let text = ''
  const began = Promise.withResolvers<void>()
  response.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
    if (text.includes('data:')) began.resolve()
  })
  return {
    /** Resolves with the first frame. */
    began: began.promise,
    status: response.statusCode as number,
    retryAfter: response.headers['retry-after'],
    ended: new Promise<string>((resolve) => response.on('close', () => resolve(text)).on('error', () => {})),
    close: () => request.destroy(),
  }
}

test('event streams are limited per token and per address, and a closed one makes room (S40)', async () => {
  const counted: number[] = []
  const metrics = async (openStreams: number) => String(counted.push(openStreams))
  const web = await serveWeb(database(), { maxStreams: 2, metrics })
  const id = await web.play([], onRepository('acme', 'api'))
  const tokens = await Promise.all(['a', 'b', 'c'].map(async (name) => (await makeToken(web, { name })).text))
  const [a = '', b = '', c = ''] = tokens
  const first = await openStream(web, id, a)
  await openStream(web, id, a)
  const third = await openStream(web, id, a)
  expect([third.status, third.retryAfter]).toEqual([429, '10'])
  const code = {
    method: 'POST',
    body: { repoUrl: 'https://github.com/acme/api', prompt: 'x' },
    headers: { accept: 'text/event-stream' },
  }
  expect((await askWith(web, a, '/code', code)).status).toBe(429)
  expect((await web.runs.store.list({ limit: 9 })).runs.length).toBe(1)
  for (const token of [b, b]) expect((await openStream(web, id, token)).status).toBe(200)
  expect((await openStream(web, id, c)).status).toBe(429)
  const { text: counter } = await makeToken(web, {
    name: 'counter',
    rights: ['metrics'],
    repositories: ['*/*'],
  })
  expect((await askWith(web, counter, '/metrics')).status).toBe(200)
  expect(counted).toEqual([4])
  const before = await web.connections()
  first.close()
  while ((await web.connections()) >= before) await new Promise((resolve) => setTimeout(resolve, 5))
  expect((await openStream(web, id, c)).status).toBe(200)
})

test('a stream ends within moments of the revocation, the log-out or the loss of access (S38)', async () => {
  let permission: 'read' | 'none' = 'read'
  let now = new Date()
  const web = await serveWeb(database(), {
    recheckMs: 20,
    now: () => now,
    permissionOf: () => Promise.resolve(permission),
  })
  const id = await web.play([{ type: 'notice', level: 'info', message: 'x' }], onRepository('acme', 'api'))
  const [one, two, three] = await Promise.all([
    makeToken(web, { name: 'one' }),
    makeToken(web, { name: 'two', owner: 'ada' }),
    makeToken(web, { name: 'three', expiresAt: new Date(now.getTime() + 3600_000) }),
  ])
  const streams = await Promise.all([one, two, three].map(({ text }) => openStream(web, id, text)))
  expect(streams.map(({ status }) => status)).toEqual([200, 200, 200])
  await streams[0]?.began
  await web.tokens.revoke('one')
  expect(parseFrames((await streams[0]?.ended) ?? '').length).toBeGreaterThan(0)
  permission = 'none'
  now = new Date(now.getTime() + 10 * 60_000)
  await streams[1]?.ended
  now = new Date(now.getTime() + 3600_000)
  await streams[2]?.ended
  await web.append(id, [SUCCEEDED])
  for (const { text } of [one, three])
    expect((await askWith(web, text, `/runs/${id}/events`)).status).toBe(401)
})

test('wrong tokens are counted per address, and a right one is never shut out by them', async () => {
  const refused: string[] = []
  const web = await serveWeb(database(), { countRefusal: (reason) => void refused.push(reason) })
  const { text } = await makeToken(web)
  const statuses: number[] = []
  for (let count = 0; count < 11; count++) statuses.push((await askWith(web, 'wrong', '/runs')).status)
  expect(statuses).toEqual([...Array<number>(10).fill(401), 429])
  const login = await fetch(`${web.url}/login`, {
    method: 'POST',
    body: new URLSearchParams({ token: 'wrong' }),
  })
  expect([login.status, Number(login.headers.get('retry-after')) > 0]).toEqual([429, true])
  expect(refused).toEqual(['wrong_tokens', 'wrong_tokens'])
  expect((await askWith(web, text, '/runs')).status).toBe(200)
  expect(await refusalOf(await askWith(web, undefined, '/runs'))).toContain('401 Send an API token')
})

test('the counter of wrong tokens forgets after a minute, and keeps a bounded number of addresses', () => {
  let now = 0
  const attempts = createAttempts({ ...WRONG_TOKENS, now: () => now })
  const counts = (address: string) => {
    try {
      attempts.count(address)
      return true
    } catch {
      return false
    }
  }
  const many = (address: string) => Array.from({ length: 12 }, () => counts(address)).filter(Boolean).length
  expect(many('10.0.0.1')).toBe(10)
  now = 59_999
  expect(counts('10.0.0.1')).toBe(false)
  now = 60_000
  expect(counts('10.0.0.1')).toBe(true)
  expect(many('10.0.0.2')).toBe(10)
  for (let index = 0; index < 10_000; index++) counts(`192.0.${index >> 8}.${index & 255}`)
  expect(counts('10.0.0.2')).toBe(true)
})

test.each([
  [[], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [['10.0.0.0/8'], '10.1.2.3', '198.51.100.1', '198.51.100.1'],
  [['10.0.0.0/8'], '::ffff:10.1.2.3', '6.6.6.6, 198.51.100.1', '198.51.100.1'],
  [['10.0.0.0/8'], '10.1.2.3', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
  [['10.0.0.0/8'], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
  [['10.0.0.0/8'], '10.1.2.3', 'unknown', '10.1.2.3'],
  [['10.0.0.0/8'], '10.1.2.3', undefined, '10.1.2.3'],
  [[], '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  [[], '2001:db8::1', undefined, '2001:db8:0:0::/64'],
  [['::1'], '::1', '2001:0db8:0001::9', '2001:db8:1:0::/64'],
])('with proxies %j, %s that says it forwards %s counts as %s', (trusted, remoteAddress, forwarded, address) => {
  const socket = { remoteAddress } as Incoming['socket']
  const incoming = { socket, headers: { 'x-forwarded-for': forwarded } }
  expect(createClientAddress(trusted)(incoming)).toBe(address)
})
