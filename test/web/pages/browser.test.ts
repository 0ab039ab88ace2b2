import { describe, expect, test } from 'vitest'
import { onIssue } from '../../runs/start-runs.ts'
import { BROWSER_MISSING, useBrowser } from '../../support/open-browser.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''

describe.skipIf(BROWSER_MISSING)(`pages in a browser${hint}`, () => {
  const database = useDatabase()
  const open = useBrowser()

  test('the page of a run that has ended asks for nothing more', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS], { request: onIssue(12) })
    const { page } = await open('about:blank')
    const asked: string[] = []
    page.on('request', (request) => asked.push(new URL(request.url()).pathname))
    await page.goto(`${web.url}/runs/${id}`, { waitUntil: 'networkidle' })
    expect(asked.filter((path) => path.startsWith('/runs'))).toEqual([`/runs/${id}`])
    await page.close()
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

  test('a part with an address to refresh from is replaced by what is there now', async () => {
    const web = await serveWeb(database())
    const { page } = await open(web.url)
    await page.getByText('No runs yet').waitFor()
    await web.runs.submit()
    await page.locator('.pill.queued').waitFor()
    await page.close()
  })
})
