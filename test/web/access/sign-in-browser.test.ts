import { existsSync } from 'node:fs'
import { type Browser, type BrowserContext, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectLooks } from '../../support/expect-looks.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { useDatabase } from '../serve-web.ts'
import { OPS, type SignInWorld, startSignIn } from './sign-in-world.ts'
import { onRepository } from './token-fixture.ts'

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM)
const name = missing ? 'in a browser (not installed: apt-get install chromium)' : 'in a browser'
const FLAGS =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync'

describe.skipIf(missing)(name, () => {
  const database = useDatabase()
  let browser: Browser
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS.split(' ') })
  })
  afterAll(() => browser.close())

  /** A browser of its own, which complains of what no page may do. */
  async function newReader({ web, github }: SignInWorld) {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    // A page that a person may not see yet has the status 401, which the console repeats.
    page.on('console', (line) => {
      if (line.type() === 'error' && !/status of (401|403|404)/.test(line.text()))
        complaints.push(line.text())
    })
    context.on('request', (request) => {
      const { origin } = new URL(request.url())
      if (origin !== web.url && origin !== github.url) complaints.push(request.url())
    })
    return { context, page, complaints }
  }

  async function close(context: BrowserContext, complaints: readonly string[]): Promise<void> {
    await context.close()
    expect(complaints).toEqual([])
  }

  test('a link leads over one button to the run, to its event, and back out', async () => {
    const world = await startSignIn(database(), { host: 'localhost' })
    const { web, github } = world
    const run = await web.play([...BODIES, SUCCESS], onRepository('acme', 'api'))
    const { context, page, complaints } = await newReader(world)
    await page.goto(`${web.url}/runs/${run}#e12`)
    await page.getByText('Use an API token').click()
    await expectLooks(page, 'first')
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('You are not signed in')
    await expectLooks(page, 'second')
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click()
    await page.getByRole('button', { name: /^Authorize/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Add a health check' }).waitFor()
    expect(page.url()).toBe(`${web.url}/runs/${run}#e12`)
    // From a page of another site, as a link in a comment is: Lax sends the cookie, Strict would not.
    await page.goto(github.url)
    await page.evaluate(`location.href = ${JSON.stringify(`${web.url}/runs/${run}`)}`)
    await page.getByRole('heading', { level: 1, name: 'Add a health check' }).waitFor()

    await page.getByRole('link', { name: 'Share' }).click()
    await page.getByLabel('30 days').check()
    await page.getByRole('button', { name: 'Make a link' }).click()
    const link = await page.getByLabel('Copy it now').inputValue()
    await expectLooks(page, 'first')
    await page.goto(`${web.url}/account`)
    await expectLooks(page, 'second')

    // Another person with no account at all.
    const guest = await newReader(world)
    await guest.page.goto(link)
    await guest.page.getByRole('heading', { level: 1, name: 'Add a health check' }).waitFor()
    expect(guest.page.url()).toBe(`${web.url}/runs/${run}`)
    expect(await guest.page.locator('form[method=post]').count()).toBe(0)
    await guest.page.getByText('You see this run through a shared link, until').waitFor()
    await guest.page.goto(web.url)
    await guest.page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor()

    await page.goto(`${web.url}/runs/${run}/share`)
    await page.getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('heading', { name: 'Links that work' }).waitFor({ state: 'detached' })
    await guest.page.goto(`${web.url}/runs/${run}`)
    await guest.page.getByRole('heading', { level: 1, name: 'Sign in to see this run' }).waitFor()
    await guest.page.goto(link)
    await guest.page.getByText('This link does not work').waitFor()
    await close(guest.context, guest.complaints)

    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor()
    // Who has agreed once is back with one click.
    await page.getByRole('link', { name: 'Sign in with GitHub' }).click()
    await page.getByRole('button', { name: 'Log out' }).waitFor()

    const operator = await newReader(world)
    await operator.page.goto(`${web.url}/account`)
    await operator.page.getByText('Use an API token').click()
    await operator.page.getByLabel('API token').fill(OPS)
    await operator.page.getByRole('button', { name: 'Log in' }).click()
    await operator.page.getByRole('heading', { name: 'People who are logged in' }).waitFor()
    await expectLooks(operator.page, 'first')
    await operator.page.getByRole('button', { name: 'Log out ada everywhere' }).click()
    await operator.page
      .getByRole('heading', { name: 'People who are logged in' })
      .waitFor({ state: 'detached' })
    await close(operator.context, operator.complaints)
    await page.reload()
    await page.getByRole('link', { name: 'Sign in with GitHub' }).waitFor()
    await close(context, complaints)
  })

  test('an operator’s token is the second way in, and the only one where signing in is not set up', async () => {
    const world = await startSignIn(database(), { gitHubSignIn: undefined })
    const { context, page, complaints } = await newReader(world)
    await page.goto(world.web.url)
    await page.getByText('Sign in with GitHub is not set up').click()
    await expectLooks(page, 'second')
    await page.getByLabel('API token').fill(OPS)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByRole('button', { name: 'Log out' }).waitFor()
    await close(context, complaints)
  })
})
