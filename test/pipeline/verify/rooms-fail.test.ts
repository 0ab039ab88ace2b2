import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { RunReleased } from '../../../src/runs/queue/run-released.ts'
import { type Sandbox, SandboxError, type SandboxProvider } from '../../../src/sandbox/sandbox.ts'
import { preparePipelines } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from './verified-run.ts'

const startPipeline = preparePipelines()
const FIX = seen('echo good > lib.txt')

interface Watched {
  readonly made: Sandbox[]
  readonly ended: Set<string>
  readonly wrap: (provider: SandboxProvider) => SandboxProvider
}

/** Knows every sandbox, and which have ended. The first is the agent's. */
function watched(change: (sandbox: Sandbox, number: number) => Sandbox = (sandbox) => sandbox): Watched {
  const made: Sandbox[] = []
  const ended = new Set<string>()
  function counted(sandbox: Sandbox): Sandbox {
    return {
      ...sandbox,
      async kill() {
        ended.add(sandbox.id)
        await sandbox.kill()
      },
    }
  }
  const wrap = (provider: SandboxProvider): SandboxProvider => ({
    ...provider,
    async create(request) {
      const sandbox = await provider.create(request)
      made.push(sandbox)
      return change(counted(sandbox), made.length)
    },
    attach: async (id) => counted(await provider.attach(id)),
  })
  return { made, ended, wrap }
}

/** Lost as soon as a check of the repository runs in it. */
function losing(sandbox: Sandbox): Sandbox {
  return {
    ...sandbox,
    exec(command, options) {
      if (command.includes('make test')) throw new SandboxError('gone', 'It is gone.')
      return sandbox.exec(command, options)
    },
  }
}

test('what cannot be installed, and then cannot run or fails as before, is not verified, and the draft says why', async () => {
  const world = await startVerifying(startPipeline, {
    '.github/backspace.yml': 'setup: "false"\nchecks: [no-such-program --all, "false"]\n',
  })
  const { verification, draft, conclusion, body } = await outcomeOf(world, await world.run({}, FIX))
  expect({ draft, conclusion }).toEqual({ draft: true, conclusion: 'neutral' })
  expect(verification.unverified).toMatch(/^Dependencies are not installed: `false` failed/)
  expect(body).toContain('Not verified: Dependencies are not installed')
})

test.each([
  [1, undefined, false],
  [2, 'The clean sandbox was lost twice. Ask again.', true],
])('a clean sandbox that is lost is replaced once (%i lost)', async (lost, unverified, draft) => {
  const sandboxes = watched((sandbox, number) =>
    number > 1 && number <= 1 + lost ? losing(sandbox) : sandbox,
  )
  const world = await startVerifying(startPipeline, {}, { sandboxes: sandboxes.wrap })
  const outcome = await outcomeOf(world, await world.run({}, FIX))
  expect(outcome.verification.unverified).toBe(unverified)
  expect(outcome.draft).toBe(draft)
  expect(sandboxes.made).toHaveLength(3)
  expect(sandboxes.ended.size).toBe(3)
})

test('the base commit can switch verification off', async () => {
  const off = await startVerifying(startPipeline, { '.github/backspace.yml': 'verify: off\n' })
  const { steps } = await outcomeOf(off, await off.run({}, FIX))
  expect(steps).toContain('checks')
  expect(steps).not.toContain('verify')
})

test('one sandbox at a time is enough: the agent gives its own back', async () => {
  const { wrap, made } = watched()
  let free = Promise.resolve()
  const single = (provider: SandboxProvider): SandboxProvider => ({
    ...provider,
    async create(request) {
      request.onWait?.('Waiting for a sandbox: the only one is in use.')
      const { promise, resolve } = Promise.withResolvers<void>()
      await free
      free = promise
      const sandbox = await provider.create(request)
      return {
        ...sandbox,
        async kill() {
          await sandbox.kill()
          resolve()
        },
      }
    },
  })
  const world = await startVerifying(startPipeline, {}, { sandboxes: (provider) => single(wrap(provider)) })
  const outcome = await outcomeOf(world, await world.run({}, FIX))
  expect(outcome.verification.checks).toMatchObject([{ verdict: 'fixed' }])
  expect(outcome.draft).toBe(false)
  expect(made).toHaveLength(2)
})

test('a state that the agent left behind is not verified to its end, and no change can switch that off', async () => {
  const sandboxes = watched()
  const world = await startVerifying(startPipeline, {}, { sandboxes: sandboxes.wrap })
  const twice = await world.run({}, async (task, context) => {
    const off = 'mkdir -p .github; echo "verify: off" > .github/backspace.yml'
    const write = (text: string) =>
      context.sandbox.exec(`echo "${text}" > lib.txt; ${off}`, { cwd: task.workspace })
    await write('good, but not yet')
    await context.verify()
    await write('good')
    await context.verify()
    return {}
  })
  const { verification, head } = await outcomeOf(world, twice)
  expect(await world.github.fileAt('acme/api', head, 'lib.txt')).toBe('good\n')
  expect(verification.checks).toMatchObject([{ verdict: 'fixed' }])
  expect(sandboxes.ended.size).toBe(sandboxes.made.length)
})

/** Stops the run as soon as the step is under way. */
async function runUntil(world: Awaited<ReturnType<typeof startVerifying>>, reason: Error, type: string) {
  const stop = new AbortController()
  let runId = ''
  const forget = world.log.onAppend((event) => {
    runId = event.runId
    const at = event.type === 'step.started' ? event.step : event.type
    if (at === type) stop.abort(reason)
  })
  const ended = await world.run({}, FIX, stop.signal).catch((error: unknown) => error)
  forget()
  return { runId, ended }
}

test('a run that is stopped while it verifies leaves no sandbox behind', async () => {
  const sandboxes = watched()
  const world = await startVerifying(startPipeline, {}, { sandboxes: sandboxes.wrap })
  const { ended } = await runUntil(world, new BackspaceError('cancelled', 'Stopped by ada.'), 'verify')
  expect(ended).toMatchObject({ end: { type: 'run.cancelled' } })
  expect(world.github.pullRequests('acme/api')).toEqual([])
  expect(sandboxes.ended.size).toBe(sandboxes.made.length)
})

test.each([
  ['verify', 1],
  ['verification.finished', 0],
])('a worker that dies at %s: the next one finds what is finished', async (type, rooms) => {
  const sandboxes = watched()
  const world = await startVerifying(startPipeline, {}, { sandboxes: sandboxes.wrap })
  const { runId, ended } = await runUntil(world, new RunReleased(), type)
  expect(ended).toBeInstanceOf(RunReleased)
  const before = sandboxes.made.length
  // The agent's sandbox lives on, and the clean ones are gone.
  expect(sandboxes.ended.size).toBe(before - 1)

  const outcome = await outcomeOf(world, await world.runAgain(runId, ''))
  expect(outcome).toMatchObject({ draft: false, conclusion: 'success' })
  expect(outcome.verification.checks).toMatchObject([{ verdict: 'fixed' }])
  expect(sandboxes.made.length - before).toBe(rooms)
  expect(sandboxes.ended.size).toBe(sandboxes.made.length)
})
