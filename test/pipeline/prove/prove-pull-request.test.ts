import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { quietOctokit } from '../../stand-ins/github/checked-octokit.ts'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const FILES = {
  Makefile: 'test:\n\t@sh tests/test.sh\n',
  'tests/test.sh': 'grep -q good lib.txt && if [ -e data.bin ]; then grep -q large data.bin; fi\n',
  '.gitattributes': '*.bin filter=lfs -text\n',
  'lib.txt': 'bad\n',
  'old.txt': 'a line that stays the same\n',
}
const NO_AGENT = () => Promise.reject(new Error('no agent works on a proof'))

async function prove(change: {
  base?: Record<string, string>
  files: Record<string, string | null>
  large?: string
  fromFork?: boolean
  close?: boolean
}) {
  const world = await startPipeline({ verify: { mode: 'off', minutes: 5 } })
  const { github } = world
  await createApi(github, { ...FILES, ...change.base }, !change.fromFork)
  const auth = { token: github.createPat({ login: 'ada' }) }
  const ada = quietOctokit({ apiUrl: github.apiUrl, auth })
  if (change.fromFork) await ada.rest.repos.createFork({ owner: 'acme', repo: 'api' })
  const repo = change.fromFork ? 'ada/api' : 'acme/api'
  const sha = await github.pushFiles({ repo, author: 'ada', branch: 'topic', files: change.files })
  if (change.large) await github.keepLargeObject(repo, change.large)
  const { number, htmlUrl } = await github.openPullRequest({
    repo: 'acme/api',
    author: 'ada',
    title: 'Topic',
    head: change.fromFork ? 'ada:topic' : 'topic',
  })
  if (change.close) await github.closeThread({ repo: 'acme/api', number, author: 'ada' })
  const thread = {
    kind: 'pull_request',
    ...{ number, title: 'Topic', body: '', author: 'ada', url: htmlUrl },
  } as const
  const before = await github.branches('acme/api')
  const finished = await world.run(
    { thread, trigger: 'comment', requester: { login: 'ada', id: 7 }, options: { prove: true } },
    NO_AGENT,
  )
  expect(world.errors).toEqual([])
  expect(await github.branches('acme/api')).toEqual(before)
  const [checkRun] = github.checkRuns('acme/api')
  const receipt = await world.receiptOf(finished.run.id)
  return { receipt, end: finished.end, events: finished.events, report: world.reports.at(-1), checkRun, sha }
}

test.each([
  { fromFork: false },
  { fromFork: true },
])('a pull request that fixes a check is proved with its files in Git LFS, fork: $fromFork', async ({
  fromFork,
}) => {
  const large = `large ${fromFork}\n`
  const oid = createHash('sha256').update(large).digest('hex')
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${large.length}\n`
  const files = { 'lib.txt': 'good\n', 'old.txt': null, 'new.txt': FILES['old.txt'], 'data.bin': pointer }
  const { end, events, report, checkRun, receipt, sha } = await prove({ files, fromFork, large })
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'proof', pullRequestUrl: null })
  expect(report?.report).toMatch(/^### ✅ Fixes `make test`/)
  expect(checkRun).toMatchObject({ name: 'Backspace proof', conclusion: 'success', headSha: sha })
  expect(receipt).toMatchObject({
    verdict: 'valid',
    statement: { subject: [{ digest: { gitCommit: sha } }, {}], predicate: { run: { models: [] } } },
  })
  const collected = events.find((event) => event.type === 'changes.collected')
  expect(collected).toMatchObject({
    files: [
      { path: 'data.bin', status: 'added' },
      { path: 'lib.txt', status: 'modified' },
      { path: 'new.txt', status: 'renamed' },
    ],
  })
})

test('a pull request that breaks a check is bad, on the check run too', async () => {
  const { end, report, checkRun } = await prove({
    base: { 'lib.txt': 'good\n' },
    files: { 'lib.txt': 'bad\n' },
  })
  expect(end).toMatchObject({ outcome: 'proof', totals: { verdict: { tone: 'bad' } } })
  expect(report?.report).toMatch(/^### ❌ `make test` newly fails/)
  expect(checkRun?.conclusion).toBe('failure')
})

test('a check that is red before and after cannot tell', async () => {
  const { report, checkRun } = await prove({ files: { 'other.txt': 'x\n' } })
  expect(report?.report).toMatch(/^### ⚠️ `make test` cannot tell/)
  expect(checkRun?.conclusion).toBe('neutral')
})

test('a closed pull request is refused with what to do', async () => {
  const { end } = await prove({ files: { 'lib.txt': 'good\n' }, close: true })
  expect(end).toMatchObject({
    type: 'run.failed',
    code: 'conflict',
    message: expect.stringContaining('Reopen it'),
  })
})
