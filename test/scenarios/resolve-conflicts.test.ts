import { expect, test } from 'vitest'
import { shareWorld } from '../support/share-world.ts'

const begin = shareWorld()
const FILE = 'src/greet.js'
const source = (greeting: string) => `export function greet(name) {\n  return ${greeting}\n}\n`

const RESOLVED = source("'Hello and welcome, ' + (name?.trim() || 'stranger') + '!'")
const finish = {
  name: 'finish',
  args: { outcome: 'done', title: 'Keep both', summary: 'Welcomes strangers, too.' },
}
const RESOLVE = [
  { calls: [{ name: 'read', args: { file_path: FILE } }] },
  // The first claim to be done is refused, since markers are left.
  { calls: [finish] },
  { calls: [{ name: 'write', args: { file_path: FILE, content: RESOLVED } }] },
  { calls: [finish] },
  { calls: [finish] },
]

test('a comment on a pull request that is in conflict makes a merge commit, after which GitHub can merge it', async () => {
  const world = await begin(RESOLVE)
  const { github, repo } = world
  const push = (branch: string, greeting: string) =>
    github.pushFiles({ repo, branch, author: 'ada', files: { [FILE]: source(greeting) } })
  await push('topic', "'Hello, ' + (name?.trim() || 'stranger') + '!'")
  const { number } = await github.openPullRequest({ repo, author: 'ada', title: 'Strangers', head: 'topic' })
  await push('main', "'Hello and welcome, ' + name + '!'")
  const { main = '' } = await github.branches(repo)
  const short = main.slice(0, 7)

  await github.comment({ repo, number, author: 'ada', body: '/backspace resolve the conflicts with main' })
  expect((await world.frames()).at(-1)).toMatchObject({ extra_data: { outcome: 'pull_request' } })
  expect(await github.fileAt(repo, 'topic', FILE)).toBe(RESOLVED)
  const report = await github.waitFor(() =>
    github.comments(repo, number).find((comment) => comment.body.includes('resolved 1 file')),
  )
  expect(report.body).toContain(`Merged main at ${short}; resolved 1 file: \`${FILE}\`.`)
  const [first, , refused] = world.turns().map((turn) => JSON.stringify(turn.messages))
  expect(first).toContain('The host has begun to merge main')
  expect(first).toContain(`${FILE}: markers`)
  expect(refused).toContain(`conflict markers are left in \`${FILE}\` line 2, 4, 6, 8`)
  // Now the branch has all of its base.
  await github.comment({ repo, number, author: 'ada', body: '/backspace update the branch' })
  await github.waitFor(() =>
    github.comments(repo, number).find((comment) => comment.body.includes('is already up to date with')),
  )
  expect(world.turns()).toHaveLength(RESOLVE.length)
})
