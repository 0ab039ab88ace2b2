import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import { startGitHub } from '../../stand-ins/github/start-github.ts'
import { anthropicEnvironment, githubEnvironment } from '../../support/environment.ts'
import { expectLooks } from '../../support/expect-looks.ts'
import { freePort } from '../../support/postgres.ts'
import { startService } from '../../support/start-service.ts'

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM)
const name = missing ? 'in a browser (not installed: apt-get install chromium)' : 'in a browser'

describe.skipIf(missing)(name, () => {
  let browser: Browser
  beforeAll(async () => {
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-sync',
    ]
    browser = await chromium.launch({ executablePath: CHROMIUM, args })
  })
  afterAll(() => browser.close())

  test('from nothing to a green checklist: one click makes the App, it is installed, a webhook arrives, a model answers', async () => {
    const [github, claude] = await Promise.all([
      startGitHub({ localWebhooks: true }),
      startAnthropic({ script: [{ text: 'ok' }] }),
    ])
    onTestFinished(async () => void (await Promise.all([github.close(), claude.close()])))
    await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' }, installed: false })
    const port = String(await freePort())
    const service = await startService({
      ...githubEnvironment(github),
      ...anthropicEnvironment(claude),
      PORT: port,
      PUBLIC_URL: `http://localhost:${port}`,
      BACKSPACE_MODELS: 'anthropic:claude-opus-5-5',
    })
    await service.listening
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const complaints: string[] = []
    const elsewhere: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    page.on(
      'request',
      (request) =>
        !/^http:\/\/(localhost|127\.0\.0\.1):/.test(request.url()) && elsewhere.push(request.url()),
    )
    const part = (text: string) => page.locator('.parts li', { hasText: text })
    await page.goto(`http://localhost:${port}/`)
    expect(new URL(page.url()).pathname).toBe('/setup')
    await page.getByLabel('Address that GitHub can reach').fill('http://localhost')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('alert').waitFor()
    await expectLooks(page, 'first')
    await page.getByLabel('Address that GitHub can reach').fill('https://tunnel.example')
    await page.getByLabel('Name', { exact: true }).fill('backspace-acme')
    await page.getByRole('button', { name: 'Continue' }).click()
    const create = page.getByRole('button', { name: 'Create the App on GitHub' })
    await create.waitFor()
    await expectLooks(page, 'second')
    await create.click()
    const confirm = page.getByRole('button', { name: /^Create GitHub App for ada/ })
    await confirm.waitFor()
    await expectLooks(page)
    await confirm.click()

    await page.getByRole('heading', { name: 'Checklist' }).waitFor()
    await page.getByRole('link', { name: 'Install the App' }).first().click()
    await page.getByRole('button', { name: 'Install on acme' }).click()
    await part('failed to connect to host').and(page.locator('.broken')).waitFor()
    // The tunnel leads here now.
    github.setWebhookTarget(`http://localhost:${port}/api/github/webhooks`)
    await page.getByRole('button', { name: 'Let GitHub deliver it again' }).click()
    await page.getByRole('button', { name: 'Try them now' }).click()
    await part('acme (1 repository)').and(page.locator('.ok')).waitFor()
    for (const line of [
      'Connection',
      'Permissions',
      'Webhooks',
      'Sandbox',
      'Database',
      'DATA_DIR',
      'claude-opus-5-5',
    ])
      await part(line).and(page.locator('.ok')).first().waitFor()
    await expectLooks(page)
    await page.setViewportSize({ width: 1280, height: 900 })
    const first = page.locator('.parts li').first()
    const places = await Promise.all(
      ['.sign', 'b', '.fact'].map((name) => first.locator(name).first().boundingBox()),
    )
    const [sign, title, fact] = places.map((place) => place?.x ?? 0)
    expect(sign).toBeLessThan(title ?? 0)
    expect((title ?? 0) + 100).toBeLessThan(fact ?? 0)
    expect([complaints, elsewhere]).toEqual([[], []])
    await page.close()
  })
})
