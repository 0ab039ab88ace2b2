import { expect } from 'vitest'
import type { Verification } from '../../../src/runs/verification.ts'
import { createApi } from '../api-repository.ts'
import type { Finished, PipelineOptions, StartPipeline, Work } from '../pipeline-world.ts'

/** One check, which reads a file. */
const FILES = {
  '.gitignore': 'generated/\n',
  Makefile: 'test:\n\t@sh tests/test.sh\n',
  'tests/test.sh': 'grep -q good lib.txt\n',
  'lib.txt': 'bad\n',
}

/** A pipeline that verifies, and a repository in it. */
export async function startVerifying(
  startPipeline: StartPipeline,
  files: Readonly<Record<string, string>> = {},
  options: PipelineOptions = {},
) {
  const world = await startPipeline({ verify: { mode: 'checks', minutes: 5 }, ...options })
  await createApi(world.github, { ...FILES, ...files })
  return world
}

/** What one run came to: what people read on GitHub, and what was found out. */
export async function outcomeOf(world: Awaited<ReturnType<StartPipeline>>, finished: Finished) {
  const { events } = finished
  const found = events.findLast((event) => event.type === 'verification.finished')
  const after = events.findLast((event) => event.type === 'checks.finished')
  const [pull] = world.github.pullRequests('acme/api')
  const [checkRun] = world.github.checkRuns('acme/api')
  expect(world.errors).toEqual([])
  return {
    verification: found?.type === 'verification.finished' ? found.verification : NOTHING,
    after: after?.type === 'checks.finished' ? after.results.map(({ exitCode }) => exitCode) : [],
    steps: events.flatMap((event) => (event.type === 'step.finished' ? [event.step] : [])),
    notices: events.flatMap((event) => (event.type === 'notice' ? [event.message] : [])),
    draft: pull?.draft,
    head: pull?.headSha ?? '',
    body: pull?.body ?? '',
    conclusion: checkRun?.conclusion,
  }
}

const NOTHING: Partial<Verification> = {}

/** As an agent with a model does it: the checks run in its own workspace before. */
export const seen =
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
