import { expect, test } from 'vitest'
import { createTerminalView } from '../../../src/commands/terminal/views/terminal-view.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { foldEvents } from '../../../src/runs/summary/run-state.ts'
import { verdictOf } from '../../../src/runs/summary/verdict.ts'
import type { Verification } from '../../../src/runs/verification.ts'
import { verificationPart } from '../../../src/web/pages/verification-part.ts'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { check, named, VERIFICATIONS, verificationOf } from '../../runs/summary/verifications.ts'
import { BODIES, eventsOf, SUCCESS, TOTALS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()
const PROVEN = verificationOf({
  checks: [check('fixed', { newlyPassing: named('adds'), added: named('<img src=x> twice') })],
  regression: { verdict: 'fails_on_base', held: named('adds'), loose: named() },
  necessity: {
    hunks: 3,
    tried: 3,
    held: 2,
    needed: [
      { path: 'sums.js', from: 7, to: 7, command: 'npm test', tests: named('adds <b>') },
      { path: 'gone.js', from: 0, to: 0, command: 'npm test' },
    ],
    loose: [{ path: 'app.js', from: 3, to: 4, diff: '-a\n+b\n' }],
  },
  rooms: [{ name: 'head', durationMs: 5000, setupMs: 2000, cached: true }],
})
const BROKEN = verificationOf({ checks: [check('newly_failing', { newlyFailing: named('adds') })] })

function partOf(verification: Verification): string {
  const html = String(
    verificationPart(foldEvents(eventsOf([{ type: 'verification.finished', verification }]))),
  )
  return html.replace(/\s+/g, ' ')
}

function ended(verification: Verification): RunEventBody[] {
  const { tone, line } = verdictOf(verification)
  const totals = { ...TOTALS, verdict: { tone, line } }
  return [...BODIES, { type: 'verification.finished', verification }, { ...SUCCESS, totals } as RunEventBody]
}

test('the run page shows what the verdict is made of, by name', () => {
  const part = partOf(PROVEN)
  for (const shown of [
    'Fixes 1 failing test',
    'setup from the cache 2.0 s',
    '2 of 3 make a test fail',
    'Needed: <code>sums.js</code>, line 7: <code>adds &lt;b&gt;</code> fails without it',
    'Needed: <code>gone.js</code>: the check breaks without it',
    'No test needs <code>app.js</code>, lines 3–4',
  ])
    expect(part).toContain(shown)
  expect(part).toContain('&lt;img src=x&gt; twice')
  expect(part).not.toContain('<img')
})

test('the page says which changed lines did not run, and why that is not known', () => {
  const [measured, unknown] = VERIFICATIONS.slice(-2)
  expect(partOf(measured ?? PROVEN)).toContain('not run: <code>src/a.ts:14-15</code>')
  expect(partOf(unknown ?? PROVEN)).toContain('No coverage of the changed lines: the repository')
})

test('a check that newly fails is red on the page and in the list, and in the stream it is bad', async () => {
  expect(partOf(BROKEN)).toContain('class="verdict bad"')
  const web = await serveWeb(database())
  const id = await web.play(ended(BROKEN))
  const list = await (await fetch(web.url, { headers: { accept: 'text/html' } })).text()
  expect(list).toContain('class="verdict bad"')
  const body: unknown = await (
    await fetch(`${web.url}/runs/${id}`, { headers: { accept: 'application/json' } })
  ).json()
  expect(body).toMatchObject({ verdict: { tone: 'bad', line: 'Breaks 1 test: `npm test` newly fails' } })
  const toWire = createWireMapper()
  expect(eventsOf(ended(BROKEN)).map(toWire).at(-2)).toMatchObject({ step: 'verify', tone: 'bad' })
})

test('the terminal names the reasons for a draft and the remarks', () => {
  const show = createTerminalView((_, text) => text)
  const toWire = createWireMapper()
  const printed = eventsOf(ended(BROKEN))
    .map((event) => show(toWire(event)))
    .join('')
  expect(printed).toContain('`npm test`: 1 test newly fails: `adds`.')
})
