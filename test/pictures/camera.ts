import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium, type Page } from 'playwright-core'

const CHROMIUM = '/usr/bin/chromium'
/** GitHub shows pictures at 830 pixels; screens have more. */
const PIXELS_PER_PIXEL = 1.5
const MOST_BYTES = 80 * 1024
const QUALITIES = [85, 75, 65, 55, 45]
const SCHEMES = ['light', 'dark'] as const

interface Shot {
  /** `thread` becomes `thread.webp` and `thread-dark.webp`. */
  readonly name: string
  readonly url: string
  /** What must be on the page before the picture is taken. */
  readonly shows: string
  /** Pixels of CSS, as below. */
  readonly width: number
  /** Default: all of the page. */
  readonly height?: number
}

export interface Camera {
  take(shot: Shot): Promise<void>
  close(): Promise<void>
}

/** Takes pictures of pages in Chromium, light and dark, small enough for a README. */
export async function openCamera(directory: string): Promise<Camera> {
  await mkdir(directory, { recursive: true })
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--font-render-hinting=none'],
  })
  return {
    async take(shot) {
      for (const scheme of SCHEMES) {
        const picture = await photograph(browser, shot, scheme)
        const file = `${shot.name}${scheme === 'dark' ? '-dark' : ''}.webp`
        await writeFile(join(directory, file), picture)
        process.stdout.write(`  ${file}  ${Math.ceil(picture.length / 1024)} KiB\n`)
      }
    },
    close: () => browser.close(),
  }
}

async function photograph(
  browser: Browser,
  { url, shows, width, height }: Shot,
  colorScheme: (typeof SCHEMES)[number],
): Promise<Buffer> {
  const page = await browser.newPage({
    viewport: { width, height: height ?? 400 },
    deviceScaleFactor: PIXELS_PER_PIXEL,
    colorScheme,
    reducedMotion: 'reduce',
    timezoneId: 'UTC',
    locale: 'en-US',
  })
  try {
    await openShowing(page, { url, shows })
    const shown = height ?? (await page.evaluate<number>('document.documentElement.scrollHeight'))
    const client = await page.context().newCDPSession(page)
    for (const quality of QUALITIES) {
      const { data } = await client.send('Page.captureScreenshot', {
        format: 'webp',
        quality,
        captureBeyondViewport: true,
        clip: { x: 0, y: 0, width, height: shown, scale: 1 },
      })
      const picture = Buffer.from(data, 'base64')
      if (picture.length <= MOST_BYTES) return picture
    }
    throw new Error(`The picture of ${url} is too large.`)
  } finally {
    await page.close()
  }
}

/** Opens the page again until it shows what it should: the thread's comment is updated every few seconds. */
async function openShowing(page: Page, { url, shows }: Pick<Shot, 'url' | 'shows'>): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    await page.goto(url, { waitUntil: 'load' })
    const text = await page.innerText('body')
    if (text.includes(shows)) return
    await page.waitForTimeout(500)
  }
  throw new Error(`${url} does not show "${shows}".`)
}
