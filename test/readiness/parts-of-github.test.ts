import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { appEnvironment } from '../support/environment.ts'
import { freePort } from '../support/postgres.ts'
import { useParts } from './look-at-part.ts'

const { github, look } = useParts()

const KEY = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
}).privateKey

test('an App is known by GitHub, or it is said which setting is wrong', async () => {
  const app = appEnvironment(github())
  const away = `127.0.0.1:${await freePort()}`
  expect(await look('app')).toMatchObject({
    state: 'not_set',
    needed: true,
    next: expect.stringContaining('/setup'),
  })
  expect(await look('app', app)).toMatchObject({ state: 'ok', fact: 'backspace, owned by backspace-makers' })
  expect(await look('app', { ...app, PRIVATE_KEY: KEY })).toMatchObject({
    state: 'broken',
    fact: `the private key does not belong to the App ${github().appId}`,
  })
  expect(await look('app', { ...app, APP_ID: '5' })).toMatchObject({
    state: 'broken',
    fact: 'GitHub knows no App with the id 5',
  })
  expect(await look('app', { ...app, GHE_HOST: away })).toMatchObject({
    state: 'broken',
    fact: 'GitHub is out of reach: the connection is refused',
  })
  const proxied = await look('clock', { GHE_HOST: away, HTTPS_PROXY: 'http://proxy.example:3128' })
  expect(proxied).toMatchObject({
    state: 'broken',
    next: expect.stringContaining('HTTPS_PROXY is set: Node uses it only with'),
  })
})

test('a clock that is off, and one that agrees', async () => {
  expect(await look('clock')).toMatchObject({
    state: 'ok',
    fact: expect.stringMatching(/answers, and the clocks agree$/),
  })
  github().advance(12 * 60_000)
  expect(await look('clock')).toMatchObject({
    state: 'broken',
    fact: expect.stringMatching(/this clock is 1[12] min \d+ s behind GitHub’s$/),
  })
  github().advance(-12 * 60_000)
})

test('where the App is installed, suspended, or lacks what the manifest has', async () => {
  const app = appEnvironment(github())
  const { permissions } = {
    permissions: {
      metadata: 'read',
      contents: 'write',
      issues: 'write',
      pull_requests: 'write',
      checks: 'write',
    },
  } as const
  expect(await look('installations', app)).toMatchObject({ state: 'ok', fact: 'acme (1 repository)' })
  expect(await look('permissions', app)).toMatchObject({
    state: 'ok',
    fact: '5 permissions and 6 events, all granted',
  })

  github().setApp({ permissions: { ...permissions, issues: 'read' }, events: ['issues'] })
  expect(await look('permissions', app)).toMatchObject({
    state: 'broken',
    fact: 'missing: permission issues: write, event issue_comment, event pull_request, event pull_request_review, event pull_request_review_comment, event push',
    costs: expect.stringMatching(/^Without that, Backspace cannot comment or react; comments start nothing;/),
    link: { url: `${github().url}/organizations/backspace-makers/settings/apps/backspace/permissions` },
  })
  const events = [
    'issue_comment',
    'issues',
    'pull_request',
    'pull_request_review',
    'pull_request_review_comment',
  ]
  const { checks: _checks, ...needed } = permissions
  github().setApp({ permissions: needed, events })
  expect(await look('permissions', app)).toMatchObject({
    state: 'ok',
    fact: 'missing: permission checks: write, event push',
  })

  github().setApp({ permissions, events: [...events, 'push'] })
  github().setInstallation('acme', { permissions: { ...permissions, contents: 'read' } })
  expect(await look('permissions', app)).toMatchObject({
    state: 'broken',
    fact: 'not accepted by acme (permission contents: write)',
    link: { text: 'Installation on acme' },
  })
  github().setInstallation('acme', { permissions, suspended: true })
  expect(await look('installations', app)).toMatchObject({ state: 'broken', fact: 'suspended on acme' })
  github().setInstallation('acme', { suspended: false })
})

test.each([
  ['https://hooks.example/api/github/webhooks', {}, 'broken', /placeholder/],
  [
    'https://backspace.dev/',
    {},
    'broken',
    /to the path \/, but this service takes them at \/api\/github\/webhooks/,
  ],
  [
    'https://old.dev/api/github/webhooks',
    { PUBLIC_URL: 'https://new.dev' },
    'broken',
    /go to old\.dev, but PUBLIC_URL is https:\/\/new\.dev/,
  ],
  [undefined, {}, 'broken', /no webhook URL/],
])('webhooks to %s with %j: %s', async (target, env, state, fact) => {
  const url = target?.replace('hooks.example', 'example.com')
  github().setWebhookTarget(url)
  expect(await look('webhooks', { ...appEnvironment(github()), ...env })).toMatchObject({
    state,
    fact: expect.stringMatching(fact),
  })
})

test('GitHub’s delivery log says why webhooks do not arrive', async () => {
  const port = await freePort()
  github().setWebhookTarget(`http://127.0.0.1:${port}/api/github/webhooks`)
  github().setInstallation('acme', { suspended: true })
  github().setInstallation('acme', { suspended: false })
  await github().waitFor(() => github().deliveries.at(-1)?.status === 'failed to connect to host')
  expect(await look('webhooks', appEnvironment(github()))).toMatchObject({
    state: 'broken',
    fact: expect.stringMatching(
      /^GitHub’s last delivery \(installation\.unsuspend just now\) failed: failed to connect to host$/,
    ),
    costs: expect.stringContaining('comments and labels start nothing'),
    next: expect.stringContaining('Start the tunnel'),
  })
})

test('a delivery that another service took is no webhook of this one', async () => {
  const other = createServer((_, answer) => answer.writeHead(200).end())
  other.listen(0, '127.0.0.1')
  await once(other, 'listening')
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  github().setWebhookTarget(`http://127.0.0.1:${port}/api/github/webhooks`)
  github().setInstallation('acme', { suspended: true })
  github().setInstallation('acme', { suspended: false })
  await github().waitFor(() => github().deliveries.at(-1)?.statusCode === 200)
  expect(await look('webhooks', appEnvironment(github()))).toMatchObject({
    state: 'broken',
    fact: expect.stringMatching(/was accepted at http:.*, but is not stored here$/),
  })
})
