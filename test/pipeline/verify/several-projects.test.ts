import { expect, test } from 'vitest'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import { preparePipelines } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from './verified-run.ts'

const startPipeline = preparePipelines()

const scripts = (test: string) => JSON.stringify({ scripts: { test } })
const FILES = {
  'package.json': scripts('grep -q good lib.txt'),
  'lib.txt': 'good\n',
  'api/pyproject.toml': '[tool.ruff]\n',
  'api/app.py': 'ANSWER = 42\n',
  'api/test_app.py':
    'import unittest, app\nclass Test(unittest.TestCase):\n  def test_answer(self): self.assertEqual(app.ANSWER, 42)\n',
  'tools/package.json': scripts('grep -q good index.txt; test -f index.js'),
  'tools/index.txt': 'good\n',
  'tools/index.js': '',
  'other/package.json': scripts('false'),
}

test('a change cannot take a check away by making the worker stop: the next one knows the projects of the base', async () => {
  const world = await startVerifying(startPipeline, FILES)
  const stop = new AbortController()
  let runId = ''
  const first = world.run(
    {},
    async (task) => {
      runId = task.runId
      stop.abort(new RunReleased())
      return {}
    },
    stop.signal,
  )
  await expect(first).rejects.toBeInstanceOf(RunReleased)
  const work = seen('rm tools/index.js tools/package.json')
  const { verification } = await outcomeOf(world, await world.runAgain(runId, work))
  // In a folder without a manifest npm runs the script of the folder above.
  expect(verification.checks?.map(({ command }) => command)).toContain('cd tools && npm test')
  expect(verification.notChecked).toEqual([
    { path: 'tools', reason: 'the change removes tools/package.json' },
  ])
})

test('a change in one project is judged by the checks of that project, and what has none is named (P4)', async () => {
  const world = await startVerifying(startPipeline, FILES)
  const work = seen('echo ANSWER = 41 > api/app.py; rm tools/index.js; mkdir scripts; echo 1 > scripts/a.rb')
  const { verification, draft, conclusion, after } = await outcomeOf(world, await world.run({}, work))
  expect({ draft, conclusion, after: after.map((code) => code === 0) }).toEqual({
    draft: true,
    conclusion: 'failure',
    after: [true, false, false],
  })
  expect(verification.checks).toMatchObject([
    { command: 'npm test', folder: '', verdict: 'passes' },
    { command: 'cd api && python3 -m unittest discover', folder: 'api', verdict: 'newly_failing' },
    { command: 'cd tools && npm test', folder: 'tools', verdict: 'newly_failing' },
  ])
  expect(verification.notChecked).toEqual([{ path: 'scripts/a.rb', reason: 'no check covers files of Ruby' }])
  // What ran before the agent counts as base; a room of its own says the rest.
  expect(verification.rooms?.map(({ name }) => name)).toEqual(['base', 'head'])
})
