import { expect, test } from 'vitest'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { createEventStream, type EventStreamOptions } from '../../../src/web/stream/event-stream.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { eventsOf } from '../a-run.ts'
import { framesOf } from '../serve-web.ts'

const LIMITS = { pingMs: 60_000, bufferBytes: 262_144, stallMs: 60_000 }

function open(options: Partial<EventStreamOptions> & Pick<EventStreamOptions, 'follow'>) {
  return createEventStream({
    toWire: createWireMapper(),
    after: 0,
    onError: () => {},
    onStuck: () => {},
    limits: LIMITS,
    ...options,
  })
}

async function* replay(events: readonly RunEvent[]): AsyncGenerator<RunEvent> {
  yield* events
}

async function* replayThenWait(events: readonly RunEvent[], signal: AbortSignal): AsyncGenerator<RunEvent> {
  yield* events
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
}

test('a stream begins with the time to wait before coming back, and ends with the terminal frame', async () => {
  const events = eventsOf()
  const text = await new Response(open({ follow: () => replay(events) })).text()
  expect(text.startsWith('retry: 2000\n\nid: 1\ndata: {')).toBe(true)
  expect(text).not.toContain('event:')
  expect(framesOf(text)).toHaveLength(events.length)
})

test('a stream cut anywhere goes on with the same bytes', async () => {
  const events = eventsOf()
  const whole = framesOf(await new Response(open({ follow: () => replay(events) })).text())
  for (const after of events.keys()) {
    const rest = await new Response(open({ follow: () => replay(events), after })).text()
    expect(framesOf(rest)).toEqual(whole.slice(after))
  }
})

test('text with line ends of every kind stays one line of data', async () => {
  const text = 'a\nb\r\nc\u2028d\u2029e\n\ndata: {"forged":true}\n\n'
  const events = eventsOf([{ type: 'agent.message', text }])
  const controller = new AbortController()
  const stream = open({ follow: (signal) => replayThenWait(events, signal), closing: controller.signal })
  const reader = stream.getReader()
  await reader.read()
  const { value } = await reader.read()
  controller.abort()
  const frame = new TextDecoder().decode(value)
  expect(frame.split(/\r\n|[\n\r\u2028\u2029\u0085]/)).toHaveLength(4)
  expect(JSON.parse(frame.split('\n')[1]?.slice(6) ?? '').message).toContain('forged')
  // A process that stops says once more when to come back, and ends it.
  expect(new TextDecoder().decode((await reader.read()).value)).toBe('retry: 2000\n\n')
  expect((await reader.read()).done).toBe(true)
})

test('nothing is read from the log before the client reads', async () => {
  let asked = 0
  const stream = open({
    follow: (signal) => {
      asked += 1
      return replayThenWait([], signal)
    },
  })
  expect(asked).toBe(0)
  await stream.cancel()
  expect(asked).toBe(0)
})

test('a comment is sent while nothing happens', async () => {
  const stream = open({
    follow: (signal) => replayThenWait([], signal),
    limits: { ...LIMITS, pingMs: 1 },
  })
  const reader = stream.getReader()
  await reader.read()
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(': ping\n\n')
  await reader.cancel()
})

test('a client that leaves ends the following of the log', async () => {
  const left = Promise.withResolvers<void>()
  const stream = open({
    async *follow(signal) {
      try {
        yield* replayThenWait(eventsOf().slice(0, 3), signal)
      } finally {
        left.resolve()
      }
    },
  })
  const reader = stream.getReader()
  await reader.read()
  await reader.read()
  await reader.cancel()
  await left.promise
})

test('reading the log pauses at the bound, and goes on when the client reads', async () => {
  const events = eventsOf(
    Array.from({ length: 100 }, (_, n) => ({ type: 'agent.message', text: `${n} ${'x'.repeat(1000)}` })),
  )
  let taken = 0
  const ends = Promise.withResolvers<void>()
  const stream = open({
    async *follow() {
      for (const event of events) {
        taken = event.seq
        yield event
      }
      ends.resolve()
    },
    limits: { ...LIMITS, bufferBytes: 10_000 },
  })
  const reader = stream.getReader()
  await reader.read()
  const first = await reader.read()
  await new Promise((resolve) => setImmediate(resolve))
  expect(taken).toBeLessThan(30)
  let text = new TextDecoder().decode(first.value)
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    text += new TextDecoder().decode(value)
  }
  await ends.promise
  expect(framesOf(text)).toHaveLength(100)
})

test('a client that stops reading gets an error that says so, and is cut off', async () => {
  const events = eventsOf(
    Array.from({ length: 100 }, () => ({ type: 'agent.message', text: 'x'.repeat(1000) })),
  )
  const stuck = Promise.withResolvers<void>()
  const stream = open({
    follow: (signal) => replayThenWait(events, signal),
    limits: { ...LIMITS, bufferBytes: 5000, stallMs: 5 },
    onStuck: stuck.resolve,
  })
  const reader = stream.getReader()
  await reader.read()
  await stuck.promise
  expect(new TextDecoder().decode((await reader.read()).value)).toBe(': lagged\n\n')
  expect((await reader.read()).done).toBe(true)
})

test('a log that fails ends the stream without a word to the client', async () => {
  const errors: unknown[] = []
  const stream = open({
    // biome-ignore lint/correctness/useYield: it fails before it has anything
    async *follow() {
      throw new Error('connection to db.internal lost')
    },
    onError: (error) => errors.push(error),
  })
  expect(await new Response(stream).text()).toBe('retry: 2000\n\n')
  expect(errors).toHaveLength(1)
})
