import { readdirSync, readFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { expectLooks } from '../../support/expect-looks.ts'
import { BROWSER_MISSING, useBrowser } from '../../support/open-browser.ts'
import { type ServedWeb, serveWeb, useDatabase } from '../serve-web.ts'
import { serveSetup } from '../setup/serve-setup.ts'
import {
  CLOSED,
  ELSEWHERE,
  EMPTY,
  type Filled,
  fill,
  filled,
  LOCKED,
  type Look,
  NO_PAGES,
  NOT_SET_UP,
  PARTS,
  SET_UP,
} from './looks.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''
const database = useDatabase()
const NONE = new Proxy<Filled>({} as Filled, { get: () => 'none' })
const ALL = [...EMPTY, ...filled(NONE, () => {}), ...CLOSED, ...LOCKED, ...NOT_SET_UP, ...SET_UP]

test('each route of the app has a look in a browser, or is known to answer with something else than a page', async () => {
  const { web } = await serveSetup(database(), { hasApp: false })
  const routes = new Set(
    web.app.routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`),
  )
  const looked = new Set([...ALL.map(({ route }) => route), ...Object.keys(ELSEWHERE), ...PARTS])
  const unknown = [...routes].filter(
    (route) => !looked.has(route) && !NO_PAGES.some((pattern) => pattern.test(route)),
  )
  expect(unknown).toEqual([])
  expect([...looked].filter((route) => route !== 'GET /*' && !routes.has(route))).toEqual([])
  for (const [route, file] of Object.entries(ELSEWHERE)) {
    const text = readFileSync(file, 'utf8')
    expect([route, text.includes('await expectAccessible(page)')]).toEqual([route, true])
  }
})

test('text that may be wider than its place can be scrolled with the keyboard', () => {
  const folder = 'src/web/pages'
  const wrong = readdirSync(folder).flatMap((name) =>
    (readFileSync(`${folder}/${name}`, 'utf8').match(/<pre\b[^>]*>/g) ?? []).filter(
      (tag) => !tag.includes('tabindex="0"'),
    ),
  )
  expect(wrong).toEqual([])
})

test('what is known to be no page is none', async () => {
  const web = await serveWeb(database())
  const runs = await fill(web, database())
  const gets = web.app.routes.filter(({ method }) => method === 'GET').map(({ path }) => path)
  const plain = gets.filter((path) => NO_PAGES.some((pattern) => pattern.test(`GET ${path}`)))
  const types = await Promise.all(
    plain.map(async (path) => {
      const address = path.replace(':id', runs.ended).replace(':version/:name', 'v/base.css')
      const answer = await fetch(`${web.url}${address}`, { headers: { accept: 'text/html' } })
      const type = answer.headers.get('content-type') ?? ''
      await answer.body?.cancel()
      return [path, answer.ok && type.startsWith('text/html')]
    }),
  )
  expect(types.filter(([, isPage]) => isPage)).toEqual([])
})

describe.skipIf(BROWSER_MISSING)(`every page in a browser${hint}`, () => {
  const open = useBrowser()

  /** What is wrong with pages, each named. */
  async function lookAt(page: Page, web: Pick<ServedWeb, 'url'>, looks: readonly Look[]): Promise<string[]> {
    const wrong: string[] = []
    for (const [index, { route, path, act }] of looks.entries()) {
      await page.setViewportSize({ width: 1440, height: 900 })
      await page.goto(`${web.url}${path}`)
      await act?.(page)
      const isOnly = ALL.filter((look) => look.route === route).length === 1
      await expectLooks(page, isOnly ? 'all' : index % 2 === 0 ? 'first' : 'second').catch((error: Error) =>
        wrong.push(`${route} ${path}: ${error.message}`),
      )
    }
    return wrong
  }

  const inEachState =
    'is accessible and fits, light and dark, wide and narrow, in the states that it can be in'
  // A browser draws a hundred pages, and axe-core examines them: minutes on a machine that others use too.
  test(inEachState, { timeout: 600_000 }, async () => {
    const web = await serveWeb(database())
    const { page, complaints } = await open(web.url)
    const wrong = await lookAt(page, web, EMPTY)
    const runs = await fill(web, database())
    wrong.push(...(await lookAt(page, web, filled(runs, web.runs.log.output.show))))
    const apiTokens = [{ name: 'ci', token: 'token-of-the-ci-0123456789' }]
    const closed = await serveWeb(database(), { apiTokens, openToLocal: false })
    const locked = await serveSetup(database(), { hasApp: false })
    const unset = await serveSetup(database(), { hasApp: false, openToLocal: true })
    const done = await serveSetup(database(), { openToLocal: true, isNeeded: false })
    wrong.push(
      ...(await lookAt(page, closed, CLOSED)),
      ...(await lookAt(page, locked.web, LOCKED)),
      ...(await lookAt(page, unset.web, NOT_SET_UP)),
      ...(await lookAt(page, done.web, SET_UP)),
    )
    expect(wrong).toEqual([])
    expect(complaints.filter((text) => !/status of (?:400|409)/.test(text))).toEqual([])
    await page.close()
  })
})
