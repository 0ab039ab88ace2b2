import { expect, test } from 'vitest'
import { quietOctokit } from '../stand-ins/github/checked-octokit.ts'
import { eventually, startWorld } from '../support/start-world.ts'

const FILES = {
  Makefile: 'test:\n\t@sh tests/test.sh\n',
  'tests/test.sh': 'grep -q good lib.txt\n',
  'lib.txt': 'bad\n',
}

test('a pull request is proved on request: by a comment, from a fork, and over HTTP', async () => {
  const world = await startWorld()
  const { github } = world
  const repo = 'acme/api'
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    collaborators: { ada: 'write', eve: 'read' },
    files: FILES,
  })
  const eve = quietOctokit({ apiUrl: github.apiUrl, auth: { token: github.createPat({ login: 'eve' }) } })
  await eve.rest.repos.createFork({ owner: 'acme', repo: 'api' })
  const push = (files: Record<string, string>) =>
    github.pushFiles({ repo: 'eve/api', author: 'eve', branch: 'topic', files })
  const sha = await push({ 'lib.txt': 'good\n' })
  const { number } = await github.openPullRequest({ repo, author: 'eve', title: 'Topic', head: 'eve:topic' })
  const say = (author: string, body: string) => github.comment({ repo, number, author, body })
  const posted = (text: RegExp) =>
    github.waitFor(() => github.comments(repo, number).find(({ body }) => text.test(body)))

  await say('eve', '/backspace prove')
  await posted(/@eve, starting Backspace needs write access/)
  expect(await world.runs()).toEqual([])

  await say('ada', '/backspace **prove** it, please')
  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'proof', pr_url: null },
  })
  await posted(/### ✅ Fixes `make test`/)
  expect(github.checkRuns(repo)).toMatchObject([
    { name: 'Backspace proof', conclusion: 'success', headSha: sha },
  ])
  const [run] = await world.runs()
  expect((await fetch(`${world.url}/runs/${run?.id}/receipt`)).status).toBe(200)

  const { number: issue } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number: issue, author: 'ada', body: '/backspace prove' })
  await github.waitFor(() =>
    github.comments(repo, issue).some(({ body }) => body.includes('verifies a pull request')),
  )
  await Promise.all(github.deliveries.map(({ id }) => github.redeliver(id)))
  await github.settled()
  expect(await world.runs()).toHaveLength(1)

  const broken = await push({ 'lib.txt': 'bad\n', 'other.txt': 'x\n' })
  const post = (body: object) =>
    fetch(`${world.url}/prove`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'again' },
      body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, ...body }),
    })
  expect((await post({ pullRequest: issue })).status).toBe(404)
  const answer = await post({ pullRequest: number })
  expect(answer.headers.get('content-type')).toBe('text/event-stream')
  const stream = await answer.text()
  expect(stream).toContain('"outcome":"proof"')
  expect(await (await post({ pullRequest: number })).text()).toBe(stream)
  expect(github.checkRuns(repo).find(({ headSha }) => headSha === broken)?.conclusion).toBe('neutral')

  await github.closeThread({ repo, number, author: 'ada' })
  const closed = await fetch(`${world.url}/prove`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, pullRequest: number }),
  })
  expect(closed.status).toBe(409)
  expect(await world.runs()).toHaveLength(2)
})

test('a repository that asks for it has each pull request proved, and each push to it', async () => {
  const world = await startWorld()
  const { github } = world
  const repo = 'acme/api'
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    collaborators: { ada: 'write' },
    files: { ...FILES, '.github/backspace.yml': 'prove: always\n' },
  })
  const topic = (text: string) =>
    github.pushFiles({ repo, author: 'ada', branch: 'topic', files: { 'lib.txt': text } })
  await topic('good\n')
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'Topic', head: 'topic' })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'proof' } })

  const sha = await topic('good\n# again\n')
  await eventually(world.runs, ({ length }) => length === 2)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'proof' } })
  await github.waitFor(() => github.checkRuns(repo).some(({ headSha }) => headSha === sha))
  const [run] = await world.runs()
  const shown = await fetch(`${world.url}/runs/${run?.id}`, { headers: { accept: 'application/json' } })
  expect(await shown.json()).toMatchObject({
    trigger: 'pull_request',
    requester: 'ada',
    prompt: `Prove pull request #${number}.`,
    options: { prove: true },
  })
})
