import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { BROWSER_MISSING, useBrowser } from '../../support/open-browser.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { serveWeb, useDatabase } from '../serve-web.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''
const said = (text: string): RunEventBody => ({ type: 'agent.message', text })
const idsOf = (page: Page) =>
  page
    .locator('#timeline > li')
    .evaluateAll((entries: { id: string }[]) => entries.map(({ id }) => Number(id)))

describe.skipIf(BROWSER_MISSING)(`a live page on a bad connection${hint}`, () => {
  const database = useDatabase()
  const open = useBrowser()

  test('what arrives while the newest entries are loaded again stays on the page', async () => {
    const web = await serveWeb(database())
    const id = await web.play(BODIES.slice(0, 8))
    const { page } = await open(`${web.url}/runs/${id}`)
    const { promise: held, resolve: release } = Promise.withResolvers<void>()
    let asked = 0
    await page.route('**/story', async (route) => {
      if (++asked === 1) return route.fulfill({ status: 503 })
      const response = await route.fetch()
      await held
      await route.fulfill({ response })
    })
    web.stop()
    await web.append(
      id,
      Array.from({ length: 60 }, (_, index) => said(`Message ${index}`)),
    )
    const port = Number(new URL(web.url).port)
    const again = await serveWeb(database(), { port, queue: { keep: true } })
    await expect.poll(() => asked, { timeout: 30_000 }).toBe(2)
    await again.append(id, [said('Something new')])
    await page.getByText('Something new').waitFor()
    release()
    await page.getByText('Message 30').waitFor()
    await page.getByText('Something new').waitFor()
    const ids = await idsOf(page)
    expect(ids.at(-1)).toBe(70)
    expect(ids).toEqual(Array.from(ids, (_, index) => 71 - ids.length + index))
    await page.close()
  })

  test('a page that has the last event, but not the end of the run, asks for it', async () => {
    const web = await serveWeb(database())
    const id = await web.play(BODIES.slice(0, 8))
    const { page } = await open('about:blank')
    // The stream does not come before the run has ended.
    const { promise: ended, resolve: end } = Promise.withResolvers<void>()
    await page.route('**/live?after=*', async (route) => {
      await ended
      await route.continue()
    })
    await page.route(`**/runs/${id}`, async (route) => {
      const response = await route.fetch()
      const body = await response.text()
      await route.fulfill({ response, body: body.replace('data-seq="9"', 'data-seq="10"') })
    })
    await page.goto(`${web.url}/runs/${id}`)
    await web.append(id, [SUCCESS])
    end()
    await page.getByRole('link', { name: 'Open the pull request' }).waitFor()
    await expect.poll(() => page.locator('[data-run]').getAttribute('data-ended')).toBe('true')
    await page.close()
  })
})
