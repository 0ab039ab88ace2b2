import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { RunRequest } from '../../../src/runs/run.ts'
import type { SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()
const LARGE_KB = 100 * 1024

/** 70 commits on `main`, with a tag on the third; a branch `topic` that left it 60 commits ago. */
const MAKE = `cd "$0"; git init -q -b main
export GIT_AUTHOR_NAME=T GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=T GIT_COMMITTER_EMAIL=t@t
for i in $(seq 1 70); do
  printf 'commit refs/heads/main\\nmark :%s\\ncommitter T <t@t> %s +0000\\ndata 3\\nc%02d\\n' $i $((1700000000 + i)) $i
  printf 'M 100644 inline a.txt\\ndata 3\\n%02d\\n\\n' $i
  if [ $i = 1 ]; then printf 'M 100644 inline %s\\ndata %s\\n%s\\n' "$1" $(printf %s "$2" | wc -c) "$2"; fi
done | git fast-import --quiet
git tag -a v1.0.0 -m one main~67
git branch topic main~60; git update-ref refs/heads/topic $(git commit-tree -p topic -m t topic^{tree})`

async function makeSource(file: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'history-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  await promisify(execFile)('bash', ['-ec', MAKE, directory, file, text])
  return directory
}

const LOOK = `git rev-list --count HEAD; git describe --tags 2>&1 | tail -1; git blame -s a.txt | cut -c 10-
git log --format=%s --skip=60 -1; git log -p --skip=60 -1 2>&1 | grep -c '^+' || true; git status --porcelain; git config --list --local | grep -E 'promis|partial|remote' || true`

const fetchesItself = (provider: SandboxProvider): SandboxProvider => ({ ...provider, reachesGitHub: true })

async function startLooking(sandboxes = (provider: SandboxProvider) => provider) {
  const { github, run } = await startPipeline({ sandboxes })
  const common = { owner: 'acme', private: true, collaborators: { ada: 'write' } } as const
  async function look(name: string, request: Partial<RunRequest> = {}, script = LOOK) {
    const seen: string[] = []
    const work: Work = async ({ workspace, history = '' }, { sandbox }) => {
      const { stdout } = await sandbox.exec(script, { cwd: workspace })
      seen.push(history, ...stdout.trim().split('\n'))
      return { kind: 'no_change', summary: 'Looked.' }
    }
    const { end } = await run({ repository: { owner: 'acme', name }, ...request }, work)
    expect(end).toMatchObject({ type: 'run.succeeded' })
    return seen
  }
  return { github, common, look }
}

test('a clone gets as much history as the size of the repository and the request allow', async () => {
  const { github, common, look } = await startLooking()
  const plain = await makeSource('Makefile', 'all: ; true')
  await github.createRepository({ ...common, name: 'small', fromDirectory: plain })
  await github.createRepository({ ...common, name: 'large', fromDirectory: plain, sizeKb: LARGE_KB })

  const [inSmall = '', ...small] = await look('small')
  expect(inSmall).toBe(
    'complete, 70 commits; 1 tag, the newest before this commit is v1.0.0; git cannot fetch more',
  )
  expect(small).toEqual(['70', expect.stringMatching(/^v1\.0\.0-67-g/), '1) 70', 'c10', '2'])

  const [inLarge = '', ...large] = await look('large')
  expect(inLarge).toBe(
    'the last 50 commits; older ones are not in this clone; no tags are in this clone; git cannot fetch more',
  )
  expect(large).toEqual(['50', 'fatal: No names found, cannot describe anything.', '1) 70', '0'])

  // The request asks for what is older.
  expect((await look('large', { prompt: 'Find the regression with git bisect' }))[1]).toBe('70')

  const { number } = await github.openPullRequest({
    repo: 'acme/large',
    author: 'ada',
    title: 'T',
    head: 'topic',
  })
  const thread = { kind: 'pull_request', number, title: 'T', body: '', author: 'ada', url: '' } as const
  const script =
    'git merge-base main HEAD; git rev-list --count HEAD..main; git diff --stat main... | wc -l; git log --format=%s origin/main -1'
  const [inPull, base, ...rest] = await look('large', { trigger: 'comment', thread }, script)
  expect(inPull).toContain('; main is there as well;')
  expect(base).toMatch(/^[0-9a-f]{40}$/)
  expect(rest).toEqual(['60', '0', 'c70'])
})

test.each([
  ['upload', undefined],
  ['clone', fetchesItself],
])('by %s a build that reads tags gets them, and all commits without their files', async (_name, sandboxes) => {
  const { github, common, look } = await startLooking(sandboxes)
  const tagged = await makeSource('pyproject.toml', '[build-system]\nrequires = ["setuptools_scm"]')
  await github.createRepository({ ...common, name: 'tagged', fromDirectory: tagged, sizeKb: LARGE_KB })
  const [inTagged = '', ...withTags] = await look('tagged')
  expect(inTagged).toContain('70 commits, but only about the last 50 with their files')
  expect(withTags.slice(0, 2)).toEqual(['70', expect.stringMatching(/^v1\.0\.0-67-g/)])
  expect(withTags.slice(-2)).toEqual(['c10', '0'])
})

test('an agent gets more of the past when it asks, and what is there is not fetched again', async () => {
  const { github, run } = await startPipeline({ sandboxes: fetchesItself })
  const plain = await makeSource('Makefile', 'all: ; true')
  await github.createRepository({
    ...{ owner: 'acme', name: 'api', private: true, collaborators: { ada: 'write' } },
    ...{ fromDirectory: plain, sizeKb: LARGE_KB },
  })
  const said: string[] = []
  const { end } = await run({}, async ({ workspace: cwd }, { sandbox, signal, fetchHistory }) => {
    const ask = async (commits?: number) => {
      const answer = await fetchHistory?.({ commits }, signal)
      const { stdout } = await sandbox.exec(LOOK, { cwd })
      said.push(`${answer?.isThere} ${answer?.text}`, stdout.trim().replaceAll('\n', ' | '))
    }
    await ask(50)
    await ask(65)
    await ask()
    await ask()
    await sandbox.exec('rm -rf .git; echo new > b.txt', { cwd })
    said.push(`${(await fetchHistory?.({ commits: 69 }, signal))?.isThere}`)
    return {}
  })
  expect(said.map((line) => line.replace(/-g[0-9a-f]{7,}/, '-gX'))).toEqual([
    'true The last 50 generations of commits are in the clone already.',
    '50 | fatal: No names found, cannot describe anything. | 1) 70 | 0',
    'true The clone now has: the last 65 commits; older ones are not in this clone; no tags are in this clone; git cannot fetch more.',
    '65 | fatal: No names found, cannot describe anything. | 1) 70 | c10 | 2',
    'true The clone now has: 70 commits, but only about the last 65 with their files: git log works, and git blame, git log -p and git show fail for older ones; 1 tag, the newest before this commit is v1.0.0; git cannot fetch more.',
    '70 | v1.0.0-67-gX | 1) 70 | c10 | 2',
    'true All commits and tags are in the clone already, the older ones without files.',
    '70 | v1.0.0-67-gX | 1) 70 | c10 | 2',
    'false',
  ])
  // What the agent made of its own git directory does not matter.
  expect(end).toMatchObject({ type: 'run.succeeded' })
  const [pull] = github.pullRequests('acme/api')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'b.txt')).toBe('new\n')
})
