import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { workOf } from '../../bench/pages/long-run.ts'
import { onIssue } from '../../runs/start-runs.ts'
import { BROWSER_MISSING, useBrowser } from '../../support/open-browser.ts'
import { BODIES, SUCCESS, TOTALS } from '../a-run.ts'
import { type ServedWeb, serveWeb, useDatabase } from '../serve-web.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''
const nothing = { pullRequestUrl: null, commentUrl: null, draft: false, totals: TOTALS } as const
const PLAN: RunEventBody = { type: 'run.succeeded', outcome: 'plan', message: '1. Fix add()', ...nothing }
const QUESTION: RunEventBody = { type: 'run.succeeded', outcome: 'question', message: 'Which?', ...nothing }
const FAILED: RunEventBody = { type: 'run.failed', code: 'x', message: 'It broke.', totals: TOTALS }
const belowTheScreen = "document.getElementById('now').getBoundingClientRect().top - innerHeight"
const LONG = Array.from({ length: 560 }, (_, index) => workOf(index + 8))

describe.skipIf(BROWSER_MISSING)(`the page of a run in a browser${hint}`, () => {
  const database = useDatabase()
  const open = useBrowser()

  test('it follows its run to the end without a reload, through a restart of the server', async () => {
    const web = await serveWeb(database())
    const id = await web.play(BODIES.slice(0, 18), { request: onIssue(12) })
    const { page, complaints } = await open(`${web.url}/runs/${id}`)
    await page.evaluate('window.sameDocument = true')
    await page.locator('.tool', { hasText: 'grep add' }).locator('summary').click()
    await web.append(id, BODIES.slice(18, 24))
    await page.getByText('bash npm test').first().waitFor()
    await expect
      .poll(() => {
        web.runs.log.output.show(id, 'compiling <b>\u202e 3 of 9')
        return page.locator('#live-output').textContent()
      })
      .toBe('compiling <b>\\u{202e} 3 of 9')
    web.stop()
    await web.append(id, BODIES.slice(24))
    await serveWeb(database(), { port: Number(new URL(web.url).port), queue: { keep: true } })
    await page.getByRole('heading', { name: 'Changes' }).waitFor()
    await web.append(id, [SUCCESS])
    await page.getByRole('link', { name: 'Open the pull request' }).waitFor()
    await page.getByText('Run the request again', { exact: true }).waitFor()
    expect(await page.getByText('3 matches').isVisible()).toBe(true)
    expect(await page.getByText('Stop this run').count()).toBe(0)
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(complaints.filter((text) => !/ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/.test(text))).toEqual([])
    await page.close()
  })

  test('each form does what it says, and the page says what happened', async () => {
    const web = await serveWeb(database())
    const play = (end: readonly RunEventBody[]) =>
      web.play([...BODIES.slice(0, 13), ...end], { request: onIssue(12, { prompt: 'Fix add()' }) })
    const [live, plan, other, question, failed] = [
      await play([]),
      await play([PLAN]),
      await play([PLAN]),
      await play([QUESTION]),
      await play([FAILED]),
    ]
    const { page, complaints } = await open(`${web.url}/runs/${live}`)

    await page.getByLabel('Add something for the agent').fill('Mind the "sign" <b>')
    await page.getByRole('button', { name: 'Add', exact: true }).click()
    await page.getByText('The agent gets this before its next turn.').waitFor()
    expect(
      await database().sql.selectFrom('run_notes').select(['run_id', 'text', 'author']).execute(),
    ).toEqual([{ run_id: live, text: 'Mind the "sign" <b>', author: 'local' }])
    await page.getByText('Stop this run').click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByText('The run was stopped.').waitFor()
    expect((await web.runs.store.get(live))?.ending).toMatchObject({
      code: 'cancelled',
      message: 'Stopped by local.',
    })

    await page.goto(`${web.url}/runs/${plan}`)
    await page.getByRole('button', { name: 'Approve and carry out' }).click()
    await page.getByText('The plan is approved.').waitFor()
    expect(await newest(web, page)).toMatchObject({
      parentRunId: plan,
      prompt: expect.stringContaining('1. Fix add()'),
    })

    await page.goto(`${web.url}/runs/${other}`)
    await page.getByText('Edit, then approve').click()
    await page.getByLabel('The plan', { exact: true }).fill('1. Fix add()\n2. Add a test')
    await page.getByRole('button', { name: 'Approve the edited plan' }).click()
    await page.getByText('The plan is approved.').waitFor()
    expect(await newest(web, page)).toMatchObject({
      parentRunId: other,
      prompt: expect.stringMatching(/in an edited form[\s\S]*1\. Fix add\(\)\n2\. Add a test$/),
    })

    await page.goto(`${web.url}/runs/${question}`)
    await page.getByLabel('Your answer').fill('The second')
    await page.getByRole('button', { name: 'Answer and continue' }).click()
    await page.getByText('Your answer is on its way.').waitFor()
    expect(await newest(web, page)).toMatchObject({
      parentRunId: question,
      prompt: 'The second',
      thread: { number: 12 },
    })

    await page.goto(`${web.url}/runs/${failed}`)
    await page.getByText('Continue from here').click()
    await page.getByLabel('What to do next').fill('Try the other way')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('This run continues from the previous one.').waitFor()
    expect(await newest(web, page)).toMatchObject({ parentRunId: failed, prompt: 'Try the other way' })

    await page.goto(`${web.url}/runs/${failed}`)
    await page.getByText('Run the request again', { exact: true }).click()
    await page.getByRole('button', { name: 'Start it again' }).click()
    await page.getByText('This run repeats the request.').waitFor()
    const retried = await newest(web, page)
    expect([retried?.prompt, retried?.parentRunId]).toEqual(['Fix add()', undefined])
    expect(complaints).toEqual([])
    await page.close()
  })

  test('every event of a long run is a link away, folded or not loaded; it can be searched and followed', async () => {
    const web = await serveWeb(database())
    const id = await web.play(LONG)
    const { page, complaints } = await open(`${web.url}/runs/${id}#40`)
    await page.locator('#timeline > .target').waitFor()
    expect(await page.locator('.target').getAttribute('data-last').then(Number)).toBeGreaterThanOrEqual(40)
    expect(await page.locator('.target .tool').count()).toBeGreaterThan(0)

    await page.getByRole('link', { name: /later entries/ }).click()
    await expect.poll(() => page.locator('#timeline > li').count()).toBeGreaterThan(60)
    await page.getByRole('link', { name: 'Jump to failure' }).click()
    await page.locator('.target .state', { hasText: 'exit 1' }).first().waitFor()
    await page.getByLabel('Search the story').fill('Schema-26.ts')
    await page.getByLabel('Search the story').press('Enter')
    await page.locator('.hits a').first().click()
    await page.locator('#timeline > .target', { hasText: 'schema-26.ts' }).waitFor()

    await page.getByRole('link', { name: 'Follow now' }).click()
    await web.append(id, [{ type: 'agent.message', text: 'Something new' }])
    await page.getByText('Something new').waitFor()
    await expect.poll(() => page.evaluate<number>(belowTheScreen)).toBeLessThanOrEqual(0)
    await page.locator('details.tools[data-load] > summary').first().click()
    await page.locator('#timeline li:not([data-brief]) details.tools[open] .tool').first().waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  test('a run that has ended is replayed with the keyboard', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    const { page, complaints } = await open(`${web.url}/runs/${id}`)
    const slider = page.getByLabel('Replay')
    await slider.focus()
    await slider.press('Home')
    await page.getByText(`event 1 of ${BODIES.length + 2}`).waitFor()
    await expect.poll(() => page.locator('#timeline > li').count()).toBe(1)
    expect(await page.getByRole('heading', { name: 'Changes' }).isVisible()).toBe(false)
    for (let count = 0; count < 11; count++) await slider.press('ArrowRight')
    await page.locator('.steps .running', { hasText: 'Agent' }).waitFor()
    await slider.press('End')
    await page.getByRole('heading', { name: 'Changes' }).waitFor()
    await page.getByRole('link', { name: 'Open the pull request' }).waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  test('what a reader has viewed stays folded, and the view of the diff stays as chosen', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    const { page, complaints } = await open(`${web.url}/runs/${id}`)
    await page.getByLabel('Viewed app.js', { exact: true }).check()
    await page.getByText('1 of 2 viewed').waitFor()
    await page.getByRole('link', { name: 'split view' }).click()
    await page.locator('#file-1 .diff.split').waitFor()
    await page.goto(`${web.url}/runs/${id}`)
    await page.getByText('1 of 2 viewed').waitFor()
    await page.locator('#file-1 .diff.split').waitFor()
    expect(await page.locator('#file-0').getAttribute('open')).toBeNull()
    expect(complaints).toEqual([])
    await page.close()
  })

  test('everything is there without JavaScript', async () => {
    const web = await serveWeb(database())
    const id = await web.play(LONG)
    const { page } = await open(`${web.url}/runs/${id}?at=400`, { javaScriptEnabled: false })
    expect(await page.locator('.target .tool').count()).toBeGreaterThan(0)
    await page.getByRole('link', { name: /earlier entr/ }).click()
    await expect.poll(() => page.locator('.target').getAttribute('data-last').then(Number)).toBeLessThan(400)
    await page.getByLabel('Search the story').fill('schema-26.ts')
    await page.getByRole('button', { name: 'Search' }).click()
    await page.locator('.hits a').first().waitFor()
    await page.goto(`${web.url}/runs/${id}`)
    await page.getByRole('link', { name: 'Stop reloading to write something' }).click()
    await expect.poll(() => page.locator('meta[http-equiv="refresh"]').count()).toBe(0)
    await page.getByText('Stop this run').click()
    await page.getByRole('button', { name: 'Stop it now' }).click()
    await page.getByText('The run was stopped.').waitFor()
    await page.locator('#upto').press('Home')
    await page.getByRole('button', { name: 'Go' }).click()
    await page.getByText('This is the run as of event').waitFor()
    await page.close()
  })
})

async function newest(web: ServedWeb, page: Page) {
  const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
  return (await web.runs.store.get(id))?.request
}
