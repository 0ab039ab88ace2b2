import type { Page } from 'playwright-core'
import { describe, expect, onTestFinished, test } from 'vitest'
import { expectLooks } from '../../../support/expect-looks.ts'
import { BROWSER_MISSING, useBrowser } from '../../../support/open-browser.ts'
import { startGitHub } from '../start-github.ts'
import type { World } from '../world.ts'
import { appPages } from './app-pages.ts'
import { oauthPages } from './oauth-pages.ts'
import { pageRoutes } from './pages.ts'

const hint = BROWSER_MISSING ? ' (not installed: apt-get install chromium)' : ''
const MARKDOWN = [
  '## Why\n\nIt **failed** on `a < b`, see #1 and @ada.',
  '- [x] done\n- [ ] open\n  - [inner](https://example.test)',
  '| a long heading | another one |\n|---|:-:|\n| `x` | y |',
  `> quoted\n\n\`\`\`ts\nconst a = "${'long '.repeat(60)}"\n\`\`\``,
  '<details><summary>More</summary>\n\nhidden\n</details>',
].join('\n\n')

interface Look {
  readonly route: string
  readonly path: string
  readonly act?: (page: Page) => Promise<unknown>
}

/** @param origin of the stand-in. */
function looks({
  origin,
  sha,
  clientId,
}: {
  readonly origin: string
  readonly sha: string
  readonly clientId: string
}) {
  const manifest = JSON.stringify({
    name: 'backspace-acme',
    url: origin,
    hook_attributes: { url: `${origin}/hook` },
  })
  const submit = (text: string) => async (page: Page) => {
    const fill = `document.body.innerHTML = '<form method="post"><input name="manifest"></form>'; document.forms[0].elements[0].value = ${JSON.stringify(text)}; document.forms[0].submit()`
    await Promise.all([page.waitForEvent('load'), page.evaluate(fill)])
  }
  const all: readonly Look[] = [
    { route: 'GET /', path: '/' },
    { route: 'GET /:owner/:repo', path: '/acme/api' },
    { route: 'GET /:owner/:repo', path: '/acme/empty' },
    { route: 'GET /:owner/:repo', path: '/acme/none' },
    { route: 'GET /:owner/:repo/:kind{pull|issues}/:name', path: '/acme/api/issues/1' },
    { route: 'GET /:owner/:repo/:kind{pull|issues}/:name', path: '/acme/api/pull/2' },
    { route: 'GET /:owner/:repo/commit/:sha', path: `/acme/api/commit/${sha}` },
    { route: 'GET /:owner/:repo/:kind{blob|tree|raw}/:rest{.+}', path: '/acme/api/tree/main' },
    { route: 'GET /:owner/:repo/:kind{blob|tree|raw}/:rest{.+}', path: '/acme/api/blob/topic/long.js' },
    { route: 'GET /:owner/:repo/:kind{blob|tree|raw}/:rest{.+}', path: '/acme/api/blob/topic/b.bin' },
    { route: 'GET /login', path: '/login' },
    { route: 'GET /login/oauth/authorize', path: `/login/oauth/authorize?client_id=${clientId}` },
    { route: 'GET /login/oauth/authorize', path: '/login/oauth/authorize?client_id=none' },
    { route: 'GET /settings/apps/new', path: '/settings/apps/new' },
    { route: 'POST /settings/apps/new', path: '/settings/apps/new', act: submit(manifest) },
    { route: 'POST /settings/apps/new', path: '/settings/apps/new', act: submit('{}') },
    { route: 'GET /apps/:slug/installations/new', path: '/apps/backspace/installations/new' },
    { route: 'GET /settings/apps/:slug/permissions', path: '/settings/apps/backspace/permissions' },
    { route: 'GET /settings/installations/:id', path: '/settings/installations/1' },
  ]
  return all
}

/** Pictures, what leads to a page, and the pages of an organization, which are those of a person. */
const NO_PAGES = [
  /^GET \/avatars\//,
  /^GET \/organizations\//,
  /^POST \/(?:organizations\/|session$|settings\/apps\/manifest$|apps\/:slug\/installations$|login\/oauth\/authorize$)/,
  /^POST \/:owner\/:repo\/.*\/comments$/,
]

test('each page of the stand-in has a look in a browser', () => {
  const world = {} as World
  const routes = [pageRoutes, oauthPages, appPages].flatMap((make) => make(world).routes)
  const names = [...new Set(routes.map(({ method, path }) => `${method} ${path}`))]
  const looked = new Set(looks({ origin: '', sha: '', clientId: '' }).map(({ route }) => route))
  expect(
    names.filter((name) => !looked.has(name) && !NO_PAGES.some((pattern) => pattern.test(name))),
  ).toEqual([])
  expect([...looked].filter((route) => !names.includes(route))).toEqual([])
})

describe.skipIf(BROWSER_MISSING)(`the stand-in's pages in a browser${hint}`, () => {
  const open = useBrowser()

  test('are accessible and fit, light and dark, wide and narrow', async () => {
    const github = await startGitHub()
    onTestFinished(() => github.close())
    const repo = 'acme/api'
    const repository = { owner: 'acme', files: { 'a.js': 'one\n' }, collaborators: { ada: 'write' } } as const
    await github.createRepository({ ...repository, name: 'api' })
    await github.createRepository({ ...repository, name: 'empty' })
    const files = {
      'a.js': 'two < 3\n',
      'long.js': `${'wide '.repeat(80)}\n`,
      'b.bin': new Uint8Array([0, 1]),
    }
    const sha = await github.pushFiles({ repo, branch: 'topic', text: 'Count\n\nWhy.', files })
    const issue = await github.openIssue({ repo, author: 'ada', title: 'It fails', body: MARKDOWN })
    await github.comment({ repo, number: issue.number, author: 'ada', body: MARKDOWN })
    const pull = await github.openPullRequest({
      repo,
      author: 'ada',
      title: 'Fix',
      body: MARKDOWN,
      head: 'topic',
    })
    await github.review({ repo, number: pull.number, author: 'acme', body: 'Good.', state: 'APPROVED' })
    github.setApp({ callbackUrls: [`${github.url}/back`] })
    const { page, complaints } = await open(github.url)
    const wrong: string[] = []
    const all = looks({ origin: github.url, sha, clientId: github.clientId })
    for (const [index, { route, path, act }] of all.entries()) {
      await page.goto(`${github.url}${path}`)
      await act?.(page)
      const isOnly = all.filter((look) => look.route === route).length === 1
      await expectLooks(page, isOnly ? 'all' : index % 2 === 0 ? 'first' : 'second').catch((error: Error) =>
        wrong.push(`${route} ${path}: ${error.message}`),
      )
    }
    expect(wrong).toEqual([])
    expect(complaints.filter((text) => !/status of 422/.test(text))).toEqual([])
    await page.close()
  })
})
