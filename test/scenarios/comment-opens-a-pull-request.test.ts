import { describe, expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

describe.each(SANDBOXES)('in the $sandbox sandbox', ({ sandbox, missing }) => {
  test.skipIf(missing !== undefined)('a comment becomes a pull request with proof', async () => {
    const world = await startWorld({ sandbox, anthropic: FIX_GREETER })
    const { github } = world
    const repo = await createGreeter(github, { private: true })
    const issue = await github.openIssue({
      repo,
      author: 'ada',
      title: 'Hello, nobody',
      body: 'It greets nobody.',
    })

    const comment = await github.comment({
      repo,
      number: issue.number,
      author: 'ada',
      body: 'Thanks!\n\n/backspace make the failing test pass',
    })
    const frames = await world.frames()

    const [pull] = github.pullRequests(repo)
    expect(frames.at(-1)).toMatchObject({
      type: 'success',
      extra_data: { outcome: 'pull_request', pr_url: pull?.htmlUrl, ai_provider: 'anthropic' },
    })
    expect(pull).toMatchObject({
      title: 'Greet a visitor without a name as a stranger',
      author: `${github.appSlug}[bot]`,
      base: 'main',
      draft: false,
    })
    expect(pull?.head).toMatch(/^backspace\/1-[a-z0-9-]+-[0-9a-f]{8}$/)
    expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain("|| 'stranger'")

    expect(pull?.body).toContain(`Closes #${issue.number}`)
    expect(pull?.body).toMatch(/`npm test` \| . failed \(exit code 1,.*passed \(exit code 0/u)
    expect(pull?.body).toContain('claude-opus-5-5')
    // Without PUBLIC_URL nothing links to this machine.
    const said = [pull?.body, ...github.comments(repo, issue.number).map(({ body }) => body)].join('\n')
    expect(said).not.toContain(new URL(world.url).host)
    expect(said).not.toContain('step by step')
    const commit = await github.commit(repo, pull?.headSha ?? '')
    expect(commit.text).toContain('Co-authored-by: ada <')

    const comments = github.comments(repo, issue.number).filter(({ author }) => author.endsWith('[bot]'))
    expect(comments).toHaveLength(1)
    await github.waitFor(() => github.comments(repo, issue.number)[1]?.body.includes(pull?.htmlUrl ?? '?'))
    await github.waitFor(
      () =>
        github
          .reactions(repo, issue.number, comment.id)
          .map(({ content }) => content)
          .join() === 'rocket',
    )
  })
})

test('the pull request says which commit GitHub would show as verified', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const repo = await createGreeter(world.github)
  const issue = await world.github.openIssue({ repo, author: 'ada', title: 'Hello' })
  await world.github.comment({ repo, number: issue.number, author: 'ada', body: '/backspace fix it' })
  await world.frames()

  const [pull] = world.github.pullRequests(repo)
  const posted = world.github.requests.find(
    ({ method, path }) => method === 'POST' && path.endsWith('/git/commits'),
  )
  expect(posted?.body).not.toHaveProperty('author')
  expect(posted?.body).not.toHaveProperty('committer')
  expect((await world.github.commit(repo, pull?.headSha ?? '')).text).toMatch(
    /^Backspace-Run: [0-9a-f-]{36}$/m,
  )
})

test('a comment on a pull request commits to its branch instead of opening another', async () => {
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
  await github.pushFiles({ repo, branch: 'feature', files: { 'NOTES.md': 'wip\n' } })
  const pull = await github.openPullRequest({
    repo,
    author: 'ada',
    title: 'Work in progress',
    head: 'feature',
  })

  await github.comment({ repo, number: pull.number, author: 'ada', body: '/backspace fix the failing test' })
  const frames = await world.frames()

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
  const world = await startWorld({ anthropic: FIX_GREETER })
  const { github } = world
  const repo = await createGreeter(github)
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
  expect((await world.frames()).at(-1)).toMatchObject({ type: 'success' })
  expect(JSON.stringify(world.anthropic?.turns()[0])).toContain('NOTES.md:1-2')
})
