import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'

const begin = shareWorld({ model: false })

test('without keys a run ends in a triage that says that no model was used, and why', async () => {
  const { github, repo, frames: framesOfRun } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'greet("") prints "Hello, !"' })
  await github.comment({ repo, number, author: 'ada', body: '/backspace' })
  const frames = await framesOfRun()

  const end = frames.at(-1)
  expect(end).toMatchObject({ type: 'success', extra_data: { outcome: 'triage', pr_url: null, cost_usd: 0 } })
  const answer = github.comments(repo, number)[1]
  expect(answer?.body).toContain('No AI model was used')
  expect(answer?.body).toContain('ANTHROPIC_API_KEY is not set')
  expect(answer?.body).toContain('src/greet.js')
  expect(end).toMatchObject({ extra_data: { comment_url: answer?.htmlUrl } })
  expect(Object.keys(await github.branches(repo))).toEqual(['main'])
})

test('a diff that the human wrote is applied, checked and delivered', async () => {
  const { github, repo, frames: framesOfRun } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const diff = [
    '--- a/src/greet.js',
    '+++ b/src/greet.js',
    '@@ -1,4 +1,4 @@',
    ' /** Greets a visitor by name, or a stranger if there is no name. */',
    ' export function greet(name) {',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of the fixture
    '-  return `Hello, ${name}!`',
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the source of the fixture
    "+  return `Hello, ${name?.trim() || 'stranger'}!`",
    ' }',
  ].join('\n')
  await github.comment({
    repo,
    number,
    author: 'ada',
    body: `/backspace apply this\n\n\`\`\`diff\n${diff}\n\`\`\``,
  })
  const frames = await framesOfRun()

  expect(frames.at(-1)).toMatchObject({ type: 'success', extra_data: { outcome: 'pull_request' } })
  const [pull] = github.pullRequests(repo)
  expect(await github.fileAt(repo, pull?.head ?? '', 'src/greet.js')).toContain('stranger')
  expect(pull).toMatchObject({ draft: true, body: expect.stringMatching(/no AI/i) })
  expect(github.labels(repo, pull?.number ?? 0)).toEqual(['backspace:no-ai'])
  expect(github.comments(repo, number)[1]?.body).toContain(
    '- ⚠️ No AI model was used: Anthropic: ANTHROPIC_API_KEY is not set; OpenAI: OPENAI_API_KEY is not set.',
  )
  const commit = await github.commit(repo, pull?.headSha ?? '')
  expect(commit.text).toContain('Generated-By: backspace-dummy (no AI)')
})

test('without a model a plan run changes nothing either, whatever the request holds', async () => {
  const { github, repo, frames } = await begin()
  const { number } = await github.openIssue({ repo, author: 'ada', title: 'Hello' })
  const body = '/backspace --plan apply\n\n```js path=src/new.js\nexport const a = 1\n```'
  await github.comment({ repo, number, author: 'ada', body })
  expect((await frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'triage', pr_url: null } })
  expect(github.pullRequests(repo)).toEqual([])
})
