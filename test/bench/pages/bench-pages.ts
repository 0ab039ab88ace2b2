import { existsSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { type Browser, chromium } from 'playwright-core'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createRunLog } from '../../../src/runs/log/run-log.ts'
import { migrate } from '../../../src/runs/store/migrate.ts'
import { countNodes } from '../../../src/web/pages/node-budget.ts'
import type { BenchOptions } from '../bench-options.ts'
import { type BenchResult, type Measurement, percentile } from '../measurement.ts'
import { startBackends } from '../service/bench-database.ts'
import { startBenchSurroundings } from '../service/bench-surroundings.ts'
import { type Subject, startSubject } from '../service/subject.ts'
import { insertLongRun, workOf } from './long-run.ts'
import { fetchPage, watchPage } from './watch-page.ts'

const SIZES = [1_000, 5_000, 50_000]
const READERS = 200
const EVENTS_PER_SECOND = 20
const CHROMIUM = '/usr/bin/chromium'

/** The page of a run with many events: what it weighs, how soon it is seen, and what a new event costs with many readers. */
export async function benchPages({ quick }: BenchOptions): Promise<BenchResult> {
  const backends = await startBackends()
  const backend = backends.find(({ name }) => name === 'PostgreSQL')
  const surroundings = await startBenchSurroundings()
  const measurements: Measurement[] = []
  const isThere = existsSync(CHROMIUM)
  try {
    if (!backend)
      return {
        measurements,
        leftOut: [{ name: 'pages', reason: 'not installed: apt-get install postgresql' }],
      }
    for (const size of quick ? SIZES.slice(0, 2) : SIZES) {
      process.stderr.write(`pages: ${size} events\n`)
      const database = await backend.createDatabase()
      const env = {
        ...surroundings.env,
        ...database.env,
        BACKSPACE_ROLE: 'web',
        BACKSPACE_MAX_STREAMS: '1000',
      }
      const db = await openDatabase(database.location)
      await migrate(db)
      const runId = await insertLongRun(db, size)
      const subject = await startSubject(env)
      const log = createRunLog({ db })
      const variant = `${size.toLocaleString('en-US')} events`
      const add = (found: readonly Omit<Measurement, 'variant'>[]) =>
        measurements.push(...found.map((measurement) => ({ ...measurement, variant })))
      try {
        const url = `${subject.url}/runs/${runId}`
        add(await measureAnswer(url))
        if (isThere) add(await measurePaint(url))
        const append = (seq: number) => log.append(runId, 1, workOf(seq))
        add(await measureLive({ url, subject, size, append, seconds: quick ? 3 : 10 }))
      } finally {
        await subject.stop()
        await log.close()
        await db.close()
      }
    }
  } finally {
    for (const each of backends) await each.close()
    await surroundings.close()
  }
  return {
    measurements,
    leftOut: isThere ? [] : [{ name: 'first paint', reason: 'not installed: apt-get install chromium' }],
  }
}

async function measureAnswer(url: string): Promise<readonly Omit<Measurement, 'variant'>[]> {
  const cold = await fetchPage(url)
  const warm = [await fetchPage(url), await fetchPage(url), await fetchPage(url)]
  const story = await fetchPage(`${url}/story?at=500`)
  const { html, wire } = cold
  return [
    { name: 'on the wire', value: wire / 1024, unit: 'KB', target: 60 },
    { name: 'HTML', value: html.length / 1024, unit: 'KB' },
    { name: 'elements', value: countNodes(html), unit: 'count', target: 1_500 },
    { name: 'answer, first after a start', value: cold.ms, unit: 'ms' },
    {
      name: 'answer',
      value: percentile(
        warm.map(({ ms }) => ms),
        0.5,
      ),
      unit: 'ms',
    },
    { name: 'another part of the story', value: story.ms, unit: 'ms' },
  ]
}

async function measurePaint(url: string): Promise<readonly Omit<Measurement, 'variant'>[]> {
  const browser: Browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  })
  try {
    const paints: number[] = []
    for (let count = 0; count < 3; count++) {
      const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
      await page.goto(url)
      await page.locator('#timeline > li').first().waitFor()
      const script = `new Promise((resolve) => {
        const found = () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime
        const look = () => found() === undefined ? setTimeout(look, 20) : resolve(found())
        look()
      })`
      paints.push(await page.evaluate<number>(script))
      await page.close()
    }
    return [{ name: 'first paint', value: percentile(paints, 0.5), unit: 'ms', target: 500 }]
  } finally {
    await browser.close()
  }
}

interface LiveTask {
  readonly url: string
  readonly subject: Subject
  readonly size: number
  readonly append: (seq: number) => Promise<unknown>
  readonly seconds: number
}

async function measureLive({
  url,
  subject,
  size,
  append,
  seconds,
}: LiveTask): Promise<readonly Omit<Measurement, 'variant'>[]> {
  const agent = new Agent({ keepAlive: false, maxSockets: READERS + 10 })
  const readers = Array.from({ length: READERS }, () => watchPage(`${url}/live?after=${size}`, agent))
  try {
    await Promise.all(readers.map(({ opened }) => opened))
    await delay(1_000)
    const before = subject.cpuMs()
    const events = seconds * EVENTS_PER_SECOND
    const lags: number[] = []
    for (let count = 1; count <= events; count++) {
      await Promise.all([append(size + count), delay(1_000 / EVENTS_PER_SECOND)])
      const [first] = readers
      if (first) lags.push(size + count - first.seq())
    }
    const end = performance.now() + 10_000
    while (readers.some((reader) => reader.seq() < size + events) && performance.now() < end) await delay(50)
    const cpu = subject.cpuMs() - before
    const late = readers.filter((reader) => reader.seq() < size + events).length
    const sent = readers.reduce((sum, reader) => sum + reader.bytes(), 0)
    return [
      { name: 'server CPU per new event, 200 readers', value: cpu / events, unit: 'ms', target: 25 },
      { name: 'sent per new event and reader', value: sent / READERS / events / 1024, unit: 'KB' },
      { name: 'readers that missed the last event', value: late, unit: 'count', target: 0 },
      { name: 'memory', value: subject.memory(), unit: 'MB' },
    ]
  } finally {
    for (const reader of readers) reader.close()
    agent.destroy()
  }
}
