import { createHmac, randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { createGreeter, observe, startWorld, type World } from '../support/start-world.ts'
import { startByCode } from './post-code.ts'

const begin = shareWorld({ model: false })

async function refusal(world: Pick<World, 'url'>, body: unknown, init: RequestInit = {}) {
  const response = await fetch(`${world.url}/code`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    ...init,
    headers: { 'content-type': 'application/json', ...init.headers },
  })
  const { error } = (await response.json()) as { error: { code: string; message: string } }
  return { status: response.status, ...error }
}

test('POST /code answers what is wrong before it streams, and starts nothing', async () => {
  const world = await begin()
  const { github, url, repo } = world
  await github.createRepository({ owner: 'other', name: 'alone', installed: false, files: { a: 'b' } })
  const repoUrl = `${github.url}/${repo}`
  const prompt = 'do it'

  const cases: readonly (readonly [unknown, number, string, RequestInit?])[] = [
    [{ repoUrl: `${repoUrl}-nothing`, prompt }, 404, 'repository_not_found'],
    [{ repoUrl: `${github.url}/other/alone`, prompt }, 403, 'not_installed'],
    [{ repoUrl: `https://evil.example/${repo}`, prompt }, 400, 'bad_repository_url'],
    [{ repoUrl: `${repoUrl}/../x`, prompt }, 400, 'bad_repository_url'],
    [{ repoUrl: 'file:///etc/passwd', prompt }, 400, 'bad_repository_url'],
    [{ repoUrl, prompt: ' ' }, 400, 'bad_request'],
    [{ repoUrl }, 400, 'bad_request'],
    [{ repoUrl, prompt, agent: 'claude' }, 400, 'bad_request'],
    [{ repoUrl, prompt, surprise: 1 }, 400, 'bad_request'],
    ['{"repoUrl":', 400, 'bad_request'],
    [{ repoUrl, prompt: 'x'.repeat(1_100_000) }, 413, 'body_too_large'],
    [{ repoUrl, prompt }, 415, 'unsupported_media_type', { headers: { 'content-type': 'text/plain' } }],
    [{ repoUrl, prompt }, 403, 'forbidden', { headers: { 'x-forwarded-for': '203.0.113.9' } }],
  ]
  for (const [body, status, code, init] of cases) {
    const answer = await refusal(world, body, init)
    expect([answer.status, answer.code, JSON.stringify(body).slice(0, 80)]).toEqual([
      status,
      code,
      JSON.stringify(body).slice(0, 80),
    ])
    expect(answer.message).not.toMatch(/\bat .*:\d+:\d+|node_modules/)
  }
  expect((await fetch(`${url}/runs/nothing`, { headers: { accept: 'application/json' } })).status).toBe(404)
  expect(await world.runs()).toEqual([])
})

test('a webhook that is not signed, or signed wrongly, is refused and not stored', async () => {
  const { github, url, repo, runs } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  github.setWebhookTarget(undefined)
  await github.comment({ repo, number, author: 'ada', body: '/backspace fix it' })
  const delivery = github.deliveries.findLast(({ event }) => event === 'issue_comment')
  const payload = delivery?.body ?? ''

  const sign = (secret: string) => `sha256=${createHmac('sha256', secret).update(payload).digest('hex')}`
  for (const signature of [
    undefined,
    sign('development'),
    sign('wrong'),
    `sha1=${'0'.repeat(40)}`,
    'sha256=',
  ]) {
    const response = await fetch(`${url}/api/github/webhooks`, {
      method: 'POST',
      body: payload,
      headers: {
        'content-type': 'application/json',
        'x-github-event': 'issue_comment',
        'x-github-delivery': randomUUID(),
        ...(signature === undefined ? {} : { 'x-hub-signature-256': signature }),
      },
    })
    expect(response.status).toBe(401)
  }
  expect(await runs()).toEqual([])
  expect(github.comments(repo, number)).toHaveLength(1)
})

test('API tokens open POST /code to others, and only to them', async () => {
  const token = 'a-token-of-this-test-0123456789'
  const world = await startWorld({ env: { API_TOKENS: `ci=${token}` } })
  await createGreeter(world.github)
  const body = { repoUrl: `${world.github.url}/acme/greeter`, prompt: 'do it' }

  expect(await refusal(world, body)).toMatchObject({ status: 401 })
  expect(await refusal(world, body, { headers: { authorization: 'Bearer wrong' } })).toMatchObject({
    status: 401,
  })
  const headers = {
    'content-type': 'application/json',
    authorization: `Bearer ${token}`,
    accept: 'application/json',
  }
  const accepted = await fetch(`${world.url}/code`, { method: 'POST', body: JSON.stringify(body), headers })
  expect(accepted.status).toBe(202)
})

test.each([
  ['an empty repository', { name: 'empty' }, 'repository_empty'],
  ['an archived repository', { name: 'old', files: { a: 'b' }, archived: true }, 'repository_archived'],
] as const)('%s ends with the exact reason', async (_name, repository, code) => {
  const { github, url } = await begin()
  await github.createRepository({ owner: 'acme', ...repository, collaborators: { ada: 'write' } })
  const repo = `acme/${repository.name}`
  await startByCode({ github, url, repo }, { prompt: 'do it' })
  const { frames } = observe(url, { repository: repo })
  expect((await frames()).at(-1)).toMatchObject({ type: 'error', code })
})
