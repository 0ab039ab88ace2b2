import { expect, test } from 'vitest'
import { createPauseStore } from '../../../src/runs/pause/operator-pause.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createRunStore } from '../../../src/runs/store/run-store.ts'
import { aRequest, onIssue } from '../../runs/start-runs.ts'
import { BODIES, SUCCESS, TOTALS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()

async function page(url: string): Promise<string> {
  return (await fetch(url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } })).text()
}

/** The text that a reader sees, without markup. */
function words(html: string): string {
  return html
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

test('without runs the page says how to start one', async () => {
  const web = await serveWeb(database())
  const html = await page(web.url)
  expect(html).toContain(`curl -N ${web.url}/code`)
  expect(words(html)).toContain('/backspace fix the failing test')
})

test('the list shows the request and state of each run', async () => {
  const web = await serveWeb(database())
  await web.play([...BODIES, SUCCESS], { request: onIssue(12, { prompt: 'Fix add()' }) })
  const text = words(await page(web.url))
  for (const shown of ['pull request', 'Fix add()', 'acme/api #12', 'ada', '$0.41'])
    expect(text).toContain(shown)
})

test('the list and the page of a run name the agents that worked', async () => {
  const web = await serveWeb(database())
  const { id, attempt } = await web.runs.claim({ request: onIssue(12) })
  const choice = { name: 'claude-code', by: 'repository' } as const
  await createRunStore(database()).setProgress(id, attempt, { agent: choice })
  await web.append(id, BODIES)
  expect(words(await page(web.url))).toContain('acme/api #12 · Claude Code')
  const worked = ['claude-code', 'builtin'] as const
  const totals = { ...TOTALS, agents: worked }
  await web.append(id, [{ ...SUCCESS, totals } as RunEventBody])
  expect(words(await page(web.url))).toContain('acme/api #12 · Claude Code, then builtin agent')
  expect(words(await page(`${web.url}/runs/${id}`))).toContain('Agent Claude Code, then builtin agent')
  const run = await (await fetch(`${web.url}/runs/${id}`)).json()
  expect(run).toMatchObject({ agent: { asked: 'claude-code', by: 'repository', worked } })
})

test('the list and the page of a run say that the operator pauses all runs, and why (S41)', async () => {
  const web = await serveWeb(database())
  const { run } = await web.runs.submit()
  const pauses = createPauseStore(database())
  await pauses.begin({ reason: 'A <b>key</b> leaked', stopRunning: false })
  const shown = [await page(web.url), await page(`${web.url}/runs/${run.id}`)]
  await pauses.end()
  for (const html of shown) expect(html).toContain('Paused by the operator: A &lt;b&gt;key&lt;/b&gt; leaked.')
  expect(await page(web.url)).not.toContain('Paused by the operator')
})

test('the list goes on to older runs, and keeps its filter', async () => {
  const web = await serveWeb(database())
  for (let n = 0; n < 3; n++) await web.runs.submit()
  const html = await page(`${web.url}/runs?limit=2&status=queued`)
  const older = /href="([^"]*before=[^"]*)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  expect(older).toContain('status=queued')
  expect((await page(`${web.url}${older}`)).match(/<td class="what">/g)).toHaveLength(1)
})

test('the page of a run shows why setup failed and its log, and which checks prove nothing', async () => {
  const web = await serveWeb(database())
  const id = await web.play([
    ...BODIES.slice(0, 6),
    {
      type: 'setup.finished',
      results: [
        {
          command: 'npm ci',
          exitCode: 1,
          durationMs: 2100,
          output: 'npm error code EUSAGE\n<b>@everyone</b>',
        },
      ],
      reason: 'Dependencies are not installed: `npm ci` failed (exit code 1): no lock file. Commit one.',
      limits: { setupMs: 600_000, checkMs: 300_000, checksMs: 900_000 },
    },
    {
      type: 'checks.finished',
      phase: 'before',
      results: [
        {
          command: 'npm test',
          exitCode: 127,
          durationMs: 10,
          tail: 'sh: 1: vitest: not found',
          cause: { kind: 'cannot_run', text: 'could not run because `vitest` is not installed' },
        },
      ],
    },
    SUCCESS,
  ])
  const html = await page(`${web.url}/runs/${id}`)
  expect(html).toContain('<code>npm ci</code> failed (exit code 1): no lock file. Commit one.')
  expect(html).toContain('npm error code EUSAGE\n&lt;b&gt;@everyone&lt;/b&gt;')
  expect(html).toContain(
    '<span class="unproven">could not run because <code>vitest</code> is not installed (exit code 127)</span>',
  )
  // What the page has already is not sent again.
  const live = await page(`${web.url}/runs/${id}/live?after=8`)
  expect(live).toContain('id="part-checks"')
  expect(live).not.toContain('id="part-setup"')
})

test('the page of a run tells its whole story without a script', async () => {
  const web = await serveWeb(database())
  const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
  const html = await page(`${web.url}/runs/${id}`)
  const text = words(html)
  const story = [
    'Open the pull request',
    'Fix the sign in add()',
    'Cloned acme/api at 3f2a91c',
    'Find why the test fails',
    'failed (exit code 1) → after: passed',
    'bash npm test',
    'exit code 0',
    '- return a - b',
    '+ return a + b',
    'to openai:gpt-6.1-sol: Claude is overloaded',
    '14k tokens in',
  ]
  for (const part of story) expect(text).toContain(part)
  expect(html).not.toContain('http-equiv="refresh"')
})

test('a live page loads again without a script, and can stop its run', async () => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES.slice(0, 12))
  const html = await page(`${web.url}/runs/${id}`)
  expect(html).toContain('<noscript><meta http-equiv="refresh"')
  expect(html).toContain(`action="/runs/${id}/act"`)
  const once = /name="once" value="([\w-]+)"/.exec(html)?.[1] ?? ''
  const answer = await fetch(`${web.url}/runs/${id}/act`, {
    method: 'POST',
    headers: { accept: 'text/html' },
    body: new URLSearchParams({ action: 'stop', once }),
    redirect: 'manual',
  })
  expect([answer.status, answer.headers.get('location')]).toEqual([303, `/runs/${id}?done=stop`])
  expect(words(await page(`${web.url}/runs/${id}?done=stop`))).toContain('The run was stopped.')
})

test('a failed run says what happened, and its code', async () => {
  const web = await serveWeb(database())
  const failure = { code: 'push_forbidden', message: 'Not allowed. Choose another base.' }
  const id = await web.play([...BODIES.slice(0, 9), { type: 'run.failed', ...failure, totals: TOTALS }])
  const text = words(await page(`${web.url}/runs/${id}`))
  expect(text).toContain('This run failed Not allowed. Choose another base. Code: push_forbidden')
})

test('what others wrote is shown as text on every part of a page', async () => {
  const evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
  const web = await serveWeb(database())
  const request = aRequest({
    trigger: 'comment',
    prompt: `${evil}\n${evil}`,
    requester: { login: evil },
    thread: { kind: 'issue', number: 1, title: evil, body: evil, author: evil, url: `javascript:${evil}` },
  })
  const detail = { kind: 'bash', command: evil, output: evil, exitCode: 1 } as const
  const call = { callId: evil, tool: evil, title: evil } as const
  const file = { path: evil, status: 'modified', additions: 1, deletions: 0 } as const
  const check = { command: evil, exitCode: 1, durationMs: 1, tail: evil }
  const id = await web.play(
    [
      { type: 'agent.message', text: evil },
      { type: 'agent.plan', items: [{ text: evil, status: 'pending' }] },
      { type: 'tool.finished', ...call, status: 'error', durationMs: 1, detail },
      { type: 'checks.finished', phase: 'before', results: [check] },
      {
        type: 'changes.collected',
        files: [file],
        diff: `--- a/${evil}\n+++ b/${evil}\n@@ -0,0 +1 @@\n+${evil}`,
      },
      { type: 'step.started', step: 'agent', message: evil },
      { ...SUCCESS, message: evil, pullRequestUrl: `javascript:${evil}` } as typeof SUCCESS,
    ],
    { request },
  )
  for (const path of ['/', `/runs/${id}`, `/runs/${id}/live`]) {
    const html = await page(`${web.url}${path}`)
    expect(html).toContain('&lt;script&gt;')
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<img src=x')
    expect(html).not.toContain('href="javascript:')
  }
})

test('characters that reorder text are made visible', async () => {
  const web = await serveWeb(database())
  const id = await web.play([{ type: 'agent.message', text: 'access\u202e level' }])
  expect(await page(`${web.url}/runs/${id}`)).toContain('access\\u{202e} level')
})

test('a fragment holds every part, and only the entries that are new', async () => {
  const web = await serveWeb(database())
  const id = await web.play(BODIES)
  const whole = await page(`${web.url}/runs/${id}/live`)
  const rest = await page(`${web.url}/runs/${id}/live?after=25`)
  for (const part of ['head', 'steps', 'plan', 'checks', 'changes']) {
    expect(rest).toContain(`id="part-${part}"`)
  }
  expect(await page(`${web.url}/runs/${id}/live?after=36`)).not.toContain('id="part-changes"')
  const entries = (html: string) => html.match(/<li id="\d+"/g)?.length ?? 0
  expect(entries(rest)).toBeLessThan(entries(whole))
  expect(entries(rest)).toBeGreaterThan(0)
})
