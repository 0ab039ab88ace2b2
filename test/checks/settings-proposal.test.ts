import { expect, test } from 'vitest'
import { correctSettings } from '../../src/checks/correct-settings.ts'
import { planEnvironment } from '../../src/checks/environment/plan-environment.ts'
import { parseRepoSettings } from '../../src/checks/repo-settings.ts'
import type { CheckResult } from '../../src/checks/run-checks.ts'
import { PROPOSED_PATH, type ProposedCommand, proposeSettings } from '../../src/checks/settings-proposal.ts'
import { settingsText } from '../../src/checks/settings-text.ts'
import { projectOf } from './project-of.ts'

const OPEN = { egress: { hosts: [], ecosystems: false, repositories: [] }, templates: [], home: '/home/user' }
const passed = (command: string): CheckResult => ({ command, exitCode: 0, durationMs: 2100, tail: '' })

/** One repository of each ecosystem, and some that are several. */
const REPOSITORIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  npm: { 'package.json': '{"scripts":{"test":"node --test","lint":"eslint ."}}', 'package-lock.json': '{}' },
  pnpm: { 'package.json': '{"scripts":{"test":"vitest"}}', 'pnpm-lock.yaml': '' },
  yarn: { 'package.json': '{"scripts":{"test":"jest"}}', 'yarn.lock': '' },
  bun: { 'package.json': '{"scripts":{"test":"bun test"}}', 'bun.lock': '' },
  deno: { 'deno.json': '{"tasks":{"test":"deno test -A"}}' },
  python: { 'pyproject.toml': '[project]\nname = "a"\n', 'tests/test_a.py': 'def test_a(): pass\n' },
  uv: { 'pyproject.toml': '[project]\nname = "a"\n', 'uv.lock': '', 'tests/test_a.py': '' },
  poetry: { 'pyproject.toml': '[tool.poetry]\nname = "a"\n', 'poetry.lock': '', 'tests/test_a.py': '' },
  go: { 'go.mod': 'module a\n', 'a_test.go': 'package a\n' },
  rust: { 'Cargo.toml': '[package]\nname = "a"\n[workspace]\n', 'src/lib.rs': '' },
  maven: { 'pom.xml': '<project/>', 'src/test/java/ATest.java': '' },
  gradle: { 'build.gradle': '', gradlew: '', 'src/test/java/ATest.java': '' },
  ruby: { Gemfile: '', Rakefile: 'task :test', '.rspec': '' },
  php: { 'composer.json': '{"scripts":{"test":"phpunit"}}' },
  dotnet: {
    'a.sln': 'Project("{F}") = "T", "T\\T.csproj", "{G}"\n',
    'T/T.csproj': '<Project><ItemGroup><PackageReference Include="xunit" /></ItemGroup></Project>',
    'T/ATests.cs': '',
  },
  cmake: {
    'CMakeLists.txt': 'project(a)\nenable_testing()\nadd_test(NAME a COMMAND a)\n',
    'tests/test_a.c': '',
  },
  meson: { 'meson.build': "project('a', 'c')\ntest('a', executable('a', 'a.c'))\n" },
  make: { Makefile: 'test:\n\ttrue\n' },
  swift: { 'Package.swift': '.testTarget(name: "ATests")', 'Tests/ATests.swift': '' },
  elixir: { 'mix.exs': '', 'test/a_test.exs': '' },
  dart: { 'pubspec.yaml': '', 'test/a_test.dart': '' },
  sbt: { 'build.sbt': '' },
  'odd folder': { "it's: odd/package.json": '{"scripts":{"test":"node --test"}}' },
  several: {
    'package.json': '{"scripts":{"test":"node --test"}}',
    'package-lock.json': '{}',
    'api/pyproject.toml': '[project]\nname = "a"\n',
    'api/tests/test_a.py': '',
    'tools/go/go.mod': 'module a\n',
    'tools/go/a_test.go': 'package a\n',
  },
  container: {
    'package.json': '{"scripts":{"test":"node --test"}}',
    '.devcontainer/devcontainer.json':
      '{"postCreateCommand":"echo \\"hi: # there\\"","containerEnv":{"A":"1"}}',
  },
}

test.each(Object.entries(REPOSITORIES))('%s: the proposed file says what was detected', async (_, files) => {
  const plan = await planEnvironment(projectOf(files), OPEN)
  const proposed = proposeSettings(plan.repository)
  const written = settingsText({ ...proposed, env: plan.environment.variables }, ['Found by Backspace'])
  expect(written?.without).toEqual([])
  const read = parseRepoSettings(written?.text ?? '', PROPOSED_PATH)
  expect(read.problems).toEqual([])
  const commands = (list: readonly ProposedCommand[]) => list.map(({ command }) => command)
  expect(read.setup ?? []).toEqual(commands(proposed.setup))
  expect(read.checks ?? []).toEqual(commands(proposed.checks))
  expect(read.env).toEqual(plan.environment.variables)
  const own = projectOf({ ...files, [PROPOSED_PATH]: written?.text ?? '' })
  const again = await planEnvironment(own, OPEN)
  if (proposed.checks.length > 0) expect(again.checks.commands).toEqual(commands(proposed.checks))
  if (proposed.setup.length > 0)
    expect(again.setup.flatMap((one) => one.commands)).toEqual(commands(proposed.setup))
})

test('what failed stays as a comment with the reason, and a list of failures alone is no key', () => {
  const projectOn = (
    folder: string,
    { setup, check }: { readonly setup: readonly string[]; readonly check: string },
  ) => ({
    folder,
    ecosystem: 'Any',
    source: `${folder || 'root'}/manifest`,
    setup,
    checks: [{ command: check, folder, inFolder: check, ecosystem: 'Any' }],
    covers: [],
  })
  const web = {
    ...projectOn('', { setup: ['npm ci'], check: 'npm test' }),
    evidence: [{ file: 'ci.yml', job: 'test', line: 3, says: 'npm run test' }],
  }
  const api = {
    ...projectOn('api', { setup: ['make venv', 'make install'], check: 'make check' }),
    evidence: [{ file: 'Justfile', line: 7, says: 'just check' }],
  }
  const py = {
    ...projectOn('py', {
      setup: ['cd py && .venv/bin/python3 -m pip install --quiet a'],
      check: 'python3 -m pytest -x',
    }),
    evidence: [
      { file: 'ci.yml', line: 9, says: 'python -m pytest -x' },
      { file: 'ci.yml', line: 8, says: 'pip install a b' },
    ],
  }
  const lib = projectOn('lib', { setup: [], check: 'make lib' })
  const demo = projectOn('examples/demo', { setup: ['npm ci demo'], check: 'npm test demo' })
  const plan = {
    projects: [web, api, py, lib, demo],
    baseline: [web],
    containerSetup: { commands: ['postCreate'], source: 'devcontainer.json' },
  }
  const tried = (command: string): CheckResult | undefined => {
    if (command === 'make install') return { ...passed(command), exitCode: 2 }
    if (command === 'make check') return undefined
    if (command === 'make lib')
      return { ...passed(command), exitCode: 1, tests: { passed: 410, failed: 1, skipped: 0 } }
    if (command === 'npm test') return { ...passed(command), tests: { passed: 34, failed: 0, skipped: 1 } }
    return passed(command)
  }
  expect(settingsText(proposeSettings(plan, tried), ['Head\nnpm: evil'])?.text).toMatchInlineSnapshot(`
    "# Head npm: evil

    setup:
      - npm ci # root/manifest: passed in 2.1 s
      - make venv # api/manifest: passed in 2.1 s
      # - make install # api/manifest: failed (exit code 2)
      - cd py && .venv/bin/python3 -m pip install --quiet a # ci.yml, line 8: passed in 2.1 s
      - postCreate # devcontainer.json: passed in 2.1 s

    checks:
      - npm test # ci.yml, job test, line 3: 34 tests passed in 2.1 s
      # - make check # Justfile, line 7: was not run
      - python3 -m pytest -x # ci.yml, line 9: passed in 2.1 s
      - make lib # lib/manifest: 1 of 411 tests failed
      # - npm test demo # examples/demo/manifest: left out, since it would run each time
    "
  `)
  const none = proposeSettings(plan, (command) => ({ ...passed(command), exitCode: 2 }))
  expect(settingsText(none)).toBeUndefined()
  const checks = proposeSettings(plan, (command) => ({
    ...passed(command),
    exitCode: /test/.test(command) ? 1 : 0,
  }))
  expect(settingsText({ ...checks, checks: checks.checks.slice(0, 1) })?.text).toContain(
    '# checks: without this key, Backspace looks for itself\n  # - npm test',
  )
})

test('whatever a command holds, the file says it or names it as left out', () => {
  const odd = [
    'a: b # c',
    '- x',
    "it's",
    '"q"',
    'true',
    '{a}',
    'x\ny',
    '  spaced',
    'a\u202eb',
    'a\u0007',
    '`',
  ].map((command) => ({ command, source: 'evil\nchecks: [x]' }))
  const written = settingsText({
    setup: [],
    checks: [...odd, { command: 'npm test', source: 'package.json' }],
  })
  expect(parseRepoSettings(written?.text ?? '', PROPOSED_PATH)).toMatchObject({
    checks: ['a: b # c', '- x', "it's", '"q"', 'true', '{a}', 'x\ny', '`', 'npm test'],
    problems: [],
  })
  expect(written?.without.map(({ command }) => command)).toEqual(['  spaced', 'a\u202eb', 'a\u0007'])
  const many = Array.from({ length: 120 }, (_, index) => ({
    command: `cd "packages/some-long-name-${index}" && npm run 'test:${index}' -- --reporter="{dot}"`,
    source: `packages/some-long-name-${index}/package.json`,
  }))
  const cut = settingsText({ setup: many, checks: many })
  expect(cut?.without.length).toBeGreaterThan(100)
  expect(parseRepoSettings(cut?.text ?? '', PROPOSED_PATH).problems).toEqual([])
})

test('a file is corrected in its two lists alone', () => {
  const text = `# Ours
env:
  A: "1" # keep
checks: [npm test, npm run gone] # two
# Services
services:
  redis: redis-server
`
  const checks = [
    { command: 'npm test', source: PROPOSED_PATH, result: passed('npm test') },
    { command: 'npm run gone', source: PROPOSED_PATH, leftOut: 'failed (exit code 1)' },
  ]
  expect(correctSettings(text, { setup: [], checks })).toBe(`# Ours
env:
  A: "1" # keep
checks:
  - npm test # .github/backspace.yml: passed in 2.1 s
  # - npm run gone # .github/backspace.yml: failed (exit code 1)
# Services
services:
  redis: redis-server
`)
  const block = 'checks:\n  # quick ones\n  - npm test\n  - npm run gone\n\nenv:\n  A: b\n'
  expect(
    correctSettings(block, { setup: [{ command: 'npm ci', source: 'package-lock.json' }], checks }),
  ).toBe(`checks:
  - npm test # .github/backspace.yml: passed in 2.1 s
  # - npm run gone # .github/backspace.yml: failed (exit code 1)
  # quick ones

env:
  A: b

setup:
  - npm ci # package-lock.json
`)
  expect(correctSettings('{checks: [a, b]}\n', { setup: [], checks })).toBeUndefined()
  expect(correctSettings('checks: [\n', { setup: [], checks })).toBeUndefined()
})
