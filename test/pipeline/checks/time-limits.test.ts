import { expect, test } from 'vitest'
import { BackspaceError } from '../../../src/errors.ts'
import { boundLog } from '../../../src/pipeline/setup/bound-log.ts'
import type { RunEvent } from '../../../src/runs/run-event.ts'
import { askOnIssue, createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

/** 6 seconds for each command: enough for one that ends, on a busy machine as well. */
const commandMinutes = { setup: 0.1, maxSetup: 0.1, check: 0.1, maxCheck: 0.3 }

const ofType = <T extends RunEvent['type']>(events: readonly RunEvent[], type: T) =>
  events.filter((event): event is Extract<RunEvent, { type: T }> => event.type === type)

test('what the agent made is published although a check watches for ever, as a draft that says why', async () => {
  const { github, run, errors, reports } = await startPipeline({ commandMinutes })
  await createApi(github, {
    '.github/backspace.yml':
      'checks: ["echo Watching for file changes; echo $$ >> ~/runs; sleep 600", "grep -q hello README.md"]\n',
  })
  const finished = await run(await askOnIssue(github), async (_, { sandbox, verify }) => {
    await sandbox.exec('echo hello >> README.md', { cwd: `${sandbox.home}/workspace`, shell: 'agent' })
    const { ok, report } = await verify()
    // A second look at the same files runs nothing.
    await verify()
    expect([ok, report]).toEqual([true, expect.stringContaining('it says nothing about this change')])
    const { stdout } = await sandbox.exec('ps -o pid= -p "$(paste -sd, ~/runs)" | wc -l; wc -l < ~/runs', {
      shell: 'agent',
    })
    expect(stdout.trim().split(/\s+/)).toEqual(['0', '2'])
    return {}
  })
  expect(errors).toEqual([])
  expect(finished.end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request', draft: true })
  const [before, after] = ofType(finished.events, 'checks.finished')
  const watcher = 'it looks like a watcher: `Watching for file changes`'
  expect(before?.results).toMatchObject([
    { exitCode: 124, cause: { kind: 'did_not_end', text: `did not end within 6.0 s; ${watcher}` } },
    { exitCode: 1 },
  ])
  expect(before?.results[0]?.tail).toContain('Watching for file changes')
  expect(after?.results).toMatchObject([{ exitCode: 124 }, { exitCode: 0 }])
  expect(after?.results[0]?.durationMs).toBeLessThan(before?.results[0]?.durationMs ?? 0)
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.body).toContain('It proves nothing about this change')
  expect(pull?.body).toContain('Set `checks:` in `.github/backspace.yml` to a command that ends')
  expect(reports[0]?.notes?.join()).toContain(watcher)
})

test('setup that fails is explained, its whole log is kept, and a check that cannot run for it proves nothing', async () => {
  const { github, run, errors } = await startPipeline()
  await createApi(github, {
    '.github/backspace.yml':
      'setup: ["seq 1 300; echo npm error code EUSAGE; echo \\"npm error Missing script: \\\\\\"build\\\\\\"\\"; exit 1"]\nchecks: [vitest]\n',
  })
  const finished = await run({}, 'echo hello >> README.md')
  expect(errors).toEqual([])
  expect(finished.end).toMatchObject({ outcome: 'pull_request', draft: true })
  const [setup] = ofType(finished.events, 'setup.finished')
  expect(setup?.results[0]?.output.split('\n')).toHaveLength(302)
  expect(setup?.reason).toMatch(/`package\.json` has no script `build`\. Set `setup:`/)
  const [pull] = github.pullRequests('acme/api')
  expect(pull?.body).toContain('`vitest` could not run because `vitest` is not installed. It proves nothing')
  expect(pull?.body).toContain('➖ could not run (exit code 127) **proves nothing**')
})

/** Longer than a test may take: one that ends did not wait for it. */
const SLOW = {
  setup: 'setup: sleep 600',
  baseline: 'checks: sleep 600',
  checks: 'checks: ["! grep -q hello README.md || sleep 600"]',
} as const

test.each([
  'setup',
  'baseline',
  'checks',
] as const)('a run that is cancelled during %s ends at once', async (step) => {
  const stop = new AbortController()
  const { github, run } = await startPipeline({
    log: (log) => ({
      ...log,
      append(id, attempt, body) {
        if (body.type === 'step.started' && body.step === step) {
          setTimeout(() => stop.abort(new BackspaceError('cancelled', 'Stopped by ada')), 100)
        }
        return log.append(id, attempt, body)
      },
    }),
  })
  await createApi(github, { '.github/backspace.yml': `${SLOW[step]}\n` })
  const { end } = await run({}, 'echo hello >> README.md', stop.signal)
  expect(end).toMatchObject({ type: 'run.cancelled' })
})

test('a log keeps its start and its end in whole lines, within the limit', () => {
  const log = Array.from({ length: 5000 }, (_, index) => `line ${index}`).join('\n')
  const bounded = boundLog(log, 4000)
  expect(bounded.length).toBeLessThanOrEqual(4000)
  expect(bounded).toMatch(/^line 0\nline 1\n/)
  expect(bounded).toMatch(/\n\[[\d,]+ characters left out\]\nline \d+\n/)
  expect(bounded).toMatch(/line 4999$/)
  expect(boundLog('short', 4000)).toBe('short')
  expect(boundLog('x'.repeat(9_000_000), 4000).length).toBeLessThanOrEqual(4000)
})
