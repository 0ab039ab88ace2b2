import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { onIssue } from '../../runs/start-runs.ts'
import { expectAccessible } from '../../support/expect-accessible.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM)
const name = missing ? 'in a browser (not installed: apt-get install chromium)' : 'in a browser'

describe.skipIf(missing)(name, () => {
  const database = useDatabase()
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    })
  })
  afterAll(() => browser.close())

  async function open(url: string, width = 1280) {
    const page = await browser.newPage({ viewport: { width, height: 800 } })
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    await page.goto(url)
    return { page, complaints }
  }

  test('the page of a run that has ended asks for nothing more', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    const context = await browser.newContext()
    const page = await context.newPage()
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(`${web.url}/runs/${id}`, { waitUntil: 'networkidle' })
    expect(asked.filter((path) => path.startsWith('/runs'))).toEqual([`/runs/${id}`])
    await context.close()
  })

  test('a login lets a browser in', async () => {
    const token = 'token-of-the-ci-0123456789'
    const web = await serveWeb(database(), { apiTokens: [{ name: 'ci', token }] })
    const { page } = await open(`${web.url}/`)
    await page.getByLabel('API token').fill('wrong')
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('alert').waitFor()
    await page.getByLabel('API token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Log out' }).waitFor()
    await page.close()
  })

  test.each([320, 390, 1280])('nothing is wider than a screen of %i pixels', async (width) => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    for (const path of ['/', `/runs/${id}`]) {
      const { page, complaints } = await open(`${web.url}${path}`, width)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width)
      expect(complaints).toEqual([])
      await page.close()
    }
  })

  test('every page is accessible, light and dark', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    const live = await web.play(BODIES.slice(0, 18), { request: onIssue(13) })
    for (const path of ['/', `/runs/${id}`, `/runs/${live}`, '/runs/nothing']) {
      const { page } = await open(`${web.url}${path}`)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        await expectAccessible(page)
      }
      await page.close()
    }
  })

  test('a part with an address to refresh from is replaced by what is there now', async () => {
    const web = await serveWeb(database())
    const { page } = await open(web.url)
    await page.getByText('No runs yet').waitFor()
    await web.runs.submit()
    await page.locator('.pill.queued').waitFor()
    await page.close()
  })
})
