import { createParser } from 'eventsource-parser'
import { expect, test } from 'vitest'
import { type WireEvent, wireEvent } from '../../src/web/stream/wire-schema.ts'
import { SANDBOXES } from '../support/sandboxes.ts'
import { createGreeter, FIX_GREETER, startWorld, type World } from '../support/start-world.ts'

function postCode(world: World, body: object, init: RequestInit = {}): Promise<Response> {
  return fetch(`${world.url}/code`, {
    method: 'POST',
    body: JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
}

function framesOf(text: string): WireEvent[] {
  const frames: WireEvent[] = []
  const parser = createParser({ onEvent: ({ data }) => frames.push(wireEvent.parse(JSON.parse(data))) })
  parser.feed(text)
  return frames
}

test.for(SANDBOXES)('POST /code streams a run to its pull request ($sandbox)', async ({ sandbox, missing }, {
  skip,
}) => {
  skip(missing !== undefined, missing)
  const world = await startWorld({ sandbox, database: 'shared', anthropic: FIX_GREETER })
  await createGreeter(world.github)

  const response = await postCode(world, {
    repoUrl: `${world.github.url}/acme/greeter`,
    prompt: 'Fix the test',
  })
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/event-stream')
  const frames = framesOf(await response.text())

  expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
  expect(frames[0]).toMatchObject({ type: 'info', runUrl: expect.stringContaining('/runs/') })
  const types = new Set(frames.map(({ type }) => type))
  for (const type of ['info', 'AI Message', 'Tool: Read', 'Tool: Edit', 'Tool: Bash'])
    expect(types).toContain(type)
  const end = frames.at(-1)
  expect(end).toMatchObject({
    type: 'success',
    telemetry: { langsmith_enabled: false, recent_thoughts: expect.any(Array) },
    extra_data: { outcome: 'pull_request', ai_provider: 'anthropic', cost_usd: expect.any(Number) },
  })
  if (end?.type !== 'success') throw new Error('the run did not succeed')
  expect(end.telemetry.thinking_logs_count).toBeGreaterThanOrEqual(20)
  expect(world.github.pullRequests('acme/greeter')[0]?.head).toMatch(/^backspace\/code-/)
})

test('a client that only takes JSON gets the addresses of the run', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  await createGreeter(world.github)
  const body = { repoUrl: `${world.github.url}/acme/greeter.git`, prompt: 'Fix the test', draft: true }
  const response = await postCode(world, body, { headers: { accept: 'application/json' } })

  expect(response.status).toBe(202)
  expect(await response.json()).toMatchObject({ runId: expect.any(String), eventsUrl: expect.any(String) })
  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(world.github.pullRequests('acme/greeter')[0]).toMatchObject({ draft: true })
})

test('a client that leaves does not stop its run', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  await createGreeter(world.github)
  const leaving = new AbortController()
  const body = { repoUrl: `${world.github.url}/acme/greeter`, prompt: 'Fix the test' }
  const response = await postCode(world, body, { signal: leaving.signal })
  await response.body?.getReader().read()
  leaving.abort()

  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
})

test('the same Idempotency-Key is the same run', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  await createGreeter(world.github)
  const body = { repoUrl: `${world.github.url}/acme/greeter`, prompt: 'Fix the test' }
  const init = { headers: { 'idempotency-key': 'once', accept: 'application/json' } }
  const [first, second] = await Promise.all([postCode(world, body, init), postCode(world, body, init)])
  const other = await postCode(world, { ...body, prompt: 'Something else' }, init)

  expect(await first.json()).toEqual(await second.json())
  expect(other.status).toBe(409)
  expect(await world.runs()).toHaveLength(1)
  await world.frames()
})

test('a reader that reconnects misses nothing and gets nothing twice', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  await createGreeter(world.github)
  const body = { repoUrl: `${world.github.url}/acme/greeter`, prompt: 'Fix the test' }
  const whole = await (await postCode(world, body)).text()
  const [run] = await world.runs()
  const frames = framesOf(whole)

  for (const after of [0, 1, 7, frames.length - 1]) {
    const headers = { 'last-event-id': String(after) }
    const resumed = await fetch(run?.eventsUrl ?? '', after === 0 ? {} : { headers })
    expect(framesOf(await resumed.text())).toEqual(frames.slice(after))
  }
  const done = await fetch(run?.eventsUrl ?? '', { headers: { 'last-event-id': String(frames.length) } })
  expect(done.status).toBe(204)
})
