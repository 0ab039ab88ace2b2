import { expect, onTestFinished, test } from 'vitest'
import { appManifest } from '../../../src/github/app-manifest.ts'
import { checkedOctokit, createSchemaCheck } from './checked-octokit.ts'
import { startGitHub } from './start-github.ts'
import type { GitHubOptions } from './world.ts'

const WISHES = {
  name: 'backspace-acme',
  homepage: 'https://backspace.example',
  webhookUrl: 'https://backspace.example/api/github/webhooks',
  redirectUrl: 'http://127.0.0.1:3000/setup/github',
  setupUrl: 'https://backspace.example/setup',
  callbackUrls: ['https://backspace.example/auth/github/callback'],
}

async function start(options: GitHubOptions = {}) {
  const github = await startGitHub(options)
  onTestFinished(() => github.close())
  const post = (path: string, fields: Record<string, string>) =>
    fetch(`${github.url}${path}`, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })
  async function create(wishes: Partial<typeof WISHES> = {}, state = 'a+b/c=') {
    const manifest = JSON.stringify(appManifest({ ...WISHES, ...wishes }))
    const answer = await post('/settings/apps/manifest', {
      manifest,
      state,
      name: wishes.name ?? WISHES.name,
    })
    return new URL(answer.headers.get('location') ?? 'missing:').searchParams
  }
  return { github, post, create }
}

test('a manifest becomes an App: its page leads back with the state as it was sent, and the code works once', async () => {
  const { github, post, create } = await start()
  const manifest = JSON.stringify(appManifest(WISHES))
  const page = await (await post('/organizations/acme/settings/apps/new?state=s', { manifest })).text()
  expect(page).toContain('Create GitHub App for acme')
  expect(page).toContain('value="backspace-acme"')
  const returned = await create()
  expect(returned.get('state')).toBe('a+b/c=')

  const problems: string[] = []
  const check = createSchemaCheck()
  const stranger = checkedOctokit({ apiUrl: github.apiUrl, auth: undefined, check, problems })
  const code = returned.get('code') ?? ''
  const { data, status } = await stranger.rest.apps.createFromManifest({ code })
  expect([status, data.slug, data.owner]).toMatchObject([201, 'backspace-acme', { login: 'ada' }])
  expect([data.pem, data.webhook_secret]).toEqual([github.privateKey, github.webhookSecret])
  await expect(stranger.rest.apps.createFromManifest({ code })).rejects.toMatchObject({ status: 404 })

  const app = checkedOctokit({
    ...{ apiUrl: github.apiUrl, check, problems },
    auth: { appId: data.id, privateKey: data.pem },
  })
  expect((await app.rest.apps.getAuthenticated()).data).toMatchObject({ slug: 'backspace-acme' })
  expect((await app.rest.apps.getWebhookConfigForApp()).data.url).toBe(WISHES.webhookUrl)
  expect(problems).toEqual([])
})

test('a code is forgotten after an hour', async () => {
  const { github, create } = await start()
  const code = (await create()).get('code') ?? ''
  github.advance(61 * 60_000)
  const answer = await fetch(`${github.apiUrl}/app-manifests/${code}/conversions`, { method: 'POST' })
  expect(answer.status).toBe(404)
})

test('a manifest that GitHub would refuse is refused, with the reason', async () => {
  const { post } = await start()
  const refused = async (manifest: object | string) => {
    const text = typeof manifest === 'string' ? manifest : JSON.stringify(manifest)
    const answer = await post('/settings/apps/new', { manifest: text })
    return `${answer.status} ${(await answer.text()).match(/<li>(.*?)<\/li>/)?.[1]}`
  }
  const good = appManifest(WISHES)
  expect(await refused('{')).toMatch(/^422 The manifest is not valid JSON/)
  expect(await refused({ ...good, name: 'x'.repeat(35) })).toMatch(/^422 name is too long \(maximum is 34/)
  expect(await refused({ ...good, name: 'backspace' })).toMatch(/^422 Name is already taken/)
  expect(await refused({ ...good, url: undefined })).toMatch(/^422 url/)
  const local = { url: 'http://127.0.0.1:3000/api/github/webhooks' }
  expect(await refused({ ...good, hook_attributes: local })).toMatch(/^422 Hook url is not supported/)
  expect(await refused({ ...good, default_events: ['stars'] })).toMatch(
    /^422 Default events are not supported/,
  )
  expect(await refused({ ...good, default_permissions: { metadata: 'read' } })).toMatch(
    /^422 Default events unsupported without the permission/,
  )
  expect(await refused({ ...good, default_permissions: { everything: 'write' } })).toMatch(
    /^422 Default permission/,
  )
})

test('the App is installed from its page, which leads to its setup address; an Enterprise Server may use local webhooks', async () => {
  const { github, post, create } = await start({ localWebhooks: true })
  await github.createRepository({ owner: 'acme', name: 'api', files: { a: 'a\n' } })
  const webhookUrl = 'http://127.0.0.1:9/api/github/webhooks'
  expect((await create({ webhookUrl })).get('code')).toMatch(/^[0-9a-f]{40}$/)
  const answer = await post(`/apps/${github.appSlug}/installations`, { account: 'acme' })
  expect(answer.headers.get('location')).toMatch(
    /^https:\/\/backspace\.example\/setup\?installation_id=\d+&setup_action=install$/,
  )
  await github.waitFor(() => github.deliveries.find(({ event }) => event === 'installation'))
  expect(github.deliveries.map(({ event }) => event)).toContain('ping')
})
