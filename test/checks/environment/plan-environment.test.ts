import { expect, test } from 'vitest'
import { planEnvironment } from '../../../src/checks/environment/plan-environment.ts'
import { parseRepoSettings } from '../../../src/checks/repo-settings.ts'
import { projectOf } from '../project-of.ts'

const OPERATOR = { hosts: ['pypi.org'], ecosystems: true, repositories: [] }
const SETTINGS = '.github/backspace.yml'
const DEVCONTAINER = '.devcontainer/devcontainer.json'

function plan(
  files: Record<string, string>,
  {
    defaults,
    toolchains,
    tools = [],
  }: { defaults?: string; toolchains?: Parameters<typeof projectOf>[2]; tools?: readonly string[] } = {},
) {
  return planEnvironment(projectOf(files, tools, toolchains), {
    egress: OPERATOR,
    templates: ['node-24'],
    defaults: defaults === undefined ? undefined : parseRepoSettings(defaults, 'acme/.github'),
    home: '/home/user',
  })
}

const MANIFEST = JSON.stringify({ scripts: { test: 'vitest' }, dependencies: { a: '1' } })

test('a dev container counts where the settings file is missing, after what is detected', async () => {
  const container = {
    postCreateCommand: {
      deps: 'npm ci',
      again: 'npm i',
      db: 'make db',
      build: 'npm install && npm run build',
    },
    containerEnv: { A: '1' },
    features: { 'ghcr.io/devcontainers/features/go:1': '1.9' },
  }
  const files = {
    'package.json': MANIFEST,
    'package-lock.json': '',
    [DEVCONTAINER]: JSON.stringify(container),
  }
  const without = await plan(files)
  expect(without).toMatchObject({
    setup: [{ commands: ['npm ci'] }],
    repository: { containerSetup: { commands: ['make db', 'npm run build'], source: DEVCONTAINER } },
    checks: { commands: ['npm test'] },
    environment: { variables: { A: '1' } },
  })
  const toolchains = [
    { language: 'go', version: '1.9.7', program: 'go', directory: '/go/bin', onPath: false },
  ] as const
  const withFile = await plan({ ...files, [SETTINGS]: 'env: {B: 2}' }, { toolchains })
  expect(withFile).toMatchObject({
    repository: { containerSetup: undefined },
    // The version counts in both cases.
    environment: { variables: { B: '2' }, path: ['/go/bin'] },
  })
})

test("the owner's defaults count key by key, where the repository says nothing", async () => {
  const defaults =
    'setup: make deps\nchecks: make test\nenv: {A: 1, B: 1}\nservices: {redis: redis-server}\negress: [pub.dev]'
  const planned = await plan(
    { [SETTINGS]: 'checks: make check\nenv: {B: 2}\negress: [jsr.io]' },
    { defaults },
  )
  expect(planned).toMatchObject({
    setup: [{ commands: ['make deps'], source: 'acme/.github' }],
    checks: { commands: ['make check'], source: SETTINGS },
    environment: {
      variables: { A: '1', B: '2' },
      egress: { allowHosts: ['pypi.org'], publicHosts: ['jsr.io', 'pub.dev'] },
      services: [{ name: 'redis' }],
    },
  })
})

test('versions come first in PATH; a Python that shares its directory gets links', async () => {
  const toolchains = [
    { language: 'node', version: '20.1.0', directory: '/usr/bin', program: 'node', onPath: true },
    { language: 'node', version: '24.2.0', directory: '/opt/node24/bin', program: 'node', onPath: false },
    { language: 'python', version: '3.12.1', directory: '/usr/bin', program: 'python3.12', onPath: false },
    { language: 'java', version: '21.0.1', directory: '/usr/lib/jvm/21/bin', program: 'java', onPath: false },
  ] as const
  const files = { '.nvmrc': '24', '.python-version': '3.12', '.java-version': '21', '.ruby-version': '3.3' }
  const { environment, links, notices } = await plan(files, { toolchains })
  const python = '/home/user/.backspace/toolchains/python'
  expect(environment).toMatchObject({
    path: ['/opt/node24/bin', python, '/usr/lib/jvm/21/bin'],
    variables: { JAVA_HOME: '/usr/lib/jvm/21' },
    unmet: [
      '`.ruby-version` asks for Ruby `3.3`, and the sandbox has no Ruby. Commands that need it will fail.',
    ],
  })
  const newer = await plan({ '.nvmrc': '22' }, { toolchains })
  expect(newer.environment.path).toEqual(['/opt/node24/bin'])
  expect(newer.notices).toEqual([
    { level: 'warning', message: expect.stringContaining('Commands get 24.2.0.') },
  ])
  expect(links).toContainEqual({ target: '/usr/bin/python3.12', link: `${python}/python3` })
  expect(notices).toContainEqual({ level: 'warning', message: environment.unmet[0] })
  expect(notices).toContainEqual({
    level: 'info',
    message: 'Commands of the project run with Node 24.2.0, as its files ask for.',
  })
})

test('builds of Java get the JDK as JAVA_HOME if the sandbox does not set it', async () => {
  const request = { egress: OPERATOR, templates: [], home: '/home/user' }
  const variables = async (files: Record<string, string>) =>
    (await planEnvironment({ ...projectOf(files), jdk: '/opt/jdk' }, request)).environment.variables
  expect(await variables({ 'a/pom.xml': '' })).toEqual({ JAVA_HOME: '/opt/jdk' })
  expect(await variables({ 'go.mod': '' })).toEqual({})
})

test('gems are installed where the sandbox may write, unless the repository says where', async () => {
  const gems = async (files: Record<string, string>) =>
    (await plan({ Gemfile: '', ...files }, { tools: ['bundle'] })).environment.variables
  expect(await gems({})).toEqual({ BUNDLE_PATH: '/home/user/.backspace/gems' })
  expect(await gems({ [SETTINGS]: 'env: {BUNDLE_PATH: vendor}' })).toEqual({ BUNDLE_PATH: 'vendor' })
})

test.each([
  [{ 'pnpm-lock.yaml': '' }, 'pnpm@10.12.1', 'pnpm', 'npx --yes pnpm@10.12.1'],
  [{ 'yarn.lock': '', '.yarnrc.yml': '' }, 'yarn@4.9.2', 'yarn', 'npx --yes -p @yarnpkg/cli-dist@4.9.2 yarn'],
  [{ 'yarn.lock': '' }, undefined, 'yarn', 'npx --yes yarn'],
  [{ 'lerna.json': '{"npmClient": "yarn"}' }, undefined, 'yarn', 'npx --yes yarn'],
])('a package manager that the sandbox lacks is found by its name: %j', async (lock, packageManager, name, starts) => {
  const manifest = JSON.stringify({ ...JSON.parse(MANIFEST), packageManager })
  const { starters, environment } = await plan({ 'package.json': manifest, ...lock })
  const directory = '/home/user/.backspace/managers'
  expect(starters).toEqual([{ path: `${directory}/${name}`, starts }])
  expect(environment.path).toEqual([directory])
})

test('a package manager that scripts name is found by its name, unless it is there', async () => {
  const scripts = { test: 'vitest', all: 'run-p "yarn:*" && pnpm -r build; bun run x', note: 'yarnish' }
  const files = { 'package.json': JSON.stringify({ scripts }) }
  const startersWith = async (tools: readonly string[]) => (await plan(files, { tools })).starters
  expect(await startersWith(['bun'])).toEqual([
    { path: '/home/user/.backspace/managers/pnpm', starts: 'npx --yes pnpm' },
  ])
})

test('Deno comes from npm where it is missing', async () => {
  const files = { 'deno.json': '{}', 'a_test.ts': '' }
  const { starters, repository } = await plan(files, { tools: ['npm'] })
  expect(starters).toEqual([{ path: '/home/user/.backspace/managers/deno', starts: 'npx --yes deno' }])
  expect(repository.projects[0]).toMatchObject({ missing: [] })
  const without = await plan(files)
  expect(without.repository.projects[0]).toMatchObject({ missing: ['deno'] })
})

test('values are shown, and mistakes are warnings', async () => {
  const { notices } = await plan({ [SETTINGS]: 'env: {GREETING: "a `b`", PATH: x}\nchekcs: y' })
  expect(notices).toEqual([
    { level: 'warning', message: expect.stringContaining('Did you mean `checks`?') },
    { level: 'warning', message: expect.stringContaining('`PATH` was not set') },
    { level: 'info', message: "Commands of the project run with `GREETING=a 'b'`." },
  ])
})
