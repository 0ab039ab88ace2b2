import { statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHub } from '../stand-ins/github/start-github.ts'
import { githubEnvironment } from '../support/environment.ts'
import { startService } from '../support/start-service.ts'
import { eventually } from '../support/start-world.ts'

/** A browser without a page: it keeps cookies, and follows no redirect. */
function browse(base: string) {
  const cookies = new Map<string, string>()
  return async (path: string, form?: Record<string, string>) => {
    const answer = await fetch(new URL(path, base), {
      method: form ? 'POST' : 'GET',
      redirect: 'manual',
      headers: {
        accept: 'text/html',
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form ? { 'sec-fetch-site': 'same-origin' } : {}),
      },
      body: form ? new URLSearchParams(form) : null,
    })
    const set = answer.headers.get('set-cookie')
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set ?? '') ?? []
    if (name !== '') cookies.set(name, value)
    const { status, headers } = answer
    return {
      status,
      cookie: set,
      to: headers.get('location') ?? '',
      csp: headers.get('content-security-policy'),
      text: await answer.text(),
    }
  }
}

const decode = (text: string) => text.replaceAll('&quot;', '"').replaceAll('&amp;', '&')

/** The form that the page would send to GitHub. */
function manifestForm(text: string) {
  const [, target = ''] = /<form method="post" action="(http[^"]+)">/.exec(text) ?? []
  const [, json = ''] = /name="manifest" value="([^"]*)"/.exec(text) ?? []
  return { target: new URL(decode(target)), manifest: decode(json) }
}

async function start(env: Record<string, string> = {}) {
  const github = await startGitHub({ localWebhooks: true })
  onTestFinished(() => github.close())
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' }, installed: false })
  const service = await startService({
    ...githubEnvironment(github),
    BACKSPACE_SANDBOX: 'unconfined',
    ...env,
  })
  const url = (await service.listening).replace('localhost', '127.0.0.1')
  /** What a person does on GitHub's pages. @returns where GitHub sends them. */
  async function createApp(text: string) {
    const { target, manifest } = manifestForm(text)
    const page = browse(github.url)
    const state = target.searchParams.get('state') ?? ''
    const { name } = JSON.parse(manifest)
    expect((await page(target.pathname + target.search, { manifest })).status).toBe(200)
    return (await page('/settings/apps/manifest', { manifest, state, name })).to
  }
  return { github, service, url, visit: browse(url), createApp }
}

const HOOK = encodeURIComponent('https://tunnel.example')

test('where others reach the service, the code of the terminal opens the setup; one click makes the App, which is in use at once', async () => {
  const { github, service, url, visit, createApp } = await start({ HOST: '0.0.0.0', LOG_LEVEL: 'trace' })
  const code = await eventually(() => /enter this code: (\S+)/.exec(service.output())?.[1])

  // Nothing works yet, and everything says why.
  for (const path of ['/', '/runs', '/new'])
    expect(await visit(path)).toMatchObject({ status: 303, to: '/setup' })
  const asked = await fetch(`${url}/code`, { method: 'POST', body: '{}' })
  expect([asked.status, await asked.json()]).toEqual([
    503,
    { error: { code: 'config_invalid', message: expect.stringMatching(/not set up yet.*\/setup/) } },
  ])
  expect((await fetch(`${url}/api/github/webhooks`, { method: 'POST', body: '{}' })).status).toBe(503)

  // Only the code opens the page.
  expect((await visit('/setup')).text).toContain('Setup code')
  expect(await visit('/setup/code', { code: 'WRONG-CODE' })).toMatchObject({ status: 401, cookie: null })
  expect((await visit(`/setup/github?code=x&state=y`)).status).toBe(401)
  expect((await visit('/setup/checklist')).status).toBe(401)
  const entered = await visit('/setup/code', { code })
  expect(entered.cookie).toMatch(
    /^backspace_setup=\d+\.[0-9a-f]{64}; Max-Age=7200; Path=\/setup; HttpOnly; SameSite=Lax/,
  )
  expect(await browse(url)('/setup/code', { code })).toMatchObject({ status: 401 })

  const page = await visit(`/setup?webhook=${HOOK}&name=backspace-acme`)
  expect(page.csp).toContain(`form-action 'self' ${github.url};`)
  expect((await visit('/setup/checklist')).csp).not.toContain(github.url)
  const back = new URL(await createApp(page.text))
  expect(back.origin).toBe(url)

  // Another browser cannot use the way back, and neither can this one with another state.
  expect((await browse(url)(back.pathname + back.search)).status).toBe(401)
  expect((await visit(`/setup/github?code=${back.searchParams.get('code')}&state=made-up`)).status).toBe(403)
  expect(await visit(back.pathname + back.search)).toMatchObject({ status: 303, to: '/setup' })

  // The same address goes on with the App; the page that waited in between is answered.
  expect((await visit('/setup')).text).toContain('Install the App')
  expect((await visit('/')).to).toBe('')
  const stored = join(service.directory, 'github-app.json')
  expect(statSync(stored).mode & 0o777).toBe(0o600)

  // What was built again works: a comment is answered by the new App.
  github.setWebhookTarget(`${url}/api/github/webhooks`)
  await browse(github.url)('/apps/backspace-acme/installations', { account: 'acme' })
  github.setRole('acme/api', 'ada', 'write')
  const { number } = await github.openIssue({ repo: 'acme/api', author: 'ada', title: 'One' })
  await github.comment({ repo: 'acme/api', number, author: 'ada', body: '/backspace status' })
  await github.waitFor(() =>
    github.comments('acme/api', number).find(({ author }) => author === 'backspace-acme[bot]'),
  )

  // The code has ended, a stranger sees nothing, and no secret was said.
  expect((await browse(url)('/setup')).status).toBe(401)
  expect(await browse(url)('/setup/code', { code })).toMatchObject({ status: 303, cookie: null })
  const output = service.output()
  expect(output.split(code)).toHaveLength(2)
  expect(output.split('\n').filter((line) => line.startsWith('{') && line.includes(code))).toEqual([])
  for (const secret of [github.webhookSecret, github.privateKey.split('\n')[2] ?? ''])
    expect(output).not.toContain(secret)
})

test('on a laptop the page is open to its own machine only, and the keys can be shown instead of stored', async () => {
  const { github, service, url, visit, createApp } = await start()
  expect(service.output()).not.toContain('enter this code')
  await eventually(() => service.output().includes(`Open ${url}/setup`))
  const forwarded = await fetch(`${url}/setup`, {
    headers: { 'x-forwarded-for': '203.0.113.9', accept: 'text/html' },
  })
  expect(forwarded.status).toBe(403)
  const other = await fetch(`${url}/setup/looks`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
  })
  expect(other.status).toBe(403)

  const { text } = await visit(`/setup?webhook=${HOOK}&name=backspace-ada&keeping=shown`)
  const back = await createApp(text)
  const shown = await visit(new URL(back).pathname + new URL(back).search)
  expect(shown.text).toContain(`APP_ID=${github.appId}\n`)
  expect(shown.text).toContain(Buffer.from(github.privateKey).toString('base64'))
  expect(shown.text).toContain(`WEBHOOK_SECRET=${github.webhookSecret}\n`)
  expect(shown.text).toContain('\nOPERATORS=ada')
  expect((await visit(new URL(back).pathname + new URL(back).search)).status).toBe(403)
  expect((await visit('/')).to).toBe('/setup')
})
