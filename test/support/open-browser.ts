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
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
    page.on('request', (request) => {
      const { hostname, href } = new URL(request.url())
      if (hostname !== '127.0.0.1') complaints.push(`asked ${href}`)
    })
    await page.goto(url)
    return { page, complaints }
  }
}
