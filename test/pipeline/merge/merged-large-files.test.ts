import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

function pointerOf(text: string): string {
  const oid = createHash('sha256').update(text).digest('hex')
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${Buffer.byteLength(text)}\n`
}

test('what a merge brings in Git LFS has its content, one in conflict can be had from both sides, and line ends are those of now', async () => {
  const { github, run } = await startPipeline()
  await createApi(github, {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    'kept.bin': pointerOf('kept\n'),
    'both.bin': pointerOf('first\n'),
    'other.bin': pointerOf('first\n'),
    'untouched.txt': 'a\n',
  })
  const asked = await askOnPullRequest(github)
  const push = (branch: string, files: Record<string, string>) =>
    github.pushFiles({ repo: 'acme/api', branch, author: 'ada', files })
  await push('topic', {
    '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n*.txt text eol=crlf\n',
    'new.bin': pointerOf('new\n'),
    'lost.bin': pointerOf('lost\n'),
    'both.bin': pointerOf('topic\n'),
    'other.bin': pointerOf('topic\n'),
  })
  await push('main', { 'both.bin': pointerOf('main\n'), 'other.bin': pointerOf('main\n') })
  for (const content of ['kept\n', 'first\n', 'new\n', 'topic\n', 'main\n'])
    await github.keepLargeObject('acme/api', content)
  let seen = ''
  const { end, events } = await run(
    { ...asked, prompt: 'Resolve the conflicts with main' },
    async ({ workspace: cwd, merge }, { sandbox }) => {
      const script = `cat kept.bin new.bin both.bin other.bin; sed -n 's/oid.*/a pointer/p' lost.bin; od -c untouched.txt | head -n 1
        git status --porcelain; git checkout -q base -- both.bin; cat both.bin`
      seen = `${(await sandbox.exec(script, { cwd })).stdout}${merge?.conflicts}`
      return { title: 'Merge', summary: "Both are there: main's file and the topic's." }
    },
  )
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  expect(seen).toMatch(
    /^kept\nnew\ntopic\ntopic\na pointer\n0000000 +a +\\r +\\n\nUU both\.bin\nUU other\.bin\nmain\nboth\.bin: no markers\./s,
  )
  expect(JSON.stringify(events)).toContain('1 file of Git LFS is a pointer (`lost.bin`')
  const merged = await github.filesAt('acme/api', 'topic')
  const at = (path: string) => github.fileAt('acme/api', 'topic', path)
  expect(await Promise.all(['new.bin', 'both.bin', 'other.bin', 'untouched.txt'].map(at))).toEqual([
    pointerOf('new\n'),
    pointerOf('main\n'),
    pointerOf('topic\n'),
    'a\n',
  ])
  expect(Object.keys(merged)).toContain('lost.bin')
})
