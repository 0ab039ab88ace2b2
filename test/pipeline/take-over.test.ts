import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../src/agent/builtin/builtin-agent.ts'
import { RunReleased } from '../../src/runs/queue/run-released.ts'
import type { Step } from '../../src/runs/run-event.ts'
import { WriteRefused } from '../../src/runs/store/write-refused.ts'
import { type Sandbox, SandboxError, type SandboxProvider } from '../../src/sandbox/sandbox.ts'
import { call, DONE, type Scripted, scriptedTurns } from '../agent/support/scripted-turns.ts'
import { createApi } from './api-repository.ts'
import { type Finished, type PipelineOptions, preparePipelines } from './pipeline-world.ts'

const startPipeline = preparePipelines()

/** Setup and checks leave files behind that no .gitignore covers. */
const FILES = { Makefile: 'test:\n\t@echo run >> coverage.txt; grep -q api README.md\n' }
const write = (name: string) => call('bash', { command: `echo ${name} > ${name}.txt` })
/** The first claim to be done is answered with the diff. */
const TURNS: readonly Scripted[] = [write('one'), write('two'), DONE, DONE]

/** Remembers what was made, so that it can be lost. */
function watchedSandboxes(change: (sandbox: Sandbox, number: number) => Sandbox = (sandbox) => sandbox) {
  const made: Sandbox[] = []
  const wrap = (provider: SandboxProvider): SandboxProvider => ({
    ...provider,
    async create(request) {
      const sandbox = await provider.create(request)
      made.push(sandbox)
      return change(sandbox, made.length)
    },
  })
  return { made, wrap }
}

/** The model's answers do not depend on the attempt: the one that continues gets the next. */
async function startWorld(turns = TURNS, sandboxes = watchedSandboxes(), verify?: PipelineOptions['verify']) {
  const model = scriptedTurns(turns)
  const agent = createBuiltinAgent({ model })
  const world = await startPipeline({ agent, sandboxes: sandboxes.wrap, verify })
  await createApi(world.github, FILES)
  return { ...world, model, sandboxes }
}

type World = Awaited<ReturnType<typeof startWorld>>

/** Stops the worker right when this step starts; the sandbox lives on. */
async function stopAt(world: World, step: Step): Promise<string> {
  const stop = new AbortController()
  let runId = ''
  const forget = world.log.onAppend((event) => {
    runId = event.runId
    if (event.type === 'step.started' && event.step === step) stop.abort(new RunReleased())
  })
  await expect(world.run({}, '', stop.signal)).rejects.toBeInstanceOf(RunReleased)
  forget()
  return runId
}

async function publishedFiles({ github }: World, says = 'It greets politely.'): Promise<string[]> {
  const [pull, ...others] = github.pullRequests('acme/api')
  expect(others).toEqual([])
  expect(pull?.body).toContain(says)
  return Object.keys(await github.filesAt('acme/api', pull?.headSha ?? ''))
}

const countOf = ({ events }: Finished, step: Step) =>
  events.filter((event) => event.type === 'step.finished' && event.step === step && event.status === 'ok')
    .length

/** Both fates where they differ: before the agent there is nothing to go on from, after the commit no sandbox is needed. */
const MOMENTS = [
  ...(['clone', 'setup', 'baseline', 'agent', 'collect', 'checks', 'publish', 'pull_request'] as const).map(
    (step) => [step, 'lost'] as const,
  ),
  ['setup', 'alive'],
  ['agent', 'alive'],
  ['checks', 'alive'],
] as const

test.each(
  MOMENTS,
)('a run whose worker stopped at %s, with its sandbox %s, ends with one pull request', async (step, fate) => {
  const world = await startWorld()
  const runId = await stopAt(world, step)
  if (fate === 'lost') for (const sandbox of world.sandboxes.made) await sandbox.kill()

  const finished = await world.runAgain(runId, '')

  expect(world.errors).toEqual([])
  expect(finished.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: false })
  expect(await publishedFiles(world)).toEqual(
    expect.arrayContaining(['Makefile', 'README.md', 'one.txt', 'two.txt']),
  )
  expect(await publishedFiles(world)).not.toContain('coverage.txt')
  // Nothing that was known is found out again, and no turn is paid twice.
  expect(countOf(finished, 'baseline')).toBe(1)
  expect(world.model.asked).toHaveLength(TURNS.length)
  expect(Object.keys(await world.github.branches('acme/api'))).toHaveLength(2)
})

test('a worker that dies between two turns: the next one has the files and the transcript', async () => {
  const stop = new AbortController()
  const dieOnceStored = async () => {
    while ((await world.store.loadTranscript(runId))?.entries.length !== 3) await nextTurn()
    stop.abort(new RunReleased())
  }
  const turns = [
    write('one'),
    { ...write('two'), before: dieOnceStored },
    { ...call('bash', { command: 'cat one.txt && echo three > three.txt' }) },
    DONE,
  ]
  const world = await startWorld(turns)
  let runId = ''
  world.log.onAppend((event) => {
    runId = event.runId
  })
  await expect(world.run({}, '', stop.signal)).rejects.toBeInstanceOf(RunReleased)
  await world.sandboxes.made[0]?.kill()

  const finished = await world.runAgain(runId, '')

  const asked = JSON.stringify(world.model.asked.at(-1)?.entries)
  expect(asked).toContain('The sandbox was replaced')
  expect(asked).toContain('exit 0')
  expect(await publishedFiles(world)).toEqual(expect.arrayContaining(['one.txt', 'three.txt']))
  // Numbered on: nothing that was spent is forgotten or counted twice.
  const numbers = finished.events.flatMap((event) => (event.type === 'model.turn' ? [event.turn] : []))
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

/** Its next command after `commands` finds it dead. */
function losing(commands: number, error: () => SandboxError) {
  return (sandbox: Sandbox): Sandbox => {
    let left = commands
    return {
      ...sandbox,
      async exec(command, options) {
        if (options?.env?.PAGER !== 'cat' || left-- > 0) return sandbox.exec(command, options)
        if (error().class === 'gone') await sandbox.kill()
        throw error()
      },
    }
  }
}

const gone = () => new SandboxError('gone', 'It is gone.')
const silent = () => new SandboxError('unreachable', 'No answer.')

test('a sandbox that dies under a tool is replaced once, with what was done', async () => {
  const lose = losing(1, gone)
  const sandboxes = watchedSandboxes((sandbox, number) => (number === 1 ? lose(sandbox) : sandbox))
  const world = await startWorld([write('one'), write('two'), write('three'), DONE], sandboxes)

  const finished = await world.run({}, '')

  expect(finished.run).toMatchObject({ attempt: 1, status: 'succeeded' })
  expect(sandboxes.made).toHaveLength(2)
  expect(await publishedFiles(world)).toEqual(expect.arrayContaining(['one.txt', 'three.txt']))
  const asked = JSON.stringify(world.model.asked.at(-1)?.entries)
  expect(asked).toContain('Interrupted: the run stopped while this was in progress')
  expect(asked).toContain('as of the last checkpoint')
})

test('a sandbox that does not answer for a moment is not replaced', async () => {
  const sandboxes = watchedSandboxes(losing(1, silent))
  const world = await startWorld([write('one'), write('two'), write('three'), DONE], sandboxes)

  const finished = await world.run({}, '')

  expect(finished.run.status).toBe('succeeded')
  expect(sandboxes.made).toHaveLength(1)
  expect(JSON.stringify(finished.events)).toContain('Went on in the same unconfined sandbox')
  expect(await publishedFiles(world)).toContain('one.txt')
})

test('when the second sandbox dies too, what was kept is published as unfinished, and nothing more is run', async () => {
  const lose = losing(1, gone)
  const sandboxes = watchedSandboxes((sandbox, number) => (number <= 2 ? lose(sandbox) : sandbox))
  const turns = [write('one'), write('two'), write('three')]
  const world = await startWorld(turns, sandboxes, { mode: 'full', minutes: 5 })

  const finished = await world.run({}, '')

  expect(finished.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: true })
  const [pull] = world.github.pullRequests('acme/api')
  expect(pull?.title).toMatch(/^\[partial\] /)
  expect(pull?.body).toMatch(/^> \[!WARNING\]\n> \*\*This is not finished.\*\* The sandbox was lost twice/)
  expect(await publishedFiles(world, 'as they were last kept')).toContain('one.txt')
  expect(sandboxes.made).toHaveLength(3)
  const after = finished.events.findLast(({ type }) => type === 'checks.finished')
  expect(after).toMatchObject({ phase: 'after', results: [] })
  const why = 'The sandbox was lost twice while the agent worked. Ask again.'
  expect(finished.events.findLast(({ type }) => type === 'verification.finished')).toMatchObject({
    verification: { checks: [], unverified: why },
  })
  expect(pull?.body).toContain(`Not verified: ${why.slice(0, -1)}`)
  expect(world.github.checkRuns('acme/api')).toMatchObject([{ conclusion: 'neutral' }])
  expect(world.errors).toEqual([])
})

test('when no sandbox holds what was kept, it is shown as a diff', async () => {
  const lose = losing(1, gone)
  const world = await startWorld(
    [write('one'), write('two'), write('three')],
    watchedSandboxes((sandbox, number) => (number <= 2 ? lose(sandbox) : { ...sandbox, exec: fail })),
  )

  const finished = await world.run({}, '')

  expect(finished.end).toMatchObject({ type: 'run.failed', code: 'sandbox_lost' })
  expect(finished.events.findLast(({ type }) => type === 'changes.collected')).toMatchObject({
    files: [{ path: 'one.txt', status: 'added', additions: 1 }, expect.anything()],
    diff: expect.stringContaining('+one'),
  })
  expect(world.github.pullRequests('acme/api')).toEqual([])
})

async function fail(): Promise<never> {
  throw gone()
}

test('an answer that was not posted yet is posted without a sandbox, and the one that was left is ended', async () => {
  const answer = call('finish', { outcome: 'no_change', title: 'Look', summary: 'It works already.' })
  const world = await startWorld([answer])
  let runId = ''
  const forget = world.log.onAppend((event) => {
    runId = event.runId
    if (event.type === 'step.finished' && event.step === 'agent') void world.store.release(runId, 1)
  })
  await expect(world.run({}, '')).rejects.toBeInstanceOf(WriteRefused)
  forget()

  expect((await world.sandboxes.made[0]?.exec('echo left'))?.stdout).toBe('left\n')

  const finished = await world.runAgain(runId, '')

  await expect(world.sandboxes.made[0]?.exec('true')).rejects.toMatchObject({ class: 'gone' })
  expect(finished.end).toMatchObject({
    type: 'run.succeeded',
    outcome: 'answer',
    message: 'It works already.',
  })
  expect(world.sandboxes.made).toHaveLength(1)
  expect(world.model.asked).toHaveLength(1)
})
