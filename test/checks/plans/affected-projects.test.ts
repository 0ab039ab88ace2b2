import { expect, test } from 'vitest'
import { affectedProjects, partsNotRun } from '../../../src/checks/plans/affected-projects.ts'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>

const json = (scripts: Record<string, string>, rest: object = {}) => JSON.stringify({ scripts, ...rest })
const TESTED = json({ test: 'node --test' })
const PYTEST = '[project]\nname = "a"\n[tool.pytest.ini_options]\n'

const detect = (files: Files) => detectRepository(projectOf(files))

async function affected(files: Files, ...changed: readonly string[]) {
  const { projects: reached, notChecked } = affectedProjects(await detect(files), changed)
  return {
    checks: reached.flatMap(({ checks }) => checks.map(({ command }) => command)),
    not: notChecked.map(({ path, reason }) => `${path}: ${reason}`),
  }
}

test('a change reaches the innermost project of its language, and what none covers is named', async () => {
  const files = {
    'package.json': TESTED,
    'api/pyproject.toml': PYTEST,
    'api/static/package.json': json({ build: 'x' }, { devDependencies: { a: '1' } }),
    'core/go.mod': '',
  }
  const [root, api, core] = ['npm test', 'cd api && python3 -m pytest', 'cd core && go test ./...']
  expect(await affected(files, 'src/a.ts')).toEqual({ checks: [root], not: [] })
  expect(await affected(files, 'api/app/a.py', 'README.md')).toEqual({ checks: [api], not: [] })
  expect(await affected(files, 'api/data.json', 'core/a.sql')).toEqual({ checks: [api, core], not: [] })
  expect(await affected(files, 'api/static/a.py')).toEqual({ checks: [api], not: [] })
  expect(await affected(files, 'api/static/a.ts')).toEqual({
    checks: [],
    not: ['api/static: no check covers it'],
  })
  expect(await affected(files, 'scripts/a.py', 'scripts/b/c.py', 'Main.java')).toEqual({
    checks: [],
    not: ['scripts: no check covers files of Python', 'Main.java: no check covers files of Java'],
  })
  expect(await affected(files, 'docs/a.md', '.github/workflows/ci.yml', 'LICENSE')).toEqual({
    checks: [],
    not: [],
  })
  expect(await affected(files, 'package-lock.json', 'api/requirements.txt')).toEqual({
    checks: [root, api],
    not: [],
  })
})

test('a makefile covers the files beside it whose own language has no check', async () => {
  const files = {
    Makefile: 'test:\n\tpython3 -m unittest\n',
    'greet.py': '',
    'test_greet.py': '',
    'x/test_x.py': '',
  }
  expect((await detect(files)).untested).toEqual([])
  expect(await affected(files, 'greet.py')).toEqual({ checks: ['make test'], not: [] })
  const ruby = await affected({ ...files, Gemfile: '', 'lib/a.rb': '' }, 'lib/a.rb')
  expect(ruby).toEqual({ checks: ['make test'], not: [] })
})

test('a member that is tested alone reaches the workspace that uses it, too', async () => {
  const files = {
    'package.json': json({ test: 'node --test test/' }, { workspaces: ['packages/*'] }),
    'packages/a/package.json': TESTED,
  }
  expect(await affected(files, 'packages/a/index.js')).toEqual({
    checks: ['npm test', 'cd packages/a && npm test'],
    not: [],
  })
})

test('what a workspace without checks installs reaches its members', async () => {
  const files = {
    'pyproject.toml': '[tool.uv.workspace]\nmembers = ["api"]',
    'uv.lock': '',
    'api/pyproject.toml': PYTEST,
    'docs/requirements.txt': 'sphinx',
  }
  expect(await affected(files, 'uv.lock')).toEqual({
    checks: ['cd api && uv run --frozen python3 -m pytest'],
    not: [],
  })
  expect(await affected(files, 'docs/a.yml')).toEqual({ checks: [], not: [] })
  expect(await affected(files, 'docs/conf.py')).toEqual({ checks: [], not: ['docs: no check covers it'] })
})

test('more projects than can be checked are named', async () => {
  const names = Array.from({ length: 10 }, (_, index) => `m${index}`)
  const files = Object.fromEntries(names.map((name) => [`${name}/go.mod`, '']))
  const { checks, not } = await affected(
    { 'go.mod': '', ...files },
    'a.go',
    ...names.map((name) => `${name}/a_test.go`),
  )
  expect(checks).toHaveLength(9)
  expect(not).toEqual(['m8: more than 8 projects are affected', 'm9: more than 8 projects are affected'])
})

test('if the settings name the checks, nothing else is claimed', async () => {
  const project = projectOf({ 'package.json': TESTED, 'api/go.mod': '' })
  const checks = { commands: ['make all'], source: '.github/backspace.yml' }
  expect(affectedProjects(await detectRepository(project, { checks }), ['api/a.go', 'x.py'])).toEqual({
    projects: [],
    notChecked: [],
  })
  const setup = { commands: ['./setup.sh'], source: '.github/backspace.yml' }
  const { projects: found } = await detectRepository(project, { setup })
  expect(found.flatMap((one) => one.setup)).toEqual([])
})

test('a project whose checks could not run is named with the reason', async () => {
  const { projects: found } = await detect({ 'package.json': TESTED, 'api/pyproject.toml': PYTEST })
  const ended = { exitCode: 127, durationMs: 1, tail: '' }
  const cause = { kind: 'cannot_run', text: 'could not run: pytest is not installed' } as const
  const results = [
    { ...ended, command: 'npm test', exitCode: 1 },
    { ...ended, command: 'cd api && python3 -m pytest', cause },
  ]
  expect(partsNotRun(found, results)).toEqual([
    { path: 'api', reason: '`cd api && python3 -m pytest` could not run: pytest is not installed' },
  ])
})
