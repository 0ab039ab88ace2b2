import { describe, expect, test } from 'vitest'
import { SANDBOXES } from '../support/sandboxes.ts'
import { shareWorld } from '../support/share-world.ts'
import { FIX_GREETER } from '../support/start-world.ts'
import { framesOf, postCode } from './post-code.ts'

describe.each(SANDBOXES)('in the $sandbox sandbox', ({ sandbox, missing }) => {
  const story = test.skipIf(missing !== undefined)
  // Of three runs, those of one product are on its embedded database.
  const database = sandbox === 'unconfined' ? 'embedded' : 'shared'
  const begin = shareWorld({ sandbox, database, private: true })

  story('a comment becomes a pull request with proof', async () => {
    const { github, repo, url, frames: framesOfRun } = await begin(FIX_GREETER)
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
    const frames = await framesOfRun()

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
    expect(said).not.toContain(new URL(url).host)
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

  story('a label makes the issue the task', async () => {
    const { github, repo, frames, turns } = await begin(FIX_GREETER)
    const title = 'Nobody is greeted'
    const issue = { repo, author: 'ada', title, body: 'Greet them as a stranger.' }
    const { number } = await github.openIssue(issue)

    await github.addLabel({ repo, number, author: 'ada', label: 'backspace' })

    expect((await frames()).at(-1)).toMatchObject({
      type: 'success',
      extra_data: { outcome: 'pull_request' },
    })
    expect(github.pullRequests(repo)[0]?.body).toContain(`Closes #${number}`)
    const asked = JSON.stringify(turns()[0])
    expect(asked).toContain(title)
    expect(asked).toContain('Greet them as a stranger.')
    await github.waitFor(() => github.reactions(repo, number)[0]?.content === 'rocket')
  })

  story('POST /code streams a run to its pull request', async () => {
    const code = await begin(FIX_GREETER)
    const response = await postCode(code, { prompt: 'Fix the test' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const frames = framesOf(await response.text())

    expect(frames.map(({ seq }) => seq)).toEqual(frames.map((_, index) => index + 1))
    expect(frames[0]).toMatchObject({ type: 'info', runUrl: expect.stringContaining('/runs/') })
    const types = new Set(frames.map(({ type }) => type))
    for (const type of ['info', 'AI Message', 'Tool: Read', 'Tool: Edit', 'Tool: Bash'])
      expect(types).toContain(type)
    const end = frames.at(-1)
    expect(end).toMatchObject({
      type: 'success',
      telemetry: { langsmith_enabled: false, recent_thoughts: expect.any(Array) },
      extra_data: { outcome: 'pull_request', ai_provider: 'anthropic', cost_usd: expect.any(Number) },
    })
    if (end?.type !== 'success') throw new Error('the run did not succeed')
    expect(end.telemetry.thinking_logs_count).toBeGreaterThanOrEqual(20)
    expect(code.github.pullRequests(code.repo)[0]?.head).toMatch(/^backspace\/code-/)
  })
})
