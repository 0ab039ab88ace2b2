import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { plannedChecks, projectOf } from '../project-of.ts'

const scripts = (all: Record<string, string>, rest: object = {}) => JSON.stringify({ scripts: all, ...rest })
const commands = async (files: Record<string, string>, tools: readonly string[] = []) =>
  (await plannedChecks(projectOf(files, tools))).commands

test('the repository says which checks it has: a list, or none at all', async () => {
  const project = projectOf({ 'package.json': scripts({ test: 'vitest' }) })
  const said = (...commands: string[]) => detectRepository(project, { checks: { commands, source: 'x' } })
  expect((await said('npm run unit')).said).toEqual([
    { command: 'npm run unit', folder: '', inFolder: 'npm run unit', ecosystem: 'settings' },
  ])
  expect((await said()).said).toEqual([])
  expect((await plannedChecks(project)).commands).toEqual(['npm test'])
})

test('test, lint and typecheck scripts are checks; the one that npm invents is not', async () => {
  expect(
    await commands({ 'package.json': scripts({ test: 'x', lint: 'y', 'type-check': 'z', build: 'b' }) }),
  ).toEqual(['npm test', 'npm run lint', 'npm run type-check'])
  expect(
    await commands({ 'package.json': scripts({ test: 'echo "Error: no test specified" && exit 1' }) }),
  ).toEqual([])
  expect(await commands({ 'package.json': '{ not json' })).toEqual([])
})

test('what asks for advisories about dependencies is no part of a check', async () => {
  const around = { pretest: 'npm run lint', posttest: "npx npm@'>=10.2' audit --production" }
  const all = { test: 'npm run tests-only', 'tests-only': 'tape', 'check-audit': 'x', ...around }
  expect(await commands({ 'package.json': scripts(all) })).toEqual(['npm run tests-only'])
  // What the tests need is made before them.
  expect(await commands({ 'package.json': scripts({ ...all, pretest: 'npm run build' }) })).toEqual([
    'npm test',
  ])
  expect(await commands({ 'package.json': scripts({ test: 'x', check: 'npm audit' }) })).toEqual(['npm test'])
})

test.each([
  ['pnpm-lock.yaml', ['pnpm'], 'pnpm run test'],
  ['pnpm-lock.yaml', [], 'npx --yes pnpm run test'],
  ['yarn.lock', ['yarn'], 'yarn run test'],
  ['bun.lock', ['bun'], 'bun run test'],
  ['package-lock.json', ['npm'], 'npm test'],
])('the lock file %s with %j means %s', async (lock, tools, command) => {
  expect(await commands({ 'package.json': scripts({ test: 'x' }), [lock]: '' }, tools)).toEqual([command])
})

test('a package manager that is named is used in that version', async () => {
  const named = (packageManager: string) => ({ 'package.json': scripts({ test: 'x' }, { packageManager }) })
  expect(await commands(named('pnpm@10.2.0+sha512.abc'))).toEqual(['npx --yes pnpm@10.2.0 run test'])
  expect(await commands(named('yarn@4.5.0'))).toEqual(['npx --yes -p @yarnpkg/cli-dist@4.5.0 yarn run test'])
})

test.each([
  [{ 'pyproject.toml': '[tool.pytest.ini_options]' }, [], 'python3 -m pytest'],
  [{ 'requirements.txt': 'flask\npytest==8\n' }, [], 'python3 -m pytest'],
  [{ 'conftest.py': '', 'setup.py': '' }, [], 'python3 -m pytest'],
  [
    { 'pyproject.toml': '[tool.pytest.ini_options]', 'uv.lock': '' },
    ['uv'],
    'uv run --frozen python3 -m pytest',
  ],
  [
    { 'pyproject.toml': '[dependency-groups]\ndev=["pytest"]', 'uv.lock': '' },
    [],
    'uv run --frozen python3 -m pytest',
  ],
  [
    { 'pyproject.toml': '[tool.poetry.dev-dependencies]\npytest="8"', 'poetry.lock': '' },
    [],
    'poetry run python3 -m pytest',
  ],
  [{ 'tox.ini': '[tox]' }, [], 'python3 -m tox -e py'],
  [{ 'app.py': '', 'test_app.py': 'def test_a(): pass' }, [], 'python3 -m pytest'],
  [{ 'test_app.py': 'import unittest' }, [], 'python3 -m unittest discover'],
  [{ 'tests/test_app.py': 'import unittest' }, [], 'python3 -m unittest discover -s tests'],
  [
    { 'tests/test_app.py': 'import unittest', 'tests/__init__.py': '' },
    [],
    'python3 -m unittest discover -s tests -t .',
  ],
  [{ 'app_test.py': 'import unittest' }, [], "python3 -m unittest discover -p '*_test.py'"],
])('Python: %j with %j is checked by %s', async (files, tools, command) => {
  expect(await commands(files as unknown as Record<string, string>, tools)).toEqual([command])
})

test('a Python repository without tests has no checks', async () => {
  expect(await commands({ 'app.py': '', 'requirements.txt': 'flask' })).toEqual([])
})

test.each([
  [{ 'go.mod': '' }, 'go test ./...'],
  [{ 'Cargo.toml': '' }, 'cargo test'],
  [{ 'Cargo.toml': '[package]\nname = "a"\n\n[workspace]\nmembers = ["b"]\n' }, 'cargo test --workspace'],
  [
    { 'pom.xml': '', mvnw: '', 'src/test/java/ATest.java': '' },
    'sh ./mvnw --batch-mode --no-transfer-progress test',
  ],
  [{ 'build.gradle.kts': '', 'src/test/kotlin/ATest.kt': '' }, 'gradle --no-daemon --console=plain test'],
  [{ Gemfile: '', 'spec/a_spec.rb': '' }, 'bundle exec rspec'],
  [{ 'composer.json': '{"scripts":{"test":"phpunit"}}' }, 'composer test'],
  [{ 'App.sln': '', 'tests/App.Tests/App.Tests.csproj': '' }, 'dotnet test'],
  [{ 'deno.json': '{}' }, 'deno test'],
  [{ 'mix.exs': '', 'test/a_test.exs': '' }, 'mix test'],
  [{ Makefile: 'build:\n\ttsc\n\ntest: build\n\tnode --test\n' }, 'make test'],
  [{ Makefile: 'lint test: all\n\tgo test ./...\n' }, 'make test'],
  [{ Makefile: 'check:\n\t./check.sh\n' }, 'make check'],
  [{ justfile: 'test *args:\n  pytest {{args}}\n' }, 'just test'],
])('%j is checked by %s', async (files, command) => {
  expect(await commands(files as unknown as Record<string, string>)).toEqual([command])
})

test('a variable called test is no target, and an ecosystem beats make', async () => {
  expect(await commands({ Makefile: 'test := a\nall:\n' })).toEqual([])
  expect(await commands({ Makefile: 'test:\n\tgo test ./...\n', 'go.mod': '' })).toEqual(['go test ./...'])
})

test('several ecosystems at the root are all checked', async () => {
  expect(await commands({ 'go.mod': '', 'package.json': scripts({ test: 'x' }) })).toEqual([
    'npm test',
    'go test ./...',
  ])
})

test('without anything at the root, its folders are looked at', async () => {
  const files = { 'web/package.json': scripts({ test: 'x' }), 'api/go.mod': '', 'docs/a.md': '' }
  const plan = await plannedChecks(projectOf(files))
  expect(plan.commands).toEqual(['cd api && go test ./...', 'cd web && npm test'])
  expect(plan.source).toBe('api/go.mod, web/package.json')
})

test('tests in a folder do not hide the projects in other folders', async () => {
  const api = { 'api/package.json': scripts({ test: 'x' }) }
  expect(await commands({ ...api, 'tests/test_app.py': 'import unittest' })).toEqual([
    'python3 -m unittest discover -s tests',
    'cd api && npm test',
  ])
  const tools = { 'tools/pyproject.toml': '', 'tools/test_app.py': 'import unittest' }
  expect(await commands({ ...api, ...tools })).toEqual([
    'cd api && npm test',
    'cd tools && python3 -m unittest discover',
  ])
})

test('a root that only holds tools does not hide the projects in its folders, on two levels', async () => {
  const files = {
    'package.json': JSON.stringify({ private: true, devDependencies: { prettier: '3' } }),
    'services/api/go.mod': '',
    'services/web/package.json': scripts({ test: 'x' }),
    'test/fixtures/package.json': scripts({ test: 'x' }),
    'test/fixtures/app/package.json': scripts({ test: 'x' }),
  }
  expect(await commands(files)).toEqual(['cd services/api && go test ./...', 'cd services/web && npm test'])
})

test.each([
  ['package-lock.json', {}, 'npm run test --workspaces --if-present'],
  ['yarn.lock', {}, 'npm run test --workspaces --if-present'],
  ['yarn.lock', { packageManager: 'yarn@4.5.0' }, 'yarn workspaces foreach --all run test'],
  ['pnpm-lock.yaml', {}, 'pnpm --recursive --if-present run test'],
  ['bun.lock', {}, "bun run --filter '*' test"],
])('tests of the members of a workspace (%s, %j) are run by %s', async (lock, rest, command) => {
  const root = JSON.stringify({ workspaces: ['packages/*'], scripts: { lint: 'y' }, ...rest })
  const members = { 'packages/a/package.json': scripts({ test: 'x' }), 'packages/b/package.json': '{}' }
  const lint = `${lock.split(/[.-]/)[0]?.replace('package', 'npm')} run lint`
  const tools = ['yarn', 'pnpm', 'bun']
  expect(await commands({ 'package.json': root, [lock]: '', ...members }, tools)).toEqual([command, lint])
  const none = { 'packages/b/package.json': '{}' }
  expect(await commands({ 'package.json': root, [lock]: '', ...none }, tools)).toEqual([lint])
})

test('bun runs tests without a script', async () => {
  const files = { 'package.json': '{}', 'bun.lock': '', 'src/a.test.ts': '' }
  expect(await commands(files, ['bun'])).toEqual(['bun test'])
})

test('an unknown repository has no checks', async () => {
  expect(await plannedChecks(projectOf({ 'README.md': '' }))).toEqual({ commands: [], source: '' })
})

test.each([
  ['Cargo.toml', '\n', ['cargo test']],
  ['Makefile', 'test ', []],
  ['Makefile', 'test: x\n', ['make test']],
  ['justfile', '@test ', []],
  ['composer.json', '"scripts":{', []],
  ['deno.json', '"tasks":{ ', ['deno test']],
  ['Gemfile', '\n', []],
  ['pyproject.toml', 'test\n', []],
])('a hostile %s of %j takes time in proportion to its size', async (name, piece, expected) => {
  // As large as a file may be; quadratic work on it would take minutes.
  const text = piece.repeat((1024 * 1024) / piece.length)
  expect(await commands({ [name]: text })).toEqual(expected)
})

test.each([
  ['test:\n\ttrue\n', ['make test']],
  ['lint test: deps\n\ttrue\n', ['make test']],
  ['check :\n\ttrue\n', ['make check']],
  ['test:: a\n', ['make test']],
  ['test := x\n', []],
  ['test ::= x\n', []],
  ['.PHONY: test\n', []],
  ['\ttest: x\n', []],
  ['# test: x\n', []],
])('of the makefile %j the targets are known', async (Makefile, expected) => {
  expect(await commands({ Makefile })).toEqual(expected)
})

test.each<[string, Record<string, string>, readonly string[]]>([
  ['other names of the test script', { 'test:unit': 'x' }, ['npm run test:unit']],
  ['check where nothing else is', { check: 'tsc' }, ['npm run check']],
  ['check beside tests', { test: 'x', check: 'svelte-check' }, ['npm test', 'npm run check']],
  [
    'no check that runs the tests again',
    { test: 'x', lint: 'y', check: 'npm run lint && npm test' },
    ['npm test', 'npm run lint'],
  ],
  ['no lint twice', { test: 'npm run lint && jest', lint: 'eslint .' }, ['npm test']],
  [
    'no lint twice before the tests',
    { test: 'jest', pretest: 'npm run -s lint', lint: 'eslint .' },
    ['npm test'],
  ],
  ['no lint twice in a list', { test: 'run-s lint unit', unit: 'a', lint: 'eslint .' }, ['npm test']],
  ['a linter without what it would write', { lint: 'eslint . --fix' }, ['npx --no-install eslint .']],
  ['a formatter as well', { lint: 'prettier --write src' }, ['npx --no-install prettier --check src']],
  [
    'the script that does not write',
    { lint: 'biome lint --write', 'lint:ci': 'biome ci' },
    ['npm run lint:ci'],
  ],
  ['no linter that cannot be asked only', { lint: 'node lint.js --fix', test: 'x' }, ['npm test']],
])('scripts: %s', async (_name, all, expected) => {
  expect(await commands({ 'package.json': scripts(all) })).toEqual(expected)
})
