import { expect, test } from 'vitest'
import { parseDevcontainer, readDevcontainer } from '../../../src/checks/environment/devcontainer.ts'
import { projectOf } from '../project-of.ts'

const reference = (name: string) => `$\{${name}}`
const SOURCE = '.devcontainer/devcontainer.json'
const parse = (text: string | object) =>
  parseDevcontainer(typeof text === 'string' ? text : JSON.stringify(text), SOURCE)

test('comments and trailing commas are allowed, and commands have three forms', () => {
  const text = `{
  // Made by a template.
  "name": "api",
  "postCreateCommand": { "deps": "npm ci", "db": ["npm", "run", "db:create", "it's new"], },
  "onCreateCommand": "echo first", /* runs first */
  "updateContentCommand": ["make", "generated files"],
}`
  const { setup, problems } = parse(text)
  expect(setup).toEqual({
    commands: ['echo first', "make 'generated files'", 'npm ci', "npm run db:create 'it'\\''s new'"],
    source: SOURCE,
  })
  expect(problems).toEqual([])
})

test('variables are set when their value is plain', () => {
  const { env, problems } = parse({
    containerEnv: { A: '1', HOME: '/root', SECRET: reference('localEnv:SECRET') },
    remoteEnv: { B: 'two', PATH: `${reference('containerEnv:PATH')}:/x`, GONE: null },
  })
  expect(env).toEqual({ A: '1', B: 'two' })
  expect(problems).toEqual([
    expect.stringContaining('`HOME` was not set: it steers the sandbox'),
    expect.stringContaining(
      "`SECRET` was not set: its value refers to the container or to a person's machine",
    ),
    expect.stringContaining('`PATH` was not set'),
  ])
})

test('features and known images name versions; what needs a container is named', () => {
  const { wishes, problems } = parse({
    image: 'mcr.microsoft.com/devcontainers/python:1-3.12-bookworm',
    features: {
      'ghcr.io/devcontainers/features/node:1': { version: '22' },
      'ghcr.io/devcontainers/features/java:1.4.1': '21',
      'ghcr.io/devcontainers/features/go': { version: 'latest' },
      'ghcr.io/devcontainers/features/docker-in-docker:2': {},
      'ghcr.io/devcontainers/features/common-utils:2': {},
    },
    runArgs: ['--privileged'],
    postStartCommand: 'npm start',
    initializeCommand: 'curl evil',
    forwardPorts: [3000],
  })
  expect(wishes.map(({ language, wanted }) => [language, wanted])).toEqual([
    ['node', '22'],
    ['java', '21'],
    ['python', '3.12'],
  ])
  expect(problems).toEqual([
    `\`${SOURCE}\`: Backspace uses its own sandbox, so it does not honour \`initializeCommand\`, \`postStartCommand\`, \`runArgs\`, feature \`docker-in-docker\`.`,
  ])
  expect(parse({ image: 'node:22' }).problems).toEqual([expect.stringContaining('does not honour `image`')])
  expect(parse({ image: 'mcr.microsoft.com/devcontainers/typescript-node:20' }).wishes).toMatchObject([
    { wanted: '20' },
  ])
})

test.each([
  ['{"a": 1,\n "b": }', 'line 2 is not JSON (ValueExpected)'],
  ['[]', 'it must be an object'],
  ['['.repeat(5000), 'too many brackets'],
  ['', 'is not JSON'],
  [`"${'x'.repeat(70_000)}"`, 'larger than 64 KiB'],
  ['{"postCreateCommand": 5}', '`postCreateCommand` in'],
  ['{"postCreateCommand": {"a": 5}}', '`postCreateCommand` in'],
  ['{"postCreateCommand": ["a", 5]}', '`postCreateCommand` in'],
])('a mistake is named, and nothing else is lost (%#)', (text, problem) => {
  expect(parse(text)).toMatchObject({ setup: { commands: [] }, problems: [expect.stringContaining(problem)] })
})

test('the file has three places', async () => {
  const file = (command: string) => JSON.stringify({ postCreateCommand: command })
  const read = async (files: Record<string, string>) =>
    (await readDevcontainer(projectOf(files)))?.setup.commands
  const folders = {
    '.devcontainer/b/devcontainer.json': file('b'),
    '.devcontainer/a/devcontainer.json': file('a'),
  }
  expect(await read({ ...folders, '.devcontainer.json': file('root'), [SOURCE]: file('folder') })).toEqual([
    'folder',
  ])
  expect(await read({ ...folders, '.devcontainer.json': file('root') })).toEqual(['root'])
  expect(await read(folders)).toEqual(['a'])
  expect(await read({ 'README.md': '' })).toBe(undefined)
})
