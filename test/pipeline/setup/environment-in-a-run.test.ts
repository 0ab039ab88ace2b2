import { expect, test } from 'vitest'
import { createApi } from '../api-repository.ts'
import { preparePipelines } from '../pipeline-world.ts'

const startPipeline = preparePipelines()

const SETTINGS = `env:
  GREETING: hello
  PATH: /tmp
checks:
  - test "$GREETING" = hello && test -s up.log
services:
  beat:
    run: while true; do date +%s%N >up.new; mv up.new up.log; sleep 0.1; done
    ready: test -s up.log
  broken: { run: exit 3, ready: "false", seconds: 1 }
egress: [cdn.example.org]
template: huge
`

test("setup, services, checks and the agent get what the base commit says, never what the agent's change says", async () => {
  const { github, run } = await startPipeline()
  await createApi(github, {
    '.github/backspace.yml': SETTINGS,
    '.gitignore': 'up.*\n',
    '.ruby-version': '9.9.9',
    '.devcontainer.json': '{"postCreateCommand": "touch never"}',
  })
  const { events, end } = await run({}, async ({ workspace, setup, network }, { sandbox, verify }) => {
    const stop = 'for pid in $(cat ~/.backspace/services/*.pid); do kill -KILL -- -$pid; done; rm up.log'
    const change =
      'printf "env: {GREETING: bye}\\n" >.github/backspace.yml; echo "$GREETING" >seen.txt; ls never || true'
    await sandbox.exec(`${change}; ${stop}`, { shell: 'agent', cwd: workspace })
    expect((await verify()).report).toContain('PASS test "$GREETING" = hello')
    expect([setup, network]).toEqual([expect.stringContaining('Service `beat` is ready'), []])
    return {}
  })
  expect(end).toMatchObject({ type: 'run.succeeded', outcome: 'pull_request' })
  const [pull] = github.pullRequests('acme/api')
  expect(await github.fileAt('acme/api', pull?.head ?? '', 'seen.txt')).toBe('hello\n')
  const warnings = events.flatMap((event) =>
    event.type === 'notice' && event.level === 'warning' ? [event.message] : [],
  )
  const unmet = [
    /`\.ruby-version` asks for Ruby `9\.9\.9`, and the sandbox has /,
    /`cdn\.example\.org` stays closed.*BACKSPACE_REPOSITORY_EGRESS=cdn\.example\.org/,
    /`huge` is not used.*E2B_TEMPLATES=huge/,
    /Service `broken` did not become ready within 1 s/,
  ]
  expect(warnings).toEqual([
    expect.stringMatching(/^`\.github\/backspace\.yml` line 3: `PATH` was not set/),
    ...unmet.map((pattern) => expect.stringMatching(pattern)),
  ])
  for (const pattern of unmet) expect(pull?.body).toMatch(pattern)
  const firstTurn = events.findIndex((event) => event.type === 'step.started' && event.step === 'agent')
  expect(
    events.findLastIndex((event) => event.type === 'notice' && warnings.includes(event.message)),
  ).toBeLessThan(firstTurn)
  expect(events).toContainEqual(
    expect.objectContaining({ level: 'info', message: 'Commands of the project run with `GREETING=hello`.' }),
  )
})

test("the owner's repository .github gives defaults, and is asked for once", async () => {
  const paths: string[] = []
  const { github, run } = await startPipeline({
    async watch({ when, path }) {
      if (when === 'before' && path.endsWith('/acme/.github')) paths.push(path)
      return 'go on'
    },
  })
  await createApi(github)
  await run({}, 'echo 1 >a.txt')
  expect(paths).toHaveLength(1)
  await run({}, 'echo 2 >a.txt')
  expect(paths).toHaveLength(1)

  const files = { 'backspace.yml': 'checks: test -f README.md\nsetup: touch from-the-owner\nenv: {A: b}\n' }
  const second = await startPipeline()
  await createApi(second.github, { '.github/backspace.yml': 'setup: "true"' })
  await second.github.createRepository({ owner: 'acme', name: '.github', files })
  const { events } = await second.run({}, 'echo "$A" >a.txt')
  expect(events).toContainEqual(
    expect.objectContaining({
      type: 'checks.finished',
      phase: 'after',
      results: [expect.objectContaining({ command: 'test -f README.md', exitCode: 0 })],
    }),
  )
  expect(events).toContainEqual(
    expect.objectContaining({
      step: 'setup',
      message: expect.stringContaining('Installed dependencies with `true`'),
    }),
  )
})
