import { expect, test } from 'vitest'
import { NO_SETTINGS, parseRepoSettings, readRepoSettings } from '../../src/checks/repo-settings.ts'

const PATH = '.github/backspace.yml'
const parse = (text: string) => parseRepoSettings(text, PATH)

test('every key of the settings is read', () => {
  const text = `setup: npm ci
checks: [npm test, npm run lint]
env:
  NODE_ENV: test
  PORT: 3000
  VERBOSE: true
services:
  redis: redis-server --save ""
  db:
    run: postgres -D data
    port: 5432
    seconds: 60
  api: { run: npm start, ready: curl -fsS http://127.0.0.1:3000 }
egress: [cdn.example.org, "*.Mirror.example.com"]
template: node-24
agent: claude-code
setup-minutes: 12
check-minutes: 2.5
secrets: { allow: [] }
`
  expect(parse(text)).toEqual({
    path: PATH,
    setup: ['npm ci'],
    checks: ['npm test', 'npm run lint'],
    env: { NODE_ENV: 'test', PORT: '3000', VERBOSE: 'true' },
    services: [
      { name: 'redis', run: 'redis-server --save ""', seconds: 30 },
      { name: 'db', run: 'postgres -D data', port: 5432, seconds: 60 },
      { name: 'api', run: 'npm start', ready: 'curl -fsS http://127.0.0.1:3000', seconds: 30 },
    ],
    egress: ['cdn.example.org', '*.mirror.example.com'],
    template: 'node-24',
    agent: 'claude-code',
    minutes: { setup: 12, check: 2.5 },
    problems: [],
  })
  expect(parse('')).toEqual({ ...NO_SETTINGS, path: PATH })
  expect(parse('checks: []').checks).toEqual([])
})

test.each([
  [
    'setup: npm ci\nchekcs: npm test',
    'line 2: `chekcs` is not a setting and was ignored. Did you mean `checks`?',
  ],
  ['a: 1', 'Known are `agent`, `setup`, `checks`'],
  [
    '\n\nchecks: {a: 1}',
    'line 3: `checks` must be a command or a list of commands, so it was ignored. Write',
  ],
  [`setup:\n${'- a\n'.repeat(51)}`, 'line 1: `setup` has more than 50 commands'],
  ['checks: [', 'was ignored: it is not valid YAML (line 1: '],
  ['a: 1\na: 2', 'not valid YAML (line 2: Map keys must be unique'],
  ['a: &x [1]\nb: *y', 'not valid YAML (Unresolved alias'],
  ['{'.repeat(500), 'too many brackets'],
  [`checks: "${'x'.repeat(9000)}"`, 'larger than 8 KiB'],
  ['- a', 'was ignored: it must have keys'],
  ['env: [A]', '`env` must have a name and a value per line'],
  ['env:\n  OK: 1\n  PATH: /tmp', 'line 3: `PATH` was not set: it steers the shell'],
  ['env:\n  A: [1]', 'line 2: `A` was not set: its value must be text'],
  ['services: redis', '`services` must have a name and a command each'],
  ['services:\n  a b: x', 'line 2: the service `a b` is not started: its name'],
  ['services:\n  a: {port: 1}', 'line 2: the service `a` is not started: `run` must be a command'],
  ['services:\n  a:\n    run: x\n    port: "1"', 'is not started: `port` must be a number'],
  [
    'services:\n  a:\n    run: x\n    prot: 1',
    'line 4: in the service `a`, `prot` is not a setting and was ignored. Did you mean `port`?',
  ],
  ['services:\n  a: {run: x, seconds: 900}', '`seconds` must be a number from 1 to 60'],
  [
    `services:\n${['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `  ${name}: x\n`).join('')}`,
    'more than 5 entries',
  ],
  ['egress:\n  - https://cdn.example.org/x', 'line 2: an entry of `egress` is no host name'],
  ['egress: 10.0.0.1', 'line 1: an entry of `egress` is no host name'],
  ['egress: "*"', 'is no host name'],
  ['template: [a]', 'line 1: `template` must be the name of an E2B template'],
  ['check-minutes: soon', '`check-minutes` must be a number of minutes above 0'],
  [
    'agent: claude',
    'line 1: `agent` must be "builtin", "claude-code" or "dummy". Did you mean "claude-code"? It was',
  ],
  ['agent: [dummy]', '`agent` must be "builtin", "claude-code" or "dummy". It was ignored.'],
  ['prove: yes please', '`prove` must be `always` or `never`. It was ignored.'],
])('a mistake is named with its line and what to do (%#)', (text, problem) => {
  const { problems } = parse(text)
  expect(problems).toEqual([expect.stringContaining(problem)])
  expect(problems[0]).toMatch(/^`\.github\/backspace\.yml`/)
})

test('what is right still counts beside mistakes, and many mistakes do not fill a thread', () => {
  const wrong = Array.from({ length: 30 }, (_, index) => `wrong${index}: 1`).join('\n')
  const settings = parse(`checks: npm test\nenv: {LD_PRELOAD: x, A: b}\n${wrong}`)
  expect(settings).toMatchObject({ checks: ['npm test'], env: { A: 'b' } })
  expect(settings.problems).toHaveLength(10)
})

test('aliases cannot multiply into a large value', () => {
  const text = `a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c]\ne: [*d,*d,*d]`
  expect(parse(text).problems).toEqual([expect.stringContaining('not valid YAML')])
})

test('a file that is too large to read is reported with the limit for settings', async () => {
  const read = async () => undefined
  const project = { files: new Set([PATH]), tools: new Set<string>(), toolchains: [], read }
  const { problems } = await readRepoSettings(project)
  expect(problems).toEqual([`\`${PATH}\` was ignored: it is larger than 8 KiB.`])
})
