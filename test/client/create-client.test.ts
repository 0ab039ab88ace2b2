import { expect, test } from 'vitest'
import {
  type BackspaceApiError,
  type ClientOptions,
  createClient,
  type WireEvent,
} from '../../src/client/create-client.ts'
import { expectValid } from '../support/api-contract.ts'
import { BODIES, SUCCESS } from '../web/a-run.ts'
import { serveWeb, useDatabase } from '../web/serve-web.ts'
import { startCuttingProxy } from './cutting-proxy.ts'

const database = useDatabase()

async function open({
  closing,
  ...options
}: Partial<ClientOptions> & { readonly closing?: AbortSignal } = {}) {
  const web = await serveWeb(database(), closing ? { closing } : {})
  const proxy = await startCuttingProxy(web.url)
  const retries: string[] = []
  const client = createClient({
    url: proxy.url,
    firstWaitMs: 1,
    onRetry: (error, waitMs) =>
      retries.push(`${error.code}${error.retryAfterMs === undefined ? '' : ` ${waitMs}`}`),
    ...options,
  })
  return { web, proxy, client, retries }
}

const seqs = (events: readonly WireEvent[]) => events.map(({ seq }) => seq)
const CODE = { repoUrl: 'https://github.com/acme/api', prompt: 'x' }

test('a stream that is cut anywhere is resumed: every event comes once, in order, and the last one ends it', async () => {
  const { web, proxy, client } = await open()
  const id = await web.play([...BODIES, SUCCESS])
  const bytes = Buffer.from(await (await fetch(`${web.url}/runs/${id}/events`)).arrayBuffer())
  const whole = await Array.fromAsync(client.events(id))
  expect(whole.at(-1)?.type).toBe('success')
  expect(seqs(whole)).toEqual(Array.from(whole, (_, at) => at + 1))
  const ofData = bytes.indexOf('data: ', 400)
  const ofLetter = bytes.indexOf('✓')
  const cuts = {
    'after the head': 0,
    'in the first line': 4,
    'between two events': bytes.indexOf('\n\n', 400) + 2,
    'in the id of an event': bytes.indexOf('id: ', 400) + 2,
    'in the name of a field': ofData + 3,
    'in the middle of an event': ofData + 40,
    'before the empty line': bytes.indexOf('\n\n', ofData) + 1,
    'in the middle of a letter': ofLetter + 1,
    'before the last empty line': bytes.length - 1,
  }
  expect(ofLetter).toBeGreaterThan(0)
  for (const [where, cutAfter] of Object.entries(cuts)) {
    proxy.mischief.push({ cutAfter })
    expect([where, seqs(await Array.fromAsync(client.events(id)))]).toEqual([where, seqs(whole)])
  }
  // All of them at once, each later than the one before.
  proxy.mischief.push(...Object.values(cuts).map((cutAfter) => ({ cutAfter })))
  expect(await Array.fromAsync(client.events(id))).toEqual(whole)
  expect(proxy.mischief).toEqual([])
})

test('a reader that knows some events gets the others, and one that knows all gets none', async () => {
  const { web, proxy, client } = await open()
  const id = await web.play([...BODIES, SUCCESS])
  const whole = await Array.fromAsync(client.events(id))
  expect(seqs(await Array.fromAsync(client.events(id, { after: 3 })))).toEqual(seqs(whole).slice(3))
  expect(await Array.fromAsync(client.events(id, { after: whole.length }))).toEqual([])
  expect(proxy.seen.at(-1)).toBe(`GET /runs/${id}/events ${whole.length}`)
})

test('a service that restarts, or asks for patience, is waited for as long as it says', async () => {
  const closing = new AbortController()
  // Both work on one database, which is emptied for each.
  const { proxy, client, retries } = await open({ closing: closing.signal })
  const restarted = await serveWeb(database())
  const id = await restarted.play([])
  const events = client.events(id)
  expect((await events.next()).value).toMatchObject({ seq: 1 })
  // The old process closes its streams; the new one is not ready at first.
  proxy.mischief.push({ answer: 503, headers: { 'retry-after': '0' } }, { answer: 502 })
  proxy.forwardTo(restarted.url)
  closing.abort()
  await restarted.append(id, [...BODIES.slice(1), SUCCESS])
  const rest = await Array.fromAsync(events)
  expect(rest[0]).toMatchObject({ seq: 2 })
  expect(rest.at(-1)?.type).toBe('success')
  expect(retries).toEqual(['unreachable', 'http_503 0', 'http_502'])
})

test('a start whose answer is lost, or that comes too early, starts one run', async () => {
  const { proxy, client } = await open()
  proxy.mischief.push('lose the answer', { answer: 429, headers: { 'retry-after': '0' } }, 'lose the answer')
  const { runId } = await client.start(CODE)
  expect(proxy.seen).toEqual(['POST /code', 'POST /code', 'POST /code', 'POST /code'])
  expect((await client.list()).runs.map(({ id }) => id)).toEqual([runId])
  // A note has no key: sent twice, it would be there twice.
  proxy.mischief.push('lose the answer')
  await expect(client.note(runId, 'And the docs.')).rejects.toMatchObject({ code: 'unreachable' })
  expect(proxy.seen.filter((each) => each.includes('notes'))).toHaveLength(1)
  expect(await client.cancel(runId)).toMatchObject({ status: 'cancelling' })
  const ended = await Array.fromAsync(client.events(runId))
  expect(ended.at(-1)).toMatchObject({ type: 'error', code: 'cancelled' })
  expect(await client.get(runId)).toMatchObject({ id: runId, status: 'cancelled' })
})

test('what the service refuses is an error with its code, message and request id, at once', async () => {
  const { client, retries } = await open()
  const error = await client.get('nope').catch((caught: BackspaceApiError) => caught)
  expect(error).toMatchObject({
    name: 'BackspaceApiError',
    code: 'not_found',
    status: 404,
    message: expect.stringContaining('There is no run with this id'),
    requestId: expect.stringMatching(/^[\w-]{10,}$/),
  })
  await expect(Array.fromAsync(client.events('nope'))).rejects.toMatchObject({ code: 'not_found' })
  const web = await serveWeb(database(), { apiTokens: [{ name: 'ci', token: 'a-token-of-some-length' }] })
  const stranger = createClient({ url: web.url, token: 'another-token-of-some-length' })
  await expect(stranger.list()).rejects.toMatchObject({ code: 'unauthorized', status: 401 })
  const known = createClient({ url: `${web.url}/`, token: 'a-token-of-some-length' })
  expect(await known.list({ limit: 5, status: undefined })).toMatchObject({ runs: [], next: null })
  expect(retries).toEqual([])
})

test('the client gives up when the service stays away, and when it asks for more patience than it has', async () => {
  const { proxy, client } = await open({ retryForMs: 20 })
  proxy.mischief.push({
    answer: 429,
    headers: { 'retry-after': '3600' },
    body: '{"error":{"code":"rate_limited","message":"Later."}}',
  })
  await expect(client.list()).rejects.toMatchObject({
    code: 'rate_limited',
    message: 'Later.',
    retryAfterMs: 3_600_000,
  })
  proxy.forwardTo('http://127.0.0.1:1')
  await expect(client.list()).rejects.toMatchObject({ code: 'unreachable', status: 0 })
})

test('a connection that says nothing more is left for another one', async () => {
  // Far above what a busy machine needs between two parts of the good answer that follows.
  const { web, proxy, client, retries } = await open({ idleMs: 5_000 })
  const id = await web.play([...BODIES, SUCCESS])
  proxy.mischief.push({ silentAfter: 600 })
  const events = await Array.fromAsync(client.events(id))
  expect(events.at(-1)?.type).toBe('success')
  expect(retries).toEqual(['unreachable'])
})

test('a quiet run behind a proxy that closes idle connections is waited for', async () => {
  const { web, proxy, client, retries } = await open({ idleMs: 30, retryForMs: 60 })
  const id = await web.play(BODIES.slice(0, 2))
  const events = client.events(id)
  for (const seq of [1, 2, 3]) expect((await events.next()).value).toMatchObject({ seq })
  const next = events.next()
  await expect.poll(() => retries.length).toBeGreaterThan(5)
  await web.append(id, [SUCCESS])
  expect((await next).value?.type).toBe('success')
  expect(proxy.seen.at(-1)).toBe(`GET /runs/${id}/events 3`)
})

test('an answer that breaks off is asked for again, and a page of a proxy is no answer', async () => {
  const { web, proxy, client } = await open()
  const id = await web.play([...BODIES, SUCCESS])
  proxy.mischief.push({ cutAfter: 50 })
  expect(await client.get(id)).toMatchObject({ id, status: 'succeeded' })
  const page = { answer: 200, headers: { 'content-type': 'text/html' }, body: '<h1>Log in</h1>' }
  proxy.mischief.push(page, page)
  await expect(client.get(id)).rejects.toMatchObject({ code: 'unexpected_answer', status: 200 })
  await expect(Array.fromAsync(client.events(id))).rejects.toMatchObject({ code: 'unexpected_answer' })
})

test('who leaves the loop or aborts leaves no connection behind', async () => {
  const { web, proxy, client } = await open()
  const id = await web.play(BODIES.slice(0, 3))
  for await (const event of client.events(id)) if (event.seq === 2) break
  const stop = new AbortController()
  const reading = (async () => {
    for await (const event of client.events(id, { signal: stop.signal }))
      if (event.seq === 3) stop.abort(new Error('enough'))
  })()
  await expect(reading).rejects.toThrow('enough')
  await expect(client.list({}, { signal: AbortSignal.abort(new Error('not at all')) })).rejects.toThrow(
    'not at all',
  )
  await expect.poll(proxy.openNow).toBe(0)
})

test('all runs come page by page', async () => {
  const { web, client } = await open()
  const ids = []
  for (let count = 0; count < 5; count++) ids.unshift((await web.runs.submit()).run.id)
  const all = await Array.fromAsync(client.all({ limit: 2 }))
  expect(all.map(({ id }) => id)).toEqual(ids)
  expectValid('Statistics', await client.stats())
})

test.each([
  ['a login page of a proxy', { answer: 200, headers: { 'content-type': 'text/html' }, body: '<form>' }],
  ['half an answer', { answer: 200, headers: { 'content-type': 'application/json' }, body: '{"runs":[' }],
  ['a redirect', { answer: 301, headers: { location: 'https://elsewhere.example/runs' } }],
  ['a redirect to nowhere', { answer: 302 }],
  [
    'null for an event',
    { answer: 200, headers: { 'content-type': 'text/event-stream' }, body: 'data: null\n\n' },
  ],
] as const)('%s is an error that says so at once, for every call', async (_what, mischief) => {
  const { proxy, client, retries } = await open()
  const events = () => Array.fromAsync(client.events('a'))
  const isStream = mischief.answer === 200 && mischief.headers['content-type'] === 'text/event-stream'
  const calls = isStream ? [events] : [() => client.list(), () => client.start(CODE), events]
  for (const call of calls) {
    proxy.mischief.push(mischief)
    await expect(call()).rejects.toMatchObject({ name: 'BackspaceApiError', code: 'unexpected_answer' })
  }
  expect(proxy.seen).toHaveLength(calls.length)
  expect(retries).toEqual([])
})

test('an answer that is cut anywhere is asked for again, but not what would then happen twice', async () => {
  const { web, proxy, client } = await open()
  const id = await web.play([])
  for (const cutAfter of [0, 1, 40]) {
    proxy.mischief.push({ cutAfter })
    expect(await client.get(id)).toMatchObject({ id })
    proxy.mischief.push({ cutAfter })
    await expect(client.note(id, 'And the docs.')).rejects.toMatchObject({ code: 'unreachable' })
  }
  expect(proxy.seen.filter((each) => each.includes('/notes'))).toHaveLength(3)
})

test('a service that always says that it can be asked at once is not asked all the time', async () => {
  const { proxy, client } = await open({ retryForMs: 200, firstWaitMs: 10 })
  proxy.mischief.push(
    ...Array.from({ length: 500 }, () => ({ answer: 503, headers: { 'retry-after': '0' } })),
  )
  await expect(client.list()).rejects.toMatchObject({ status: 503 })
  expect(proxy.seen.length).toBeLessThan(20)
})
