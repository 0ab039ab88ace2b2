import { describe, expect, test } from 'vitest'
import { onIssue } from '../../runs/start-runs.ts'
import { storeMonth } from '../../runs/stats/past-runs.ts'
import { BROWSER_MISSING, useBrowser } from '../../support/open-browser.ts'
import { BODIES } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''

describe.skipIf(BROWSER_MISSING)(`in a browser${hint}`, () => {
  const database = useDatabase()
  const open = useBrowser()

  test('a service without runs says how to start one, and its statistics claim nothing', async () => {
    const web = await serveWeb(database())
    const { page, complaints } = await open(`${web.url}/`)
    await page.getByRole('heading', { name: 'No runs yet' }).waitFor()
    await page.goto(`${web.url}/stats`)
    await page.getByText('No run opened a pull request in these days.').waitFor()
    expect(await page.locator('figure svg').count()).toBe(0)
    expect(await page.locator('.tiles .value').allTextContents()).toContain('–')
    expect(complaints).toEqual([])
    await page.close()
  })

  test('what works, what waits and why, figures, charts with their tables, filters and pages', async () => {
    const web = await serveWeb(database())
    await storeMonth(database(), new Date())
    await web.play(BODIES.slice(0, 12), { request: onIssue(50, { prompt: 'Repair the clock' }) })
    await web.runs.submit({ request: onIssue(51, { prompt: 'Sweep the `attic`' }) })
    const { page, complaints } = await open(`${web.url}/`)
    const now = page.locator('.now > li')
    expect(await now.nth(0).textContent()).toContain('Repair the clock')
    expect(await now.nth(1).textContent()).toContain('Place 1 in line. No worker is running')
    await web.runs.submit({ request: onIssue(52, { prompt: 'Comes later' }) })
    await page.getByText('Comes later').first().waitFor()

    await page.getByLabel('Text').fill('ATTIC')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/\/runs\?text=ATTIC/)
    expect(await page.locator('.runs tbody tr').count()).toBe(1)
    await page.getByRole('link', { name: 'Clear' }).click()
    await page.waitForURL(({ search }) => !search.includes('ATTIC'))
    await page.getByText('More filters').click()
    await page.getByLabel('Repository').fill('acme/web')
    await page.getByLabel('Status').selectOption('succeeded')
    await page.getByRole('button', { name: 'Filter' }).click()
    await page.waitForURL(/repository=acme/)
    const shown = await page.locator('.runs .what').allTextContents()
    expect(shown.length).toBeGreaterThan(20)
    expect(shown.every((text) => text.includes('acme/web'))).toBe(true)
    await page.goto(`${web.url}/runs?limit=40`)
    const seen = new Set<string>()
    for (;;) {
      for (const link of await page.locator('.runs .what a').all())
        seen.add((await link.getAttribute('href')) ?? '')
      const older = page.getByRole('link', { name: 'Older runs' })
      if ((await older.count()) === 0) break
      const here = page.url()
      await older.click()
      await page.waitForURL(({ href }) => href !== here)
    }
    expect(seen.size).toBe(93)

    await page.goto(`${web.url}/stats`)
    expect(await page.locator('#chart-runs rect').count()).toBeGreaterThan(20)
    await page.locator('#chart-runs summary').click()
    const days = await page.locator('#chart-runs tbody tr').count()
    expect(days).toBeGreaterThan(20)
    await page.locator('#ledger-words summary').click()
    await page.getByRole('link', { name: 'acme/web' }).click()
    await page.getByText('acme/web, ').waitFor()
    expect(complaints).toEqual([])
    await page.close()
  })

  test('a run starts from the page without JavaScript, once, and a mistake keeps what was typed', async () => {
    const web = await serveWeb(database())
    await web.runs.submit({ request: onIssue(1) })
    const { page } = await open(`${web.url}/`, { javaScriptEnabled: false })
    await page.getByRole('link', { name: 'New run' }).click()
    await page.getByLabel('Repository').fill('acme')
    await page.getByLabel('What to do').fill('Mop the floor\nand the stairs')
    await page.getByText('More options').click()
    await page.getByLabel('Budget in dollars').fill('2,50')
    await page.getByLabel('Base branch').fill('release/2')
    await page.getByRole('button', { name: 'Start the run' }).click()
    expect(await page.getByRole('alert').textContent()).toContain('https://github.com/owner/repo')
    expect(await page.getByLabel('What to do').inputValue()).toBe('Mop the floor\nand the stairs')
    await page.getByLabel('Repository').fill('acme/api')
    const key = (await page.locator('[name=key]').getAttribute('value')) ?? ''
    const prompt = 'Mop the floor\r\nand the stairs'
    const form = { key, prompt, repository: 'acme/api', budgetUsd: '2,50', base: 'release/2' }
    await page.getByRole('button', { name: 'Start the run' }).click()
    await page.waitForURL(/\/runs\/[\w-]{36}$/)
    const id = page.url().split('/').at(-1) ?? ''
    expect((await web.runs.store.get(id))?.request).toMatchObject({
      trigger: 'code',
      repository: { owner: 'acme', name: 'api' },
      prompt: 'Mop the floor\nand the stairs',
      options: { budgetUsd: 2.5, base: 'release/2' },
    })
    const again = await fetch(`${web.url}/new`, {
      method: 'POST',
      redirect: 'manual',
      body: new URLSearchParams(form),
    })
    expect(again.headers.get('location')).toBe(`/runs/${id}`)
    const foreign = {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { 'sec-fetch-site': 'cross-site' },
    }
    expect((await fetch(`${web.url}/new`, foreign)).status).toBe(403)
    await page.close()

    const { page: form2, complaints } = await open(`${web.url}/new?repository=acme/api&prompt=Hello`)
    expect(await form2.getByLabel('What to do').inputValue()).toBe('Hello')
    await form2.getByText('More options').click()
    expect(complaints).toEqual([])
    await form2.close()
  })
})
