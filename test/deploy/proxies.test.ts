import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { launchService, type Service } from '../support/start-service.ts'
import { createGreeter, eventually, startStandIns } from '../support/start-world.ts'
import { type ProxyName, proxyProgram, type RunningProxy, startProxy } from './start-proxy.ts'

const TOKEN = 'a-token-for-the-test-of-proxies'
const headers = { authorization: `Bearer ${TOKEN}` }

let standIns: Awaited<ReturnType<typeof startStandIns>>
let service: Service
/** A run whose model is silent: it has events, and no end until it is stopped. */
let run: string
beforeAll(async () => {
  standIns = await startStandIns({ anthropic: () => ({ fault: 'stall', at: 'start' }) })
  const { github } = standIns
  service = await launchService({ ...standIns.env, API_TOKENS: `test=${TOKEN}`, LOG_LEVEL: 'info' })
  const url = await service.listening
  const repo = await createGreeter(github)
  const asked = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { ...headers, accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, prompt: 'Fix it' }),
  })
  run = ((await asked.json()) as { runId: string }).runId
  await eventually(() => (standIns.anthropic?.turns().length ?? 0) > 0)
})
afterAll(async () => {
  await service.remove()
  await standIns.close()
})

/** The numbers of a stream's events, each as soon as it has arrived. */
async function follow(url: string, after?: number) {
  const stopped = new AbortController()
  onTestFinished(() => stopped.abort())
  const response = await fetch(`${url}/runs/${run}/events`, {
    signal: stopped.signal,
    headers: {
      ...headers,
      'accept-encoding': 'gzip, br',
      ...(after === undefined ? {} : { 'last-event-id': String(after) }),
    },
  })
  expect(response.headers.get('content-type')).toContain('text/event-stream')
  expect(response.headers.get('content-encoding')).toBeNull()
  const numbers: number[] = []
  void (async () => {
    let rest = ''
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) numbers.push(...(/^id: (\d+)$/.exec(line)?.slice(1).map(Number) ?? []))
    }
  })().catch(() => {})
  return numbers
}

/** GitHub's ping, of exactly so many bytes: it is read and checked like every webhook, and not stored. */
async function deliver(url: string, bytes: number) {
  const [start, end] = ['{"zen":"', '"}']
  const body = start + 'x'.repeat(bytes - start.length - end.length) + end
  const signature = createHmac('sha256', standIns.env.WEBHOOK_SECRET ?? '')
    .update(body)
    .digest('hex')
  const response = await fetch(`${url}/api/github/webhooks`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-github-event': 'ping',
      'x-github-delivery': '1b5a9ab0-0000-11f0-8000-000000000000',
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  })
  return [response.status, await response.json()]
}

const LIMIT = 25 * 1_048_576

describe.each(['nginx', 'caddy'] satisfies ProxyName[])('behind %s', (name) => {
  const missing = proxyProgram(name) === undefined
  const title = missing ? ` (not installed: apt-get install ${name === 'nginx' ? 'nginx-light' : name})` : ''
  let proxy: RunningProxy
  beforeAll(async () => {
    if (!missing) proxy = await startProxy(name, await service.listening)
  })
  afterAll(() => proxy?.stop())

  test.skipIf(missing)(
    `events arrive while the run works, and go on after a broken stream${title}`,
    async () => {
      const numbers = await follow(proxy.url)
      await eventually(() => numbers.length >= 3)
      const rest = await follow(proxy.url, 2)
      await eventually(() => rest.length > 0)
      expect(numbers.slice(0, 3)).toEqual([1, 2, 3])
      expect(rest[0]).toBe(3)
    },
  )

  test.skipIf(missing)(`a webhook of 25 MB is taken, and a larger one refused in words${title}`, async () => {
    expect(await deliver(proxy.url, LIMIT)).toEqual([200, { status: 'pong' }])
    expect(await deliver(proxy.url, LIMIT + 1)).toEqual([
      413,
      { error: { code: 'body_too_large', message: expect.stringContaining('larger than 25 MiB') } },
    ])
  })

  test.skipIf(missing)(`a caller is not one of this machine, and JSON is compressed${title}`, async () => {
    expect((await fetch(`${proxy.url}/runs`)).status).toBe(401)
    const list = await fetch(`${proxy.url}/openapi.json`, {
      headers: { ...headers, 'accept-encoding': 'gzip' },
    })
    expect([list.status, list.headers.get('content-encoding')]).toEqual([200, 'gzip'])
    expect(await list.json()).toMatchObject({ openapi: expect.any(String) })
  })
})
