import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { readInterval, showService } from '../../src/commands/terminal/service/show-service.ts'
import { knownError } from '../../src/errors.ts'
import { onIssue } from '../runs/start-runs.ts'
import { storePastRun } from '../runs/stats/past-runs.ts'
import { BODIES } from '../web/a-run.ts'
import { serveWeb, useDatabase } from '../web/serve-web.ts'

const database = useDatabase()

/** A terminal of so many columns, or a pipe. */
function outputOf(columns?: number) {
  const terminal = columns === undefined ? {} : { isTTY: true, columns, rows: 30 }
  const output = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal)
  let printed = ''
  output.on('data', (text: string) => {
    printed += text
  })
  return { output, printed: () => printed }
}

async function serve() {
  const blocked = [{ provider: 'openai', why: 'refuses the key', until: new Date('2026-11-29T22:10:00Z') }]
  const web = await serveWeb(database(), { providersNow: () => blocked })
  await storePastRun(database(), 'past-1', {
    // A minute ago, but today, also just after midnight.
    createdAt: new Date(Math.max(Date.now() - 60_000, new Date().setUTCHours(0, 0, 0, 0))),
    minutes: 0.5,
    pullRequest: 3,
    totals: {
      costUsd: 1.5,
      providers: [{ provider: 'anthropic', turns: 7, costUsd: 1.5 }],
      troubles: [{ provider: 'anthropic', retries: 2, fallbacks: 1 }],
    },
  })
  await web.play(BODIES.slice(0, 5), { request: onIssue(12, { prompt: 'Repair the \u001b[31mclock' }) })
  await web.runs.submit({ request: onIssue(13, { prompt: `Sweep ${'the attic '.repeat(30)}` }) })
  return web
}

test('without a terminal the essentials are printed once, as words or as JSON', async () => {
  const web = await serve()
  const once = async (json: boolean) => {
    const { output, printed } = outputOf()
    const view = { output, words: output, everyMs: 1000, json, left: new AbortController().signal }
    await showService({ url: web.url, token: undefined }, view)
    return printed()
  }
  const printed = await once(false)
  expect(printed).toContain('1 running (no worker is up) · 1 queued')
  expect(printed).toContain('100 % succeeded (1 of 1) · pull request in 30 s (median of 1)')
  expect(printed).toContain('$1.50 today')
  expect(printed).toContain(
    'openai is not used now: it refuses the key · anthropic 7 turns (2 repeated, replaced once)',
  )
  expect(await (await fetch(`${web.url}/stats`, { headers: { accept: 'text/html' } })).text()).toMatch(
    /Now: openai refuses the key\. This process does not ask it until <time datetime="2026-11-29T22:10:00/,
  )
  expect(printed).toMatch(/acme\/api #12 {2}Repair the .*clock {2}\(ada\)/)
  expect(printed).toContain('place 1: No worker is running')
  expect(printed).not.toContain('\u001b')
  expect(JSON.parse(await once(true))).toMatchObject({
    stats: { live: { running: 1, queued: 1 } },
    running: [{ status: 'running' }],
    queued: [{ waiting: { position: 1 } }],
  })
})

test('on a terminal it refreshes within the width until the person leaves, and puts the terminal back', async () => {
  const web = await serve()
  const left = new AbortController()
  const { output, printed } = outputOf(60)
  const view = { output, words: output, everyMs: 20, json: false, left: left.signal }
  const shown = showService({ url: web.url, token: undefined }, view)
  await expect.poll(printed).toContain('Sweep')
  await web.runs.submit({ request: onIssue(14, { prompt: 'Comes later' }) })
  await expect.poll(printed).toContain('Comes later')
  left.abort()
  await shown
  const drawn = printed().split('\u001b[?1049l')
  expect(drawn[0]?.startsWith('\u001b[?1049h\u001b[?25l')).toBe(true)
  expect(drawn[0]?.endsWith('\u001b[?25h')).toBe(true)
  expect(drawn[1]).toContain('Comes later')
  const lines = stripVTControlCharacters(drawn[1] ?? '').split('\n')
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(60)
})

test('it says what it waits for when the service is not there, and why when it gives up', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const url = `http://127.0.0.1:${(free.address() as AddressInfo).port}`
  free.close()
  await once(free, 'close')
  const left = new AbortController()
  const terminal = outputOf(120)
  const view = {
    output: terminal.output,
    words: terminal.output,
    everyMs: 20,
    json: false,
    left: left.signal,
  }
  const shown = showService({ url, token: undefined }, view)
  await expect.poll(terminal.printed).toMatch(/Waiting for 127\.0\.0\.1:\d+ \(it refuses the connection\)/)
  left.abort()
  await shown

  const web = await serveWeb(database(), { openToLocal: false })
  const pipe = outputOf()
  const refused = await showService(
    { url: web.url, token: undefined },
    { ...view, output: pipe.output, left: new AbortController().signal },
  ).catch((error: unknown) => knownError(error))
  expect(refused).toMatchObject({ code: 'unauthorized' })
})

test('an interval is a number of seconds that a timer can wait', () => {
  expect(['1', '2.5', ' 3600 '].map(readInterval)).toEqual([1000, 2500, 3_600_000])
  for (const wrong of ['', '0', '-1', 'abc', '3s', '1e12', 'Infinity', '3601', '0x10'])
    expect(() => readInterval(wrong)).toThrow(/--every must be a number of seconds, from 1 to 3600/)
})
