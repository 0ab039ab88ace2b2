import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { aRequest, onIssue } from '../../runs/start-runs.ts'
import { BODIES, SUCCESS, TOTALS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()

async function page(url: string): Promise<string> {
  return (await fetch(url, { headers: { accept: 'text/html,*/*;q=0.8' } })).text()
}

/** The text that a reader sees, without markup. */
function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replace(/\s+/g, ' ')
}

const nothing = { pullRequestUrl: null, commentUrl: null, draft: false, totals: TOTALS } as const
const PLAN: RunEventBody = { type: 'run.succeeded', outcome: 'plan', message: '1. Fix add()', ...nothing }
const QUESTION: RunEventBody = { type: 'run.succeeded', outcome: 'question', message: 'Which?', ...nothing }
const FAILED: RunEventBody = { type: 'run.failed', code: 'x', message: 'It broke.', totals: TOTALS }
const CANCELLED: RunEventBody = { type: 'run.cancelled', message: 'Stopped by @ada.', totals: TOTALS }

test.each([
  ['a plan', PLAN, 'Comment /backspace approve to carry out this plan', '/approve'],
  ['a question', QUESTION, 'Comment /backspace <your answer> to continue', '"parentRunId":"'],
  ['a failure', FAILED, 'Comment /backspace retry to run the request again', 'POST /code'],
  ['a stopped run', CANCELLED, 'Comment /backspace retry to run the request again', 'POST /code'],
])('the page says what a person can do next: %s', async (_, end, inThread, byApi) => {
  const web = await serveWeb(database())
  const onThread = await web.play([...BODIES.slice(0, 9), end], { request: onIssue(12) })
  const text = words(await page(`${web.url}/runs/${onThread}`))
  expect(text).toContain('What you can do on GitHub')
  expect(text).toContain(inThread)
  expect(text).toContain(byApi)

  const alone = await web.play([...BODIES.slice(0, 9), end], { request: aRequest({ trigger: 'code' }) })
  const other = words(await page(`${web.url}/runs/${alone}`))
  expect(other).toContain(byApi)
  expect(other).toContain(alone)
  expect(other).not.toContain('Comment /backspace')
})

test('a pull request leaves nothing to do, and a run under way can only be stopped', async () => {
  const web = await serveWeb(database())
  const done = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
  const live = await web.play(BODIES.slice(0, 9), { request: onIssue(13) })
  for (const id of [done, live]) {
    expect(words(await page(`${web.url}/runs/${id}`))).not.toContain('What you can do on GitHub')
  }
})

test.each([
  ['ended', [...BODIES, SUCCESS], 'data-ended="true"'],
  ['live', BODIES, 'data-ended="false"'],
])('every attribute of a page has its value: %s', async (_, bodies, ended) => {
  const web = await serveWeb(database())
  const id = await web.play(bodies, { request: onIssue(12) })
  for (const path of ['/', `/runs/${id}`, `/runs/${id}/live?after=3`, '/runs/nothing']) {
    const html = await page(`${web.url}${path}`)
    // Empty on purpose: the choice of no filter, the logo has no text of its own, and a removed line of a diff has no number.
    expect(html.match(/\s(?!alt=|data-n=)(?<!<option )[\w-]+=""/g) ?? []).toEqual([])
    if (path.startsWith(`/runs/${id}`)) expect(html).toContain(ended)
  }
})

test('the list tells a draft from a pull request that is ready, and a check that fails has no tick', async () => {
  const web = await serveWeb(database())
  const failing = BODIES.map(
    (body): RunEventBody =>
      body.type === 'checks.finished'
        ? { ...body, results: [{ command: 'npm test', exitCode: 1, durationMs: 5, tail: '' }] }
        : body,
  )
  const draft = await web.play([...failing, { ...SUCCESS, draft: true } as RunEventBody], {
    request: onIssue(1),
  })
  const ready = await web.play([...BODIES, SUCCESS], { request: onIssue(2) })
  const rows = (await page(web.url)).split('<tr>').map(words)
  expect(rows.find((row) => row.includes('acme/api #1'))).toContain('draft pull request')
  expect(rows.find((row) => row.includes('acme/api #2'))).not.toContain('draft')
  const text = words(await page(`${web.url}/runs/${draft}`))
  expect(text).toContain('✗ Checks before: npm test failed (exit code 1)')
  expect(text).toContain('✗ Checks after: npm test failed (exit code 1)')
  expect(text).not.toMatch(/✓ Checks/)
  expect(words(await page(`${web.url}/runs/${ready}`))).toContain('✓ Checks after: npm test passed')
})

test('a run took one time, on the list, on its page and in its JSON', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
  expect(words(await page(web.url))).toContain('Requested Duration Cost')
  expect(words(await page(web.url))).toContain('48.2 s')
  expect(words(await page(`${web.url}/runs/${id}`))).toContain('Duration 48.2 s')
  const json = await (await fetch(`${web.url}/runs/${id}`)).json()
  expect(json).toMatchObject({ durationMs: TOTALS.durationMs, draft: false })
})

test('a step too short to measure has no time, and a restart is an attempt of our own', async () => {
  const web = await serveWeb(database())
  const gate = { type: 'step.finished', step: 'gate', status: 'ok', message: 'Fine', durationMs: 0 } as const
  const id = await web.play([...BODIES.slice(0, 9), { type: 'run.started', attempt: 2 }, gate])
  const text = words(await page(`${web.url}/runs/${id}`))
  expect(text).not.toMatch(/\b0 ms/)
  expect(text).toContain('Started again, attempt 2')
  expect(text).not.toContain('another worker')
})

test('code in a sentence is shown as code, whatever its backticks, and keeps its spaces', async () => {
  const web = await serveWeb(database())
  const message = 'Found `slugify("a  b")` and ``a ` b`` but `no end'
  const id = await web.play([{ type: 'notice', level: 'warning', message }], {
    request: onIssue(12, { prompt: 'Fix ``x`y`` in <b>  it' }),
  })
  const html = await page(`${web.url}/runs/${id}`)
  expect(html).toContain('<code>slugify(&quot;a  b&quot;)</code> and <code>a ` b</code> but `no end')
  expect(html).toContain('Fix <code>x`y</code> in &lt;b&gt;  it</h1>')
  expect(await page(web.url)).toContain('Fix <code>x`y</code> in')
})

test('a file whose mode changed says so', async () => {
  const web = await serveWeb(database())
  const id = await web.play([
    {
      type: 'changes.collected',
      files: [{ path: 'run.sh', status: 'modified', additions: 0, deletions: 0 }],
      diff: 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n',
    },
  ])
  const html = await page(`${web.url}/runs/${id}`)
  expect(words(html)).toContain('run.sh mode changed')
  expect(words(html.replace(/<p class="muted">.*?<\/p>/s, ''))).not.toContain('+0')
})

test('a page that is not there says so', async () => {
  const web = await serveWeb(database())
  const text = words(await page(`${web.url}/runs/nothing`))
  expect(text).toContain('Page not found There is no run with this id')
  expect(words(await page(`${web.url}/runs?limit=x`))).toContain('This request is not valid')
})
