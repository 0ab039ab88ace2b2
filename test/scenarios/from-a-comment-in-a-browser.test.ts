import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createBackspace } from '../../src/backspace.ts'
import { readConfig } from '../../src/config.ts'
import { expectAccessible } from '../support/expect-accessible.ts'
import { BROWSER_MISSING, useBrowser } from '../support/open-browser.ts'
import { freePort } from '../support/postgres.ts'
import { createGreeter, FIX_GREETER, startStandIns } from '../support/start-world.ts'
import { createWorldDatabase } from '../support/world-database.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''

/** Commands of a repository that go on until the test lets them end. */
async function createGates() {
  const directory = await mkdtemp(join(tmpdir(), 'gates-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return {
    command: (name: string) =>
      `echo ${name} is under way; until [ -e ${directory}/${name} ]; do sleep 0.1; done`,
    open: (name: string) => writeFile(join(directory, name), ''),
  }
}

/** A service that others than this machine reach by a name, so that people have to sign in. */
async function startRestartable() {
  const standIns = await startStandIns({ anthropic: FIX_GREETER, signIn: true })
  const database = await createWorldDatabase({})
  const port = String(await freePort())
  const url = `http://backspace.test:${port}`
  const config = readConfig({ ...database.env, ...standIns.env, PORT: port, PUBLIC_URL: url })
  let backspace = await createBackspace(config)
  await backspace.start()
  standIns.github.setWebhookTarget(`http://127.0.0.1:${port}${config.github.webhookPath}`)
  standIns.github.setApp({ callbackUrls: [`${url}/auth/github/callback`] })
  onTestFinished(async () => {
    await backspace.stop(0)
    await standIns.close()
    await database.remove()
  })
  async function restart(meanwhile: () => Promise<void>): Promise<void> {
    await backspace.stop(0)
    await meanwhile()
    backspace = await createBackspace(config)
    await backspace.start()
  }
  return { github: standIns.github, url, restart }
}

/** What the story of a run says, entry by entry. */
const storyOf = (page: Page) =>
  page
    .locator('#timeline > li')
    .evaluateAll((entries: { id: string; textContent: string }[]) =>
      entries.map(({ id, textContent }) => `${id} ${textContent.replaceAll(/\s+/g, ' ')}`),
    )

describe.skipIf(BROWSER_MISSING)(`in a browser${hint}`, () => {
  const open = useBrowser()

  test('a comment leads to its run, which is watched live through a restart of the service, and to the pull request', async () => {
    const [{ github, url, restart }, gates] = await Promise.all([startRestartable(), createGates()])
    const repo = await createGreeter(github)
    const settings = { setup: [gates.command('setup')], checks: ['npm test', gates.command('lint')] }
    await github.pushFiles({
      repo,
      branch: 'main',
      text: 'Settings',
      files: { '.github/backspace.yml': JSON.stringify(settings) },
    })
    const issue = await github.openIssue({ repo, author: 'eve', title: 'It greets nobody' })

    const { page, complaints } = await open(`${github.url}/login?return_to=/${repo}/issues/${issue.number}`)
    const unprotected: string[] = []
    page.on('response', async (response) => {
      const isPage = response.request().resourceType() === 'document' && response.url().startsWith(url)
      if (isPage && !(await response.headerValue('content-security-policy'))?.includes("default-src 'self'"))
        unprotected.push(response.url())
    })
    await page.getByRole('button', { name: 'Sign in as ada' }).click()
    await page.getByLabel('Comment as ada').fill('/backspace fix the failing test')
    await page.getByRole('button', { name: 'Comment' }).click()
    const progress = page.locator(`a[href^="${url}/runs/"]`)
    await expect.poll(() => page.reload().then(() => progress.count())).toBeGreaterThan(0)
    await progress.first().click()

    await page.getByRole('link', { name: 'Sign in with GitHub' }).click()
    await page.getByRole('button', { name: /^Authorize/ }).click()
    const output = page.locator('#live-output')
    await expect.poll(() => output.textContent()).toMatch(/^\$ echo setup.*\nsetup is under way$/)
    await expectAccessible(page)
    await page.evaluate('window.sameDocument = true')
    await gates.open('setup')
    await expect.poll(() => output.textContent()).toMatch(/^\$ echo lint.*\nlint is under way$/)

    await restart(() => gates.open('lint'))
    await page.getByRole('link', { name: 'Open the pull request' }).waitFor()
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(await output.count()).toBe(0)
    const second = await page.context().newPage()
    await second.goto(page.url())
    const live = await storyOf(second)
    await second.close()
    // The stream that brings the events is not the request that brings the link.
    await expect.poll(() => storyOf(page)).toEqual(live)
    expect(await page.evaluate('window.sameDocument')).toBe(true)
    expect(new Set(live.map((entry) => entry.split(' ')[0])).size).toBe(live.length)

    const runUrl = page.url().replace(/#.*/, '')
    await page.getByRole('link', { name: 'Open the pull request' }).click()
    await page.getByRole('heading', { level: 1, name: /^Greet a visitor without a name/ }).waitFor()
    expect(await page.locator(`a[href^="${runUrl}"]`).count()).toBeGreaterThan(0)
    expect(github.pullRequests(repo)).toHaveLength(1)
    expect(unprotected).toEqual([])
    expect(complaints.filter((text) => !/ERR_(?:CONNECTION|INCOMPLETE|EMPTY)/.test(text))).toEqual([])
    await page.close()
  })
})
