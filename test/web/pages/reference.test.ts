import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openApiPaths } from '../../../src/web/openapi/openapi-paths.ts'
import { listOperations } from '../../../src/web/openapi/operations.ts'
import { createSchemaTexts } from '../../../src/web/openapi/schema-text.ts'
import { expectValid } from '../../support/api-contract.ts'
import { expectAccessible } from '../../support/expect-accessible.ts'
import { BODIES, SUCCESS } from '../a-run.ts'
import { SECRET, serveWeb, useDatabase } from '../serve-web.ts'

const database = useDatabase()
const HTML = { accept: 'text/html' }

test('the reference has every request of the API, with what it needs and answers', async () => {
  const web = await serveWeb(database())
  const page = await (await fetch(`${web.url}/reference`, { headers: HTML })).text()
  const operations = listOperations()
  const shown = operations.flatMap(({ path, aliases }) => [path, ...aliases])
  expect(shown.toSorted()).toEqual(
    Object.entries(openApiPaths)
      .flatMap(([path, methods]) => Object.keys(methods).map(() => path))
      .toSorted(),
  )
  expect(new Set(operations.map(({ slug }) => slug)).size).toBe(operations.length)
  for (const { slug } of operations) {
    expect(page).toContain(`id="${slug}"`)
    expect(page).toContain(`href="#${slug}"`)
  }
  expect(operations.find(({ slug }) => slug === 'post-code')).toMatchObject({
    right: 'start',
    aliases: ['/api/code'],
  })
  expect(operations.find(({ slug }) => slug === 'get-metrics')).toMatchObject({ right: 'metrics' })
  expect(operations.find(({ slug }) => slug === 'get-readyz')).toMatchObject({ right: undefined })
  const groups = Map.groupBy(operations, ({ group }) => group)
  expect([...groups.keys()]).toEqual([
    'Start a run',
    'Read runs',
    'Steer a run',
    'Share a run',
    'The service',
  ])
  const service = groups.get('The service') ?? []
  expect(service.filter(({ path }) => path.startsWith('/runs'))).toEqual([])
  // Each link inside the page leads somewhere.
  const ids = new Set([...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id))
  const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target)
  expect(targets.filter((target) => !ids.has(target))).toEqual([])
})

test('examples of bodies are as the schemas want them', () => {
  const texts = createSchemaTexts()
  for (const name of [
    'CodeRequest',
    'ProofRequest',
    'Note',
    'Approval',
    'Accepted',
    'Cancelling',
    'Error',
  ] as const)
    expectValid(name, texts.example(texts.get(name)))
})

test('what is tried is answered as the reader would be answered, and shown as text', async () => {
  const token = 'token-of-the-reader-0123456789'
  const web = await serveWeb(database(), { apiTokens: [{ name: 'ada', token }] })
  const id = await web.play(BODIES.slice(0, 3))
  const tryIt = async (query: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`${web.url}/reference/try?${query}`, { headers: { ...HTML, ...headers } })
    return { status: answer.status, text: await answer.text() }
  }
  const bearer = { authorization: `Bearer ${token}` }
  expect((await tryIt(`request=get-runs-id&in.id=${id}`)).text).toContain(
    '<span class="status bad">401</span>',
  )
  const found = await tryIt(`request=get-runs-id&in.id=${id}`, bearer)
  expect(found.text).toContain('<span class="status good">200</span>')
  expect(found.text).toContain('&quot;status&quot;: &quot;running&quot;')
  // A stream of a run that goes on is cut off.
  expect((await tryIt(`request=get-runs-id-events&in.id=${id}`, bearer)).text).toContain(
    'The rest is left out here',
  )
  const odd = await tryIt(`request=get-runs-id&in.id=${encodeURIComponent('../metrics?<script>')}`, bearer)
  expect(odd.text).toContain('GET /runs/..%2Fmetrics%3F%3Cscript%3E')
  expect(odd.text).toContain('<span class="status bad">404</span>')
  expect(odd.text).not.toContain('<script>')
  expect((await tryIt('request=post-runs-id-cancel&in.id=x', bearer)).status).toBe(404)
  expect((await tryIt('request=get-runs&in.status=failed&in.limit=1', bearer)).text).toContain(
    'GET /runs?limit=1&amp;status=failed',
  )
  expect(found.text).not.toContain(SECRET)
})

const CHROMIUM = '/usr/bin/chromium'
const missing = !existsSync(CHROMIUM)
const name = missing ? 'in a browser (not installed: apt-get install chromium)' : 'in a browser'

describe.skipIf(missing)(name, () => {
  test('the reference is accessible in light and dark, wide and on a phone, and works without JavaScript', async () => {
    const web = await serveWeb(database())
    const id = await web.play([...BODIES, SUCCESS])
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
    })
    onTestFinished(() => browser.close())
    const looks = [
      { width: 1440, colorScheme: 'light', javaScriptEnabled: true },
      { width: 390, colorScheme: 'dark', javaScriptEnabled: true },
    ] as const
    for (const { width, ...look } of looks) {
      const page = await browser.newPage({ ...look, viewport: { width, height: 900 } })
      const complaints: string[] = []
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()))
      page.on('request', (request) => {
        if (!request.url().startsWith(web.url)) complaints.push(request.url())
      })
      await page.goto(`${web.url}/reference`)
      for (const details of await page.locator('details').all())
        await details.evaluate('(each) => { each.open = true }')
      await expectAccessible(page)
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(complaints).toEqual([])
      await page.close()
    }
    const plain = await browser.newPage({ javaScriptEnabled: false, viewport: { width: 1440, height: 900 } })
    await plain.goto(web.url)
    await plain.getByRole('link', { name: 'API', exact: true }).click()
    await plain.getByRole('link', { name: 'GET /runs/{id}', exact: true }).first().click()
    const article = plain.locator('#get-runs-id')
    await article.getByText('Try it').click()
    await article.getByRole('textbox', { name: 'id' }).fill(id)
    await article.getByRole('button', { name: 'Send' }).click()
    await plain.locator('#get-runs-id').getByText('"outcome": "pull_request"').waitFor()
    expect(plain.url()).toContain('/reference/try?request=get-runs-id')
  })
})
