import { expect, test } from 'vitest'
import { quietOctokit } from '../stand-ins/github/checked-octokit.ts'
import { eventually, startWorld } from '../support/start-world.ts'

const FILES = {
  Makefile: 'test:\n\t@sh tests/test.sh\n',
  'tests/test.sh': 'grep -q good lib.txt\n',
  'lib.txt': 'bad\n',
}

const MARKER = '<!-- backspace-proof -->'

/** What a check finds of a credential: in its environment, in files that it could read, in git's configuration. */
const LOOK = `found=$( { env; cat ~/.gitconfig ~/.git-credentials ~/.netrc .git/config; git config --list; grep -rsE 'gh[sp]_[A-Za-z0-9]' "$HOME" . ; } 2>/dev/null | grep -ciE 'gh[sp]_[A-Za-z0-9]|authorization: basic|x-access-token' )
test "$found" = 0 && grep -q good lib.txt
`

test('a pull request is proved on request: by a comment, from a fork, and over HTTP', async () => {
  const world = await startWorld()
  const { github } = world
  const repo = 'acme/api'
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    collaborators: { ada: 'write', eve: 'read' },
    files: { ...FILES, 'tests/test.sh': LOOK },
  })
  const eve = quietOctokit({ apiUrl: github.apiUrl, auth: { token: github.createPat({ login: 'eve' }) } })
  await eve.rest.repos.createFork({ owner: 'acme', repo: 'api' })
  const push = (files: Record<string, string>) =>
    github.pushFiles({ repo: 'eve/api', author: 'eve', branch: 'topic', files })
  const sha = await push({ 'lib.txt': 'good\n' })
  const { number } = await github.openPullRequest({ repo, author: 'eve', title: 'Topic', head: 'eve:topic' })
  const say = (author: string, body: string) => github.comment({ repo, number, author, body })
  const proofs = () => github.comments(repo, number).filter(({ body }) => body.includes(MARKER))
  const posted = (text: RegExp) =>
    github.waitFor(() => github.comments(repo, number).find(({ body }) => text.test(body)))

  const branches = await github.branches(repo)
  await say('eve', '/backspace prove')
  await posted(/@eve, starting Backspace needs write access/)
  expect(await world.runs()).toEqual([])

  await say('ada', '/backspace **prove** it, please')
  expect((await world.frames()).at(-1)).toMatchObject({
    type: 'success',
    extra_data: { outcome: 'proof', pr_url: null },
  })
  await posted(/### ✅ Fixes `make test`/)
  expect(github.pullRequests(repo)).toHaveLength(1)
  expect(await github.branches(repo)).toEqual(branches)
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

  // One comment for all of them, which is written again if it is gone.
  const short = (commit: string) => commit.slice(0, 7)
  const inOne = (first: string, ...others: readonly string[]) =>
    new RegExp(
      `Proof of \`${first}\`[^]*earlier proof[^]*${others.map((one) => `\`${one}\`: `).join('[^]*')}`,
    )
  expect(proofs().map(({ body }) => body)).toEqual([expect.stringMatching(inOne(short(broken), short(sha)))])
  await github.deleteComment({ id: proofs()[0]?.id ?? 0, author: 'ada' })
  const slow = await push({ 'tests/test.sh': 'sleep 600\n' })
  await say('ada', '/backspace prove')
  await eventually(world.runs, ([last]) => last?.status === 'running')
  await github.waitFor(() => proofs()[0]?.body.includes('Verifying the change'))
  expect(proofs()[0]?.body).toContain(`commit ${short(slow)}`)
  await say('ada', '/backspace stop')
  await github.waitFor(() => proofs()[0]?.body.includes('🛑 Stopped'))
  const mended = await push({ 'lib.txt': 'good\n', 'tests/test.sh': LOOK })
  await say('ada', '/backspace retry')
  await eventually(world.runs, ({ length }) => length === 4)
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'proof' } })
  expect(proofs().map(({ body }) => body)).toEqual([
    expect.stringMatching(inOne(short(mended), short(slow), short(broken), short(sha))),
  ])

  await github.closeThread({ repo, number, author: 'ada' })
  expect(await (await post({ pullRequest: number })).text(), 'the first answer').toBe(stream)
  const closed = await fetch(`${world.url}/prove`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ repoUrl: `${github.url}/${repo}`, pullRequest: number }),
  })
  expect(closed.status).toBe(409)
  expect(await world.runs()).toHaveLength(4)
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
  const push = (files: Record<string, string>) =>
    github.pushFiles({ repo, author: 'ada', branch: 'topic', files })
  await push({ 'lib.txt': 'good\n' })
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'Topic', head: 'topic' })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'proof' } })

  await push({ 'tests/test.sh': 'sleep 600\n' })
  await eventually(world.runs, ([last, ...others]) => last?.status === 'running' && others.length === 1)
  const sha = await push({ 'lib.txt': 'good\n# again\n', 'tests/test.sh': FILES['tests/test.sh'] })
  const runs = await eventually(world.runs, ({ length }) => length === 3)
  const older = await fetch(`${world.url}/runs/${runs[1]?.id}/events`).then((response) => response.text())
  expect(older, 'a push stops the proof of the commit before').toContain('There is a newer commit')
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
