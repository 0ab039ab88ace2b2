import { expect, onTestFinished, test } from 'vitest'
import { freePort } from '../support/postgres.ts'
import { shareWorld } from '../support/share-world.ts'
import { startCommand } from '../support/start-command.ts'
import { startService } from '../support/start-service.ts'
import { createGreeter, eventually, FIX_GREETER, startStandIns } from '../support/start-world.ts'
import { createWorldDatabase } from '../support/world-database.ts'

const story = shareWorld()

/** The agent waits until the run is stopped. */
const SLEEP = [{ calls: [{ name: 'bash', args: { command: 'echo go; sleep 600' } }] }]
const ESCAPE = '\u001b'

test('frames are printed as the service sent them, one JSON object per line, and nothing else', async () => {
  const { github, url, repo, runs } = await story(FIX_GREETER)
  const address = `${github.url}/${repo}`
  const args = ['--repo', address, '--prompt', '-', '--json', '--url', url, '--budget', '1', '--base', 'main']
  const command = startCommand('code.ts', args, { input: 'make the failing test pass\n' })
  expect(await command.ended).toBe(0)
  const [run] = await runs()
  const stream = await (await fetch(run?.eventsUrl ?? '')).text()
  const sent = [...stream.matchAll(/^data: (.*)$/gm)].map(([, json = '']) => JSON.parse(json))
  const lines = command.output().trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual(sent)
  expect(await (await fetch(`${url}/runs/${run?.id}`)).json()).toMatchObject({
    prompt: 'make the failing test pass',
    options: { base: 'main', budgetUsd: 1 },
  })
  expect(command.errors()).toMatch(/pull request: http\S+\/pull\/1\n/)
})

test('a run is shown to its end, in plain text where there is no terminal, and ends with the pull request', async () => {
  const { github, url, repo } = await story(FIX_GREETER)
  const address = `http://ada:hunter2@${github.host}/${repo}.git`
  const command = startCommand('code.ts', ['--repo', address, '--prompt', 'fix it', '--url', `${url}/`])
  expect(await command.ended).toBe(0)
  expect(command.output()).not.toContain(ESCAPE)
  expect(command.output()).not.toContain('hunter2')
  expect(command.output()).toContain(`  Repository  ${github.url}/${repo}\n`)
  expect(command.output()).toContain(
    '  ✓ Opened pull request #1: Greet a visitor without a name as a stranger\n',
  )
  expect(command.output().trimEnd().split('\n').at(-1)).toBe(`pull request: ${github.url}/${repo}/pull/1`)
})

test('Ctrl-C asks; another key goes on, and s stops the run', async () => {
  const { github, url, repo, runs } = await story(SLEEP)
  const args = ['--repo', `${github.url}/${repo}`, '--prompt', 'wait', '--url', url]
  const command = startCommand('code.ts', args, { terminal: true })
  await command.shows(/… Running echo go; sleep 600, (?:[2-9]|\d\d) s/)
  command.type('\u0003')
  await command.shows('s stop the run · d detach, the run continues · other keys continue')
  command.type('x')
  await command.shows(/last output (?:[2-9]|\d\d) s ago/)
  command.type('\u0003')
  await eventually(() => command.output().split('s stop the run').length > 2)
  command.type('s')
  expect(await command.ended).toBe(4)
  expect(command.output()).toContain('  Stopping the run.')
  expect(await runs()).toMatchObject([{ status: 'cancelled' }])
})

test.each([
  ['d', ['\u0003', 'd']],
  ['Ctrl-C again', ['\u0003', '\u0003']],
])('Ctrl-C and then %s leaves the run, which goes on, and says how to come back', async (_, keys) => {
  const { github, url, repo, runs } = await story(SLEEP)
  const args = ['--repo', `${github.url}/${repo}`, '--prompt', 'wait', '--url', url]
  const command = startCommand('code.ts', args, { terminal: true })
  await command.shows('… Running echo go; sleep 600')
  for (const key of keys) {
    command.type(key)
    await command.shows('s stop the run')
  }
  expect(await command.ended).toBe(7)
  const [run] = await runs()
  expect(run?.status).toBe('running')
  expect(command.output()).toContain(`npm run watch -- ${url}/runs/${run?.id}`)
})

test.each([
  'SIGINT',
  'SIGTERM',
] as const)('without a terminal %s leaves the run, which goes on', async (name) => {
  const { github, url, repo, runs } = await story(SLEEP)
  const args = ['--repo', `${github.url}/${repo}`, '--prompt', 'wait', '--url', url]
  const command = startCommand('code.ts', args)
  await command.shows('Working on the task')
  command.signal(name)
  expect(await command.ended).toBe(7)
  const [run] = await runs()
  expect(run?.status).toBe('running')
  expect(command.output()).toContain(`npm run watch -- ${url}/runs/${run?.id}`)
})

test('what the service refuses is said in its words', async () => {
  const { github, url } = await story()
  const args = ['--repo', `${github.url}/acme/nowhere`, '--prompt', 'fix it', '--url', url]
  const command = startCommand('code.ts', args)
  expect(await command.ended).toBe(5)
  expect(command.output() + command.errors()).toMatch(/acme\/nowhere/)
})

test('a service that restarts while the run is shown costs nothing but a line', async () => {
  const script = (_: unknown, index: number) => [SLEEP[0], ...FIX_GREETER][Math.min(index, 4)] ?? {}
  const { env, github, close } = await startStandIns({ anthropic: script })
  onTestFinished(close)
  const database = await createWorldDatabase({})
  onTestFinished(database.remove)
  const port = String(await freePort())
  const settings = { ...env, ...database.env, PORT: port, LOG_LEVEL: 'info', BACKSPACE_GRACE_SECONDS: '10' }
  const repo = await createGreeter(github)
  const first = await startService(settings)
  const url = await first.listening
  const command = startCommand('code.ts', ['--repo', `${github.url}/${repo}`, '--prompt', 'x', '--url', url])
  await command.shows('Turn 1: ')
  first.signal('SIGTERM')
  await first.ended
  await command.shows('… Waiting for')
  await startService(settings)
  expect(await command.ended).toBe(0)
  expect(command.output()).toMatch(
    / {2}Connected to 127\.0\.0\.1:\d+ after .*\n[\s\S]*Started again, attempt 2\n/,
  )
  expect(command.output()).toMatch(/\npull request: http\S+\/pull\/1\n/)
})

test('where no Backspace runs, one runs in the process of the command until the run ends', async () => {
  const { env, github, anthropic, close } = await startStandIns({ anthropic: FIX_GREETER })
  onTestFinished(close)
  const database = await createWorldDatabase({})
  onTestFinished(database.remove)
  const repo = await createGreeter(github)
  const args = ['--repo', `${github.url}/${repo}`, '--prompt', 'make the failing test pass']
  const command = startCommand('code.ts', args, {
    env: { ...env, ...database.env, PORT: String(await freePort()) },
  })
  expect(await command.ended).toBe(0)
  expect(command.output()).toContain('  Backspace   in this process, until the run ends\n')
  expect(command.output()).toMatch(/\npull request: http\S+\/pull\/1\n/)
  expect(anthropic?.rejections).toEqual([])
})

test('where none runs and GitHub is not set up, it says what to do', async () => {
  const args = ['--repo', 'https://github.com/acme/api', '--prompt', 'x']
  const command = startCommand('code.ts', args, { env: { PORT: String(await freePort()) } })
  expect(await command.ended).toBe(6)
  expect(command.errors()).toMatch(/^No Backspace runs at http:.* npm start .* --url .* npm run demo\n$/)
})
