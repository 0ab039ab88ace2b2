import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'

const begin = shareWorld()

test('the pull request says which commit GitHub would show as verified, and the figures what became of it', async () => {
  const { github, repo, frames, url } = await begin(FIX_GREETER)
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace fix it' })
  await frames()

  const [pull] = github.pullRequests(repo)
  const posted = github.requests.find(
    ({ method, path }) => method === 'POST' && path.endsWith(`${repo}/git/commits`),
  )
  expect(posted?.body).not.toHaveProperty('author')
  expect(posted?.body).not.toHaveProperty('committer')
  expect((await github.commit(repo, pull?.headSha ?? '')).text).toMatch(/^Backspace-Run: [0-9a-f-]{36}$/m)

  // By the webhook of the merge; the look at it ends with the commits since then.
  await github.moveBranch({ repo, branch: 'main', sha: pull?.headSha ?? '' })
  await github.waitFor(() =>
    github.requests.find(({ method, path }) => method === 'GET' && path.endsWith(`${repo}/commits`)),
  )
  const figures = async () => {
    const headers = { accept: 'application/json' }
    const answer = await fetch(`${url}/stats?repository=${repo}`, { headers })
    return ((await answer.json()) as { pullRequests: object }).pullRequests
  }
  await expect.poll(figures).toMatchObject({ opened: 1, mergedUntouched: 1 })
})

test('only the first pull request in a repository offers its settings as a file', async () => {
  const { github, repo, frames } = await begin([...FIX_GREETER, ...FIX_GREETER.slice(-1), ...FIX_GREETER])
  const issue = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const bodies: string[] = []
  for (const body of ['/backspace fix it', '/backspace --new fix it']) {
    await github.comment({ repo, number: issue.number, author: 'ada', body })
    await github.waitFor(() => github.pullRequests(repo).length > bodies.length)
    await frames()
    bodies.push(github.pullRequests(repo)[bodies.length]?.body ?? '')
  }
  const [first = '', second] = bodies
  const offered = first
    .slice(first.indexOf('<details><summary>How Backspace installed'))
    .split('</details>')[0]
  expect(offered?.replace(/\d+ ms/g, '9 ms')).toMatchInlineSnapshot(`
    "<details><summary>How Backspace installed and checked this repository</summary>

    This is what it found by itself. If something is wrong or missing, put it right in \`.github/backspace.yml\` on \`main\`: from then on exactly its commands run. \`/backspace setup\` opens a pull request with this file, after it has tried every command; that uses no model. This note appears in the first pull request only.

    \`\`\`yaml
    checks:
      - npm test # package.json: passed in 9 ms
    \`\`\`

    "
  `)
  expect(second).not.toContain('How Backspace installed')
})

test('a comment on a pull request commits to its branch instead of opening another', async () => {
  const { github, repo, frames: framesOfRun } = await begin(FIX_GREETER)
  await github.pushFiles({ repo, branch: 'feature', files: { 'NOTES.md': 'wip\n' } })
  const pull = await github.openPullRequest({
    repo,
    author: 'ada',
    title: 'Work in progress',
    head: 'feature',
  })

  await github.comment({ repo, number: pull.number, author: 'ada', body: '/backspace fix the failing test' })
  const frames = await framesOfRun()

  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { pr_url: pull.htmlUrl } })
  expect(github.pullRequests(repo)).toHaveLength(1)
  expect(Object.keys(await github.branches(repo)).sort()).toEqual(['feature', 'main'])
  expect(await github.fileAt(repo, 'feature', 'src/greet.js')).toContain('stranger')
  expect(await github.fileAt(repo, 'feature', 'NOTES.md')).toBe('wip\n')
  const report = await github.waitFor(() =>
    github.comments(repo, pull.number).find(({ body }) => body.includes('Requested by @ada')),
  )
  expect(report.body).toContain('<details><summary>What this run used</summary>')
  expect(report.body).toContain('<sub>Requested by @ada')
  expect(report.body).not.toContain('&lt;')
})

test('a comment on a line of a pull request tells the agent the place', async () => {
  const { github, repo, frames, turns } = await begin(FIX_GREETER)
  await github.pushFiles({ repo, branch: 'feature', files: { 'NOTES.md': 'wip\nwap\n' } })
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'WIP', head: 'feature' })

  await github.reviewComment({
    repo,
    number,
    author: 'ada',
    body: '/backspace fix this',
    path: 'NOTES.md',
    line: 2,
    startLine: 1,
  })
  expect((await frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(JSON.stringify(turns()[0])).toContain('NOTES.md:1-2')
})
