import { expect, test } from 'vitest'
import type { Sandbox, SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import type { SetupCache } from '../../../src/setup-cache/setup-cache.ts'
import { askOnPullRequest, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

/** Remembers what it was asked to keep, with every file that the sandbox had then. */
async function world({ keeps = true, minSetupMs = 0 } = {}) {
  const boxes = new Map<string, Sandbox>()
  const kept: { readonly files: string; readonly commands: readonly string[] }[] = []
  const setupCache: SetupCache = {
    minSetupMs,
    find: async () => ({ key: 'k', entry: undefined }),
    async keep({ sandboxId, commands }) {
      const box = boxes.get(sandboxId)
      const found = await box?.exec(`cd '${box.home}' && find . -type f | sort`)
      kept.push({ files: found?.stdout.trim() ?? '', commands })
      return keeps
    },
    forget: async () => {},
  }
  const sandboxes = (provider: SandboxProvider): SandboxProvider => ({
    ...provider,
    async create(request) {
      const box = await provider.create(request)
      boxes.set(box.id, box)
      return box
    },
  })
  const pipeline = await startPipeline({ setupCache, sandboxes })
  return { ...pipeline, kept }
}

const SETUP =
  'mkdir -p node_modules/a; echo x >node_modules/a/index.js; echo changed >>README.md; echo y >~/.tool'
const FILES = {
  '.github/backspace.yml': `setup: ${SETUP}\nchecks: grep -q api README.md && ls node_modules/a\n`,
  'src/deep/a.txt': 'a\n',
}
const notices = (events: readonly { readonly type: string }[]) =>
  events.flatMap((event) => (event.type === 'notice' && 'message' in event ? [event.message] : []))

test('what is kept has nothing of the repository, which is back before the checks', async () => {
  const { github, run, kept, errors } = await world()
  await createApi(github, FILES)
  const { end, events } = await run({}, 'echo hello >>src/deep/a.txt')
  expect(errors).toEqual([])
  expect(kept).toEqual([{ commands: [SETUP], files: './.tool\n./workspace/node_modules/a/index.js' }])
  expect(notices(events)).toContainEqual(
    expect.stringMatching(/^Kept the installed dependencies for later runs/),
  )
  expect(events.filter(({ type }) => type === 'checks.finished')).toMatchObject([
    { phase: 'before', results: [{ exitCode: 0 }] },
    { phase: 'after', results: [{ exitCode: 0 }] },
  ])
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: false })
  const [pull] = github.pullRequests('acme/api')
  expect(await github.fileAt('acme/api', pull?.headSha ?? '', 'src/deep/a.txt')).toBe('a\nhello\n')
  expect(await github.fileAt('acme/api', pull?.headSha ?? '', 'README.md')).toBe('# api\n')
})

test('nothing is kept of a pull request, of another branch, of a setup that failed or was quick', async () => {
  const one = await world()
  await createApi(one.github, FILES)
  await one.run(await askOnPullRequest(one.github), 'echo hello >>src/deep/a.txt')
  await one.run({ options: { base: 'topic' } }, 'echo hello >>src/deep/a.txt')
  await one.github.pushFiles({
    repo: 'acme/api',
    branch: 'main',
    files: { '.github/backspace.yml': 'setup: exit 3' },
  })
  await one.run({}, 'echo hello >>src/deep/a.txt')
  expect(one.kept).toEqual([])

  const two = await world({ minSetupMs: 60_000 })
  await createApi(two.github, FILES)
  await two.run({}, 'echo hello >>src/deep/a.txt')
  expect(two.kept).toEqual([])
})

test('a run goes on when nothing can be kept', async () => {
  const { github, run, kept } = await world({ keeps: false })
  await createApi(github, FILES)
  const { end, events } = await run({}, 'echo hello >>src/deep/a.txt')
  expect(kept).toHaveLength(1)
  expect(notices(events)).toContain('The installed dependencies could not be kept for later runs.')
  expect(end).toMatchObject({ type: 'run.succeeded', draft: false })
})
