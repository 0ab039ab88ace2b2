import { expect, test } from 'vitest'
import type { RunLog } from '../../../src/runs/log/run-log.ts'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { askOnIssue } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const FILES = {
  Makefile: 'test:\n\t@echo root >> "$$HOME/ran"\n',
  'api/package.json': '{"name":"api","scripts":{"test":"test -f package.json"}}',
}

const noAgent = async () => {
  throw new Error('no agent works in this run')
}

/** Lets a run that proposes settings die at an event, and another attempt go on. */
async function dieAt(isMoment: (event: RunEventBody) => boolean) {
  const stop = new AbortController()
  let id = ''
  const pipeline = await startPipeline({
    log: (log): RunLog => ({
      ...log,
      append(runId, attempt, event) {
        id = runId
        if (attempt === 1 && isMoment(event)) stop.abort(new RunReleased())
        return log.append(runId, attempt, event)
      },
    }),
  })
  await pipeline.github.createRepository({
    owner: 'acme',
    name: 'api',
    collaborators: { ada: 'write' },
    files: FILES,
  })
  const died = pipeline.run({ options: { setup: true } }, noAgent, stop.signal)
  await expect(died).rejects.toBeInstanceOf(RunReleased)
  return { ...pipeline, goOn: () => pipeline.runAgain(id, noAgent) }
}

const startsOf = (events: readonly RunEventBody[], message: RegExp) =>
  events.filter((event) => event.type === 'step.started' && message.test(event.message)).length

test('a proposal goes on after a restart with what was tried, and publishes once', async () => {
  const trying = await dieAt(
    ({ type, ...event }) => type === 'step.started' && /other projects/.test(JSON.stringify(event)),
  )
  const first = await trying.goOn()
  expect(first.run).toMatchObject({ attempt: 2, status: 'succeeded', ending: { outcome: 'pull_request' } })
  expect(startsOf(first.events, /^Running the checks before any change/)).toBe(1)
  const [pull] = trying.github.pullRequests('acme/api')
  expect(pull?.body).toMatch(/`make test` \| ✅ passed[\s\S]*`cd api && npm test` \| ✅ passed/)

  const publishing = await dieAt(
    ({ type, ...event }) => type === 'step.finished' && 'step' in event && event.step === 'publish',
  )
  const second = await publishing.goOn()
  expect(second.run).toMatchObject({ attempt: 2, status: 'succeeded', ending: { outcome: 'pull_request' } })
  expect(startsOf(second.events, /^Starting|^Cloning/)).toBe(2)
  expect(publishing.github.pullRequests('acme/api')).toHaveLength(1)
  expect(second.end).toMatchObject({ totals: { turns: 0, models: [] } })
})

const STARTED = { owner: 'acme', name: 'api', collaborators: { ada: 'write' } } as const

test('a second run links to the open pull request, brings it up to date, and leaves what people changed', async () => {
  const { github, run, reports } = await startPipeline()
  await github.createRepository({ ...STARTED, files: FILES })
  const asked = await askOnIssue(github)
  const setUp = () => run({ ...asked, options: { setup: true } }, noAgent)
  const push = (branch: string, files: Record<string, string>) =>
    github.pushFiles({ repo: 'acme/api', author: 'ada', branch, files })
  await setUp()
  const [pull] = github.pullRequests('acme/api')
  const head = pull?.head ?? ''
  const first = pull?.body
  expect(startsOf((await setUp()).events, /./)).toBe(1) // It only reports.
  expect(reports.at(-1)?.report).toMatch(/^Pull request #2 proposes the settings already\. It was tried at/)

  await push('main', { 'README.md': 'more\n' })
  await setUp()
  expect(reports.at(-1)?.report).toContain('the commands that work are the same')

  await push('main', { 'web/package.json': '{"name":"web","scripts":{"test":"test -f package.json"}}' })
  expect((await setUp()).end).toMatchObject({ outcome: 'pull_request' })
  expect(await github.fileAt('acme/api', head, '.github/backspace.yml')).toContain('cd web && npm test')
  expect(github.pullRequests('acme/api')).toMatchObject([{ state: 'open', head }])
  expect(github.pullRequests('acme/api')[0]?.body).not.toBe(first)

  await push(head, { '.github/backspace.yml': 'checks: [make other]\n' })
  await setUp()
  expect(reports.at(-1)?.report).toMatch(/commits of people[\s\S]*`cd web && npm test` \| ✅ passed/)
  expect(await github.fileAt('acme/api', head, '.github/backspace.yml')).toBe('checks: [make other]\n')
  expect(github.pullRequests('acme/api')).toHaveLength(1)
})
