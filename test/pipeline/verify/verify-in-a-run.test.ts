import { expect, test } from 'vitest'
import type { Verification } from '../../../src/runs/verification.ts'
import { treeIdOf } from '../../../src/verify/tree-id.ts'
import { createApi } from '../api-repository.ts'
import { type Finished, preparePipelines, type Work } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

/** One check, which reads a file. */
const FILES = {
  '.gitignore': 'generated/\n',
  Makefile: 'test:\n\t@sh tests/test.sh\n',
  'tests/test.sh': 'grep -q good lib.txt\n',
  'lib.txt': 'bad\n',
}

function verificationOf({ events }: Finished): Verification {
  const found = events.findLast((event) => event.type === 'verification.finished')
  if (found?.type !== 'verification.finished') throw new Error('nothing was verified')
  return found.verification
}

/** What one run came to: what people read on GitHub, and what was found out. */
async function publish(files: Record<string, string>, work: Work) {
  const world = await startPipeline({ verify: { mode: 'checks', minutes: 5 } })
  await createApi(world.github, { ...FILES, ...files })
  const finished = await world.run({}, work)
  const { verification, after } = {
    verification: verificationOf(finished),
    after: finished.events.findLast((event) => event.type === 'checks.finished'),
  }
  const [pull] = world.github.pullRequests('acme/api')
  const [checkRun] = world.github.checkRuns('acme/api')
  expect(world.errors).toEqual([])
  return {
    world,
    finished,
    verification,
    after: after?.type === 'checks.finished' ? after.results.map(({ exitCode }) => exitCode) : [],
    draft: pull?.draft,
    body: pull?.body ?? '',
    conclusion: checkRun?.conclusion,
  }
}

/** As an agent with a model does it: the checks run in its own workspace before. */
const seen =
  (script: string): Work =>
  async (task, context) => {
    const { exitCode, stderr } = await context.sandbox.exec(`set -e\n${script}`, {
      cwd: task.workspace,
      shell: 'agent',
    })
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 0 })
    await context.verify()
    return {}
  }

test('a fix passes in a clean sandbox, with the tree that is published', async () => {
  const { verification, draft, conclusion, after, world, finished } = await publish(
    {},
    seen('echo good > lib.txt; mkdir -p a; printf x > "a/ö dd"; chmod +x tests/test.sh; rm gone.txt'),
  )
  expect({ draft, conclusion, after }).toEqual({ draft: false, conclusion: 'success', after: [0] })
  expect(verification).toMatchObject({
    mode: 'checks',
    checks: [{ command: 'make test', folder: '', verdict: 'fixed' }],
    differences: [],
  })
  expect(verification).not.toHaveProperty('unverified')
  const [pull] = world.github.pullRequests('acme/api')
  const files = await world.github.filesAt('acme/api', pull?.headSha ?? '')
  const entries = Object.entries(files).map(([path, { mode, sha }]) => ({ path, mode, sha }))
  expect(await treeIdOf({ entries, truncated: false })).toBe(verification.tree)
  expect(finished.events.flatMap((event) => (event.type === 'step.finished' ? [event.step] : []))).toEqual(
    'sandbox clone setup baseline agent collect gate verify publish pull_request'.split(' '),
  )
})

test('what git ignores is not part of the commit (P1)', async () => {
  const { verification, draft, conclusion, after } = await publish(
    { 'tests/test.sh': 'grep -q good generated/lib.txt || grep -q good lib.txt\n' },
    seen('mkdir -p generated; echo good > generated/lib.txt; echo "bad, too" > lib.txt'),
  )
  expect({ draft, conclusion, after }).toEqual({ draft: true, conclusion: 'neutral', after: [2] })
  expect(verification).toMatchObject({
    checks: [{ verdict: 'cannot_tell' }],
    differences: [
      "`make test` passes in the agent's workspace and fails in a clean sandbox: `generated/` is ignored by git, so not part of the commit.",
    ],
  })
})

/** What an agent leaves outside of the commit, to make a check pass that fails. */
const FORGERIES: Readonly<Record<string, string>> = {
  'a program first in PATH':
    'mkdir -p .venv/bin; printf "#!/bin/sh\\nexit 0\\n" > .venv/bin/sh; chmod +x .venv/bin/sh',
  'a profile': 'for f in .profile .bash_profile .bashrc; do echo "make() { return 0; }" >> ~/$f; done',
  'a configuration in the home': 'echo good > ~/lib.txt',
}

test.each(Object.entries(FORGERIES))('%s changes nothing about the commit', async (_, forgery) => {
  const { draft, after, verification } = await publish(
    { 'tests/test.sh': 'grep -q good lib.txt || grep -q good ~/lib.txt\n' },
    seen(`${forgery}; echo hello >> README.md`),
  )
  expect({ draft, after }).toEqual({ draft: true, after: [2] })
  expect(verification.checks).toMatchObject([{ verdict: 'cannot_tell' }])
})
