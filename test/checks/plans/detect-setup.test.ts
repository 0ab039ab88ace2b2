import { expect, test } from 'vitest'
import { plannedSetup, projectOf } from '../project-of.ts'

const manifest = (rest: object = { dependencies: { a: '1' } }) => JSON.stringify(rest)
const commands = (files: Record<string, string>, tools: readonly string[] = []) =>
  plannedSetup(projectOf(files, tools))

test.each([
  ['package-lock.json', [], 'npm ci'],
  ['pnpm-lock.yaml', ['pnpm'], 'pnpm install --frozen-lockfile'],
  ['yarn.lock', ['yarn'], 'yarn install --frozen-lockfile'],
  ['bun.lock', [], 'npx --yes bun install --frozen-lockfile'],
])('%s with %j is installed with %s', async (lock, tools, command) => {
  expect(await commands({ 'package.json': manifest(), [lock]: '' }, tools)).toEqual([command])
})

test('without a lock file none is written, and without dependencies nothing is installed', async () => {
  expect(await commands({ 'package.json': manifest() })).toEqual(['npm install --no-package-lock'])
  expect(await commands({ 'package.json': manifest({ scripts: { test: 'node --test' } }) })).toEqual([])
  expect(await commands({ 'README.md': '' })).toEqual([])
})

test('a newer yarn refuses to change its lock file in its own way', async () => {
  const files = {
    'package.json': manifest({ dependencies: { a: '1' }, packageManager: 'yarn@4.5.0' }),
    'yarn.lock': '',
  }
  expect(await commands(files, ['yarn'])).toEqual(['yarn install --immutable'])
})

test('a manager of another line than packageManager names is fetched in that version', async () => {
  const files = {
    'package.json': manifest({ dependencies: { a: '1' }, packageManager: 'yarn@4.5.0' }),
    'yarn.lock': '',
  }
  const project = { ...projectOf(files, ['yarn']), managers: new Map([['yarn', '1.22.22']]) }
  expect(await plannedSetup(project)).toEqual([
    'npx --yes -p @yarnpkg/cli-dist@4.5.0 yarn install --immutable',
  ])
  expect(await plannedSetup({ ...project, managers: new Map([['yarn', '4.9.1']]) })).toEqual([
    'yarn install --immutable',
  ])
})

test('Python goes into a virtual environment, with the pytest that its tests are run by', async () => {
  expect(await commands({ 'requirements.txt': 'flask', 'test_app.py': 'def test(): pass' })).toEqual([
    'python3 -m venv .venv',
    '.venv/bin/python3 -m pip install --quiet -r requirements.txt pytest',
  ])
  expect(await commands({ 'test_app.py': 'def test(): pass' }, ['pytest'])).toEqual([])
  expect(
    await commands({
      'pyproject.toml': '[build-system]\n[project]\n[project.optional-dependencies]\ndev = ["pytest"]',
    }),
  ).toEqual(['python3 -m venv .venv', ".venv/bin/python3 -m pip install --quiet -e '.[dev]' pytest"])
  const application =
    '[project]\ndependencies = ["flask"]\n[project.optional-dependencies]\ndev = ["pytest>8"]'
  expect(await commands({ 'pyproject.toml': application })).toEqual([
    'python3 -m venv .venv',
    ".venv/bin/python3 -m pip install --quiet flask 'pytest>8' pytest",
  ])
  expect(await commands({ 'requirements.txt': 'pytest' }, ['uv'])).toEqual([
    'uv venv --quiet .venv',
    'uv pip install --quiet --python .venv -r requirements.txt pytest',
  ])
  expect(await commands({ 'tox.ini': '[tox]\n' })).toEqual([
    'python3 -m venv .venv',
    '.venv/bin/python3 -m pip install --quiet tox',
  ])
  expect(await commands({ 'uv.lock': '', 'pyproject.toml': '' }, ['uv'])).toEqual(['uv sync --frozen'])
})

test('uv and poetry are fetched where a lock file asks for them: what tests need may stand nowhere else', async () => {
  const venv = 'python3 -m venv .venv'
  expect(await commands({ 'uv.lock': '', 'pyproject.toml': '' })).toEqual([
    venv,
    '.venv/bin/python3 -m pip install --quiet uv',
    'uv sync --frozen --inexact',
  ])
  expect(await commands({ 'api/poetry.lock': '', 'api/pyproject.toml': '' }, ['uv'])).toEqual(
    [
      'uv venv --quiet ../.venv',
      'uv venv --quiet ../.venv/tools',
      'uv pip install --quiet --python ../.venv/tools poetry',
      'cp ../.venv/tools/bin/poetry ../.venv/bin/',
      'poetry install --no-interaction',
    ].map((command) => `cd api && ${command}`),
  )
})

test('folders share the virtual environment at the root', async () => {
  expect(await commands({ 'api/requirements.txt': 'flask' })).toEqual([
    'cd api && python3 -m venv ../.venv',
    'cd api && ../.venv/bin/python3 -m pip install --quiet -r requirements.txt',
  ])
})

test('other ecosystems fetch what they need', async () => {
  expect(await commands({ 'go.mod': '', 'Cargo.toml': '' })).toEqual(['go mod download', 'cargo fetch'])
})

test('extras and groups for tests are installed where they are declared, under their names', async () => {
  const venv = 'python3 -m venv .venv'
  const pip = (rest: string) => [venv, `.venv/bin/python3 -m pip install --quiet ${rest}`]
  const manager = (name: string, programs = name) => [
    'python3 -m venv .venv .venv/tools',
    `.venv/tools/bin/python3 -m pip install --quiet ${programs}`,
    `cp .venv/tools/bin/${name} .venv/bin/`,
  ]
  const project = '[build-system]\n[project]\nname = "a"\n'
  const grouped = `${project}[dependency-groups]\ndev = ["ruff", { include-group = "tests" }]\ntests = ["pytest>=8"]\n`
  expect(await commands({ 'pyproject.toml': grouped })).toEqual(pip("-e . ruff 'pytest>=8' pytest"))
  const named = `${project}[project.optional-dependencies]\ncolor = ["a"]\nchecks = ["pytest-cov", "pytest"]\n`
  expect(await commands({ 'pyproject.toml': named })).toEqual(pip("-e '.[checks]' pytest"))
  const cfg = {
    'setup.py': 'setup()',
    'setup.cfg': '[options.extras_require]\ntests =\n  pytest\ndocs =\n  x\n',
  }
  expect(await commands(cfg)).toEqual(pip("-e '.[tests]' pytest"))
  const script = { 'setup.py': 'setup(extras_require={"dev": ["pytest"], "fast": []})' }
  expect(await commands(script)).toEqual(pip("-e '.[dev]' pytest"))
  expect(await commands({ 'pyproject.toml': `${grouped}\n[tool.uv]`, 'uv.lock': '' }, ['uv'])).toEqual([
    'uv sync --frozen --group tests',
  ])
  const poetry = '[tool.poetry]\n[tool.poetry.group.test.dependencies]\npytest = "8"\n'
  expect(await commands({ 'pyproject.toml': poetry, 'poetry.lock': '' }, ['poetry'])).toEqual([
    'poetry install --no-interaction --with test',
  ])
  expect(await commands({ 'pyproject.toml': 'a', 'pdm.lock': '' })).toEqual([
    ...manager('pdm', "pdm 'hishel<2'"),
    'pdm install --frozen-lockfile',
  ])
  expect(await commands({ Pipfile: 'pytest = "*"', 'Pipfile.lock': '' })).toEqual([
    ...manager('pipenv'),
    'pipenv sync --dev',
  ])
})

test('what tox and nox would install and run is installed and run without them', async () => {
  const tests = { 'setup.py': '', 'tests/test_a.py': '' }
  const tox = '[testenv]\ndeps = pytest\ncommands = pytest\n'
  expect((await commands({ ...tests, 'tox.ini': tox })).at(-1)).toMatch(/ -e \. pytest$/)
  const nox = '@nox.session\ndef tests(session):\n  session.install("pytest")\n  session.run("pytest")\n'
  expect((await commands({ ...tests, 'noxfile.py': nox })).at(-1)).toMatch(/ -e \. pytest$/)
})
