import { existsSync } from 'node:fs'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll } from 'vitest'

const CHROMIUM = '/usr/bin/chromium'
export const BROWSER_MISSING = !existsSync(CHROMIUM)

interface OpenPage {
  readonly page: Page
  /** What the page wrote as errors, and requests to other machines. */
  readonly complaints: string[]
}

/** Every other name than this machine's has no address; names of `.test` are this machine. */
const LOOPBACK_ONLY =
  '--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost'

/** One browser for the tests of a file. */
export function useBrowser(): (url: string, options?: BrowserContextOptions) => Promise<OpenPage> {
  let browser: Browser | undefined
  beforeAll(async () => {
    if (BROWSER_MISSING) return
    const quiet = [
      '--disable-quic',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      LOOPBACK_ONLY,
    ]
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', ...quiet],
    })
  })
  afterAll(() => browser?.close())
  return async (url, options) => {
    if (!browser) throw new Error('the browser is not there yet')
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
    // As `expect.poll`: the default of half a minute is less than a busy machine may need for a page.
    context.setDefaultTimeout(60_000)
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    // A page that a person may not see yet has such a status, which the console repeats.
    page.on('console', (line) => {
      if (line.type() === 'error' && !/status of (?:401|403|404)/.test(line.text()))
        complaints.push(line.text())
    })
    page.on('request', (request) => {
      const { hostname, href } = new URL(request.url())
      if (!/^(?:127\.0\.0\.1|localhost|[\w-]+\.test)$/.test(hostname)) complaints.push(`asked ${href}`)
    })
    await page.goto(url)
    return { page, complaints }
  }
}
