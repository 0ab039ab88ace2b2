import { expect, test } from 'vitest'
import { describeOthers } from '../../../src/checks/plans/choose-baseline.ts'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>

const json = (scripts: Record<string, string>, rest: object = {}) => JSON.stringify({ scripts, ...rest })
const TESTED = json({ test: 'node --test' })
const PYTEST = '[project]\nname = "a"\n[tool.pytest.ini_options]\n'

const detect = (files: Files) => detectRepository(projectOf(files))

/** `folder: ecosystem`, with what it covers in brackets. */
async function projects(files: Files): Promise<readonly string[]> {
  const { projects: found } = await detect(files)
  return found.map(({ folder, ecosystem, covers }) =>
    [`${folder || '.'}: ${ecosystem}`, ...(covers.length === 0 ? [] : [`(${covers.join(', ')})`])].join(' '),
  )
}

const baseline = async (files: Files) =>
  (await detect(files)).baseline.flatMap(({ checks }) => checks.map(({ command }) => command))

test.each<[string, Files, readonly string[]]>([
  [
    'a folder in another language',
    { 'package.json': TESTED, 'api/pyproject.toml': PYTEST },
    ['npm test', 'cd api && python3 -m pytest'],
  ],
  [
    'a page beside a service',
    { 'go.mod': '', 'web/package.json': TESTED },
    ['go test ./...', 'cd web && npm test'],
  ],
  [
    'a root that only lints',
    {
      'package.json': json({ lint: 'eslint .' }),
      'backend/requirements.txt': 'pytest',
      'front/package.json': TESTED,
    },
    ['npm run lint', 'cd backend && python3 -m pytest', 'cd front && npm test'],
  ],
  ['modules of the same language wait', { 'go.mod': '', 'tools/go.mod': '' }, ['go test ./...']],
  [
    'documentation and examples wait',
    { 'go.mod': '', 'docs/package.json': TESTED, 'examples/a/package.json': TESTED },
    ['go test ./...'],
  ],
  [
    'what CI does not name beside a root that it tests waits',
    {
      'go.mod': '',
      'web/package.json': TESTED,
      'api/package.json': TESTED,
      '.github/workflows/ci.yml':
        'jobs: {a: {steps: [{run: go test ./...}, {run: npm test, working-directory: api}]}}',
    },
    ['go test ./...', 'cd api && npm test'],
  ],
  [
    'four folders at most',
    { 'package.json': TESTED, 'a/go.mod': '', 'b/go.mod': '', 'c/go.mod': '', 'd/go.mod': '' },
    ['npm test', 'cd a && go test ./...', 'cd b && go test ./...', 'cd c && go test ./...'],
  ],
])('before the agent starts: %s', async (_name, files, commands) => {
  expect(await baseline(files)).toEqual(commands)
})

test('members of a workspace belong to its root if its test script runs theirs; others are tested alone', async () => {
  const members = { 'packages/a/package.json': TESTED, 'packages/b/package.json': json({ build: 'tsc' }) }
  const workspaces = { workspaces: ['packages/*'], devDependencies: { a: '1' } }
  const root = (script: string) => ({ 'package.json': json({ test: script }, workspaces), ...members })
  expect(await projects(root('turbo run test'))).toEqual(['.: JavaScript (packages/a, packages/b)'])
  expect(await projects(root('vitest'))).toEqual(['.: JavaScript (packages/a, packages/b)'])
  expect(await projects(root('npm run all'))).toEqual([
    '.: JavaScript (packages/b)',
    'packages/a: JavaScript',
  ])
  const [, alone] = (await detect(root('node --test test/'))).projects
  expect(alone).toMatchObject({
    folder: 'packages/a',
    workspace: '',
    setup: ['npm install --no-package-lock'],
    checks: [{ command: 'cd packages/a && npm test', inFolder: 'npm test' }],
  })
  const pnpm = {
    'package.json': '{}',
    'pnpm-workspace.yaml': "packages:\n  # all\n  - 'packages/**'\n  - '!packages/x'\ncatalog:\n  - no\n",
    'packages/deep/a/package.json': TESTED,
    'packages/x/package.json': TESTED,
  }
  expect(await projects(pnpm)).toEqual(['.: JavaScript (packages/deep/a)', 'packages/x: JavaScript'])
})

test.each<[string, Files, readonly string[]]>([
  ['go', { 'go.work': 'use ./a', 'a/go.mod': '', 'a/b/go.mod': '' }, ['a: Go', 'a/b: Go']],
  [
    'a workspace of go around a module without tests',
    { 'go.work': 'use (\n\t.\n\t./a // x\n\t./tools\n)', 'go.mod': '', 'a/go.mod': '', 'tools/go.mod': '' },
    ['.: Go (a)', 'tools: Go'],
  ],
  [
    'cargo',
    {
      'Cargo.toml': '[workspace]\nmembers = ["a"]\nexclude = ["b"]',
      'a/Cargo.toml': '',
      'b/Cargo.toml': '',
      'fuzz/Cargo.toml': '[workspace]',
    },
    ['.: Rust (a)', 'b: Rust', 'fuzz: Rust'],
  ],
  ['lone crates', { 'Cargo.toml': '[package]', 'a/Cargo.toml': '[package]' }, ['.: Rust', 'a: Rust']],
  [
    'maven',
    {
      'pom.xml': '<project><modules><module>a</module></modules></project>',
      'a/pom.xml': '<project><modules><module>b</module></modules></project>',
      'a/b/pom.xml': '',
      'c/pom.xml': '',
    },
    ['.: Maven (a, a/b)', 'c: Maven'],
  ],
  [
    'gradle',
    {
      'settings.gradle.kts': '',
      'app/build.gradle.kts': '',
      'plugin/settings.gradle': '',
      'plugin/build.gradle': '',
    },
    ['.: Gradle (app)', 'plugin: Gradle'],
  ],
  [
    'uv',
    {
      'pyproject.toml': `${PYTEST}[tool.uv.workspace]\nmembers = ["packages/*"]`,
      'uv.lock': '',
      'packages/a/pyproject.toml': '',
    },
    ['.: Python (packages/a)'],
  ],
  [
    'an umbrella',
    { 'mix.exs': 'apps_path: "apps"', 'apps/a/mix.exs': '', 'b/mix.exs': '' },
    ['.: Elixir (apps/a)', 'b: Elixir'],
  ],
  ['a solution', { 'App.sln': '', 'src/App/App.csproj': '' }, ['.: .NET (src/App)']],
  ['deep folders', { 'a/b/c/d/composer.json': '{}', 'a/b/Gemfile': '' }, ['a/b: Ruby', 'a/b/c/d: PHP']],
  [
    'no fixtures, no markers',
    {
      'package.json': TESTED,
      'test/fixtures/a/package.json': TESTED,
      'tests/Json/Fixtures/composer.json': '{"scripts":{"test":"phpunit"}}',
      'test-crates/pure/Cargo.toml': '',
      'test_projects/bad/project.clj': '',
      'apps/rebar/test/rebar_new_SUITE_data/tpl/rebar.config': '',
      'plugin/src/sbt-test/group/case/build.sbt': '',
      'esm/package.json': '{"type":"module"}',
      'test/app/package.json': '{"dependencies":{"a":"1"}}',
    },
    ['.: JavaScript (esm)'],
  ],
])('projects of %s', async (_name, files, expected) => {
  expect(await projects(files)).toEqual(expected)
})

test('tests without a known tool are named', async () => {
  const files = {
    'package.json': TESTED,
    'cli/run.bats': '',
    'native/test_a.cpp': '',
    'lib/a.rb': '',
    'lib/spec/a_spec.rb': '',
  }
  const { untested } = await detect(files)
  expect(untested).toEqual([
    { path: 'lib', reason: 'it has tests (`lib/spec/a_spec.rb`), and nothing says how they are run' },
  ])
  expect((await detect({ 'test/test.lua': '' })).untested).toEqual([
    { path: 'test', reason: 'it has tests (`test/test.lua`), and nothing says how they are run' },
  ])
  expect((await detect({ 't/a.t': '' })).untested).toEqual([
    { path: 't', reason: 'it is named like a folder of tests, and nothing says how they are run' },
  ])
  for (const folder of ['unittest', 'test1', 'regression_testing', 'api-tests', 'regressions']) {
    expect((await detect({ [`${folder}/a.c`]: '' })).untested).toEqual([
      { path: folder, reason: 'it is named like a folder of tests, and nothing says how they are run' },
    ])
  }
  for (const folder of ['latest', 'contest', 'attestation', 'protest'])
    expect((await detect({ [`${folder}/a.c`]: '' })).untested).toEqual([])
  expect((await detect({ 'tests/a.fish': '', 'b/tests/c.sh': '' })).untested).toEqual([
    { path: 'tests', reason: 'it is named like a folder of tests, and nothing says how they are run' },
  ])
})

test('a folder with a name that a shell would read is quoted', async () => {
  const { projects: found } = await detect({ "$(id) it's/go.mod": '' })
  expect(found[0]?.checks[0]?.command).toBe("cd './$(id) it'\\''s' && go test ./...")
})

test('several projects of Python do not share a virtual environment', async () => {
  const { baseline: chosen } = await detect({
    'a/requirements.txt': 'pytest',
    'b/requirements.txt': 'pytest<8',
  })
  expect(chosen.map(({ setup, checks }) => [setup[0], checks[0]?.command])).toEqual([
    ['cd a && python3 -m venv ../.venv', 'cd a && python3 -m pytest'],
    ['cd b && python3 -m venv .venv', 'cd b && .venv/bin/python3 -m pytest'],
  ])
})

test('the projects that wait are named with a check', async () => {
  const plan = await detect({
    'go.mod': '',
    'tools/go.mod': '',
    'docs/package.json': TESTED,
    'x/package.json': '{}',
  })
  expect(describeOthers(plan)).toEqual([
    'Not set up, and checked if the change reaches them: `docs` (`npm test`), `tools` (`go test ./...`)',
  ])
  expect(describeOthers(await detect({ 'go.mod': '' }))).toEqual([])
})
