import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import type { Sandbox } from '../../../src/sandbox/sandbox.ts'
import { call, DONE, scriptedTurns } from '../../agent/support/scripted-turns.ts'
import { preparePipelines } from '../pipeline-world.ts'
import { CONFLICT, noAgent, REPO, startDiverged } from './diverged.ts'

const startPipeline = preparePipelines()

test('a merge is published once, however the attempt dies, and never on top of a branch that moved', async () => {
  const { github, run, runAgain, headSha, mainSha, request, parentsOf } = await startDiverged(
    startPipeline,
    CONFLICT,
  )
  const stop = new AbortController()
  let runId = ''
  const resolve = "printf 'a\\nBOTH\\nc\\n' > f.txt"
  const died = run(
    request('resolve the conflicts with main'),
    async (task, { sandbox }) => {
      runId = task.runId
      await sandbox.exec(resolve, { cwd: task.workspace })
      const dead = Promise.withResolvers<void>()
      const last = github.fail({
        method: 'PATCH',
        path: /\/git\/refs\//,
        when: 'after',
        drop: true,
        until: dead.promise,
      })
      void github
        .waitFor(() => last.hits === 1)
        .then(() => stop.abort(new RunReleased()))
        .then(dead.resolve)
      return {}
    },
    stop.signal,
  )
  await expect(died).rejects.toBeInstanceOf(RunReleased)
  const tip = (await github.branches(REPO)).topic ?? ''
  await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: { 'later.txt': 'l\n' } })
  expect((await runAgain(runId, noAgent)).run).toMatchObject({ status: 'succeeded' })
  expect(await parentsOf(tip)).toEqual([headSha, mainSha])
  expect(await github.fileAt(REPO, 'topic', 'later.txt')).toBe('l\n')

  await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: { 'f.txt': 'a\nAGAIN\nc\n' } })
  const { end } = await run(
    request('resolve the conflicts with main'),
    async ({ workspace }, { sandbox }) => {
      await sandbox.exec(resolve, { cwd: workspace })
      await github.pushFiles({ repo: REPO, branch: 'topic', author: 'ada', files: { 'n.txt': 'n\n' } })
      return {}
    },
  )
  expect(end).toMatchObject({ type: 'run.failed', code: 'head_moved' })
})

test('a merge goes on in another sandbox, from what was resolved', async () => {
  const turns = [call('bash', { command: "printf 'a\\nBOTH\\nc\\n' > f.txt" }), DONE, DONE]
  const made: Sandbox[] = []
  const { github, run, runAgain, log, reports, parentsOf, headSha, mainSha, request } = await startDiverged(
    startPipeline,
    CONFLICT,
    {
      agent: createBuiltinAgent({ model: scriptedTurns(turns) }),
      sandboxes: (provider) => ({
        ...provider,
        async create(options) {
          const sandbox = await provider.create(options)
          made.push(sandbox)
          return sandbox
        },
      }),
    },
  )
  const stop = new AbortController()
  let runId = ''
  const forget = log.onAppend((event) => {
    runId = event.runId
    if (event.type === 'step.started' && event.step === 'collect') stop.abort(new RunReleased())
  })
  await expect(run(request('resolve conflicts'), '', stop.signal)).rejects.toBeInstanceOf(RunReleased)
  forget()
  await made[0]?.kill()
  await github.pushFiles({ repo: REPO, branch: 'main', author: 'ada', files: { 'new.txt': 'n\n' } })
  const { end, run: ended } = await runAgain(runId, '')
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  expect(await parentsOf((await github.branches(REPO)).topic ?? '')).toEqual([headSha, mainSha])
  expect(await github.fileAt(REPO, 'topic', 'f.txt')).toBe('a\nBOTH\nc\n')
  expect(ended.attempt).toBe(2)
  expect(reports[0]?.report).toContain('got new commits while it was merged')
})
