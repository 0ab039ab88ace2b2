import { randomUUID } from 'node:crypto'
import { getEventListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { createRunLog } from '../../src/runs/log/run-log.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { createRunFolds } from '../../src/web/live/run-folds.ts'
import { createWatchRuns } from '../../src/web/live/watch-runs.ts'
import type { RunPageData } from '../../src/web/pages/run-page.ts'
import { startRuns, type TestRuns } from '../runs/start-runs.ts'
import { openSharedDatabase } from '../support/shared-postgres.ts'
import { BODIES, SUCCESS } from './a-run.ts'

type WatchDeps = Parameters<typeof createWatchRuns>[0]

test('a live page that its reader leaves keeps nothing of it until the process ends', async () => {
  const db = await openSharedDatabase()
  onTestFinished(() => db.close())
  const log = createRunLog({ db })
  onTestFinished(() => log.close())
  const closing = new AbortController()
  // No part is drawn for a run without events.
  const watch = watching({ log }, { closing: closing.signal, drawParts: async () => undefined })
  const kept = () => getEventListeners(closing.signal, 'abort').length
  for (let visit = 0; visit < 3; visit++) {
    const left = new AbortController()
    watch.open(randomUUID(), { after: 0, split: false, signal: left.signal })
    await expect.poll(kept).toBe(1)
    left.abort()
    await expect.poll(kept, { timeout: 5000 }).toBe(0)
  }
}, 30_000)

test('what takes too long to draw at one moment is drawn later', async () => {
  const runs = await theRuns()
  const { id } = await runs.claim()
  let tries = 0
  const reader = read(
    id,
    watching(runs, { drawParts: async (data) => (++tries > 2 ? spanOf(data) : undefined) }),
  )
  for (const body of BODIES.slice(0, 3)) await runs.log.append(id, 1, body)
  // Number 1 tells that the run was queued.
  await expect.poll(reader.parts, { timeout: 20_000 }).toEqual(['after 0 to 4'])
  await runs.log.append(id, 1, SUCCESS)
  await expect.poll(reader.isClosed, { timeout: 20_000 }).toBe(true)
  expect(reader.parts()).toEqual(['after 0 to 4', 'after 4 to 5'])
}, 60_000)

test('parts that find no room because output came first are sent when there is room', async () => {
  const runs = await theRuns()
  const { id } = await runs.claim()
  const { promise: filled, resolve: fill } = Promise.withResolvers<void>()
  let drawn = 0
  const watch = watching(runs, {
    drawParts: async (data) => {
      drawn++
      await filled
      return spanOf(data)
    },
  })
  const left = new AbortController()
  onTestFinished(() => left.abort())
  const stream = watch.open(id, { after: 0, split: false, signal: left.signal })
  await expect.poll(() => drawn, { timeout: 20_000 }).toBe(1)
  // No one reads yet: the first frame says when to come back, so one line of output fills the rest of the room.
  let shown = ''
  onTestFinished(runs.log.output.watch(id, (text) => (shown = text)))
  await expect
    .poll(() => {
      runs.log.output.show(id, 'compiling 3 of 9')
      return shown
    })
    .toBe('compiling 3 of 9')
  fill()
  await delay(1_000)
  const reader = readStream(stream)
  await expect.poll(reader.parts, { timeout: 20_000 }).toEqual(['after 0 to 1'])
}, 60_000)

test('when the events end before the run does, the stream ends too, so that the page comes back', async () => {
  const runs = await theRuns()
  const { id } = await runs.claim()
  const reader = read(id, watching(runs, { drawParts: async (data) => spanOf(data) }))
  await expect.poll(reader.parts, { timeout: 20_000 }).toEqual(['after 0 to 1'])
  await runs.log.close()
  await expect.poll(reader.isClosed, { timeout: 20_000 }).toBe(true)
}, 60_000)

test('the last parts show a run that has ended', async () => {
  const runs = await theRuns()
  const { id } = await runs.claim()
  let views = 0
  const watch = watching(runs, {
    view: async () => {
      const run = await runs.store.get(id)
      // The last event comes after the view was read and before it is drawn.
      if (++views === 2) {
        await runs.log.append(id, 1, SUCCESS)
        await delay(1_500)
      }
      return { run, waiting: null } as unknown as RunPageData
    },
    drawParts: async ({ run, state }) => `${state.seq} ${run.status}`,
  })
  const reader = read(id, watch)
  await expect.poll(() => reader.parts().length, { timeout: 20_000 }).toBe(1)
  await runs.log.append(id, 1, { type: 'run.started', attempt: 1 })
  await expect.poll(reader.isClosed, { timeout: 20_000 }).toBe(true)
  expect(reader.parts().at(-1)).toBe('3 succeeded')
}, 60_000)

async function theRuns(): Promise<TestRuns> {
  const db = await openSharedDatabase()
  onTestFinished(() => db.close())
  return startRuns(db)
}

function watching({ log }: Pick<TestRuns, 'log'>, deps: Partial<WatchDeps> & Pick<WatchDeps, 'drawParts'>) {
  return createWatchRuns({
    log,
    reportError: (error) => expect.fail(String(error)),
    folds: createRunFolds({ log, redact: createRedact([]) }),
    view: async () => ({ waiting: null }) as unknown as RunPageData,
    ...deps,
  })
}

const spanOf = ({ after, state }: { readonly after: number; readonly state: RunPageData['state'] }) =>
  `after ${after} to ${state.seq}`

function read(id: string, watch: ReturnType<typeof createWatchRuns>) {
  const left = new AbortController()
  onTestFinished(() => left.abort())
  return readStream(watch.open(id, { after: 0, split: false, signal: left.signal }))
}

/** Reads to the end, in the background. */
function readStream(stream: ReadableStream<Uint8Array>) {
  let text = ''
  let isClosed = false
  void (async () => {
    for await (const chunk of stream.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>)
      text += chunk
    isClosed = true
  })()
  return {
    parts: () =>
      [...text.matchAll(/^event: parts\ndata: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '""')),
    isClosed: () => isClosed,
  }
}
