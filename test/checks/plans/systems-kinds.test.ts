import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { plannedChecks, plannedSetup, projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const uses = (action: string, inputs = '') =>
  `jobs:\n  test:\n    steps:\n      - uses: ${action}\n${inputs === '' ? '' : `        with: ${inputs}\n`}`
const ROOT = '[package]\nname = "a"\n[workspace]\n'
const MEMBER = '[package]\nname = "a-tests"\n'
const GRAMMAR = '{"scripts":{"test":"node --test"},"devDependencies":{"tree-sitter-cli":"1"}}'

async function commandsOf(files: Files): Promise<readonly string[]> {
  const project = projectOf(files)
  const { commands } = await plannedChecks(project)
  return [...(await plannedSetup(project)), ...commands]
}

test.each<[string, Files, readonly string[]]>([
  [
    'a package of a workspace that CI tests beside the one at the root, in the same job',
    { 'Cargo.toml': ROOT, 't/Cargo.toml': MEMBER, [CI]: job('cargo test', 'cargo test -p a-tests') },
    ['cargo fetch', 'cargo test -p a -p a-tests'],
  ],
  [
    'a package that CI tests by its manifest, and one in its folder with each feature',
    {
      'Cargo.toml': ROOT,
      't/Cargo.toml': MEMBER,
      'b/Cargo.toml': '[package]\nname = "b"\n',
      [CI]: job(
        'cargo test --all-features',
        'cargo test --manifest-path t/Cargo.toml',
        'cd b && cargo hack test --feature-powerset',
      ),
    },
    ['cargo fetch', 'cargo test -p a -p a-tests -p b --all-features'],
  ],
  [
    'a package that another job tests, with a toolchain of its own',
    {
      'Cargo.toml': ROOT,
      't/Cargo.toml': MEMBER,
      [CI]: `${job('cargo test')}  nightly:\n    steps:\n      - run: cargo test -p a-tests\n`,
    },
    ['cargo fetch', 'cargo test'],
  ],
  [
    'a package of which CI tests one case, and one outside of the workspace',
    {
      'Cargo.toml': `${ROOT}exclude = ["t"]\n`,
      't/Cargo.toml': MEMBER,
      [CI]: job('cargo test', 'cargo test -p b --test one', 'cargo test --manifest-path t/Cargo.toml'),
    },
    ['cargo fetch', 'cargo test'],
  ],
  [
    'a package that CI tests beside the whole workspace, with a feature',
    { 'Cargo.toml': ROOT, 't/Cargo.toml': MEMBER, [CI]: job('cargo test --all', 'cargo test -p a-tests') },
    ['cargo fetch', 'cargo test --workspace'],
  ],
  [
    'a target that starts programs which other targets build',
    {
      Makefile:
        'EXE=.bin\nall: unit chars$(EXE)\ntest:\n\t./unit\n\t@$(ENV) ./chars$(EXE) -v\nunit: a.c\n\t$(CC) -o unit a.c\nchars$(EXE): b.c\n\t$(CC) -o $@ b.c\n',
    },
    ['make unit chars.bin && make test'],
  ],
  [
    'a target that needs what it starts',
    { Makefile: 'test: unit\n\t./unit\nunit: a.c\n\t$(CC) -o unit a.c\n' },
    ['make test'],
  ],
  [
    'a target that starts a program of the repository',
    { Makefile: 'test:\n\t./runtests\nunit: a.c\n\t$(CC) -o unit a.c\n', runtests: '' },
    ['make test'],
  ],
  [
    'a target that builds by itself what it starts',
    { Makefile: 'test:\n\t$(CC) -o unit a.c\n\t./unit\nunit: a.c\n\t$(CC) -o unit a.c\n' },
    ['make test'],
  ],
  [
    'fixtures that a target unpacks before the tests of Go in an included makefile',
    { 'go.mod': '', 'a_test.go': '', Makefile: 'include c.mk\ntest: f/.unpacked common-test\n' },
    ['go mod download', 'make test'],
  ],
  [
    'an included makefile for the tests of Go, without fixtures, and fixtures that are there',
    { 'go.mod': '', 'a_test.go': '', 'f/b.txt': '', Makefile: 'include c.mk\ntest: f/b.txt common-test\n' },
    ['go mod download', 'go test ./...'],
  ],
  [
    'fixtures of a target that runs no tests of another makefile',
    { 'go.mod': '', 'a_test.go': '', Makefile: 'test: f/.unpacked lint\n' },
    ['go mod download', 'go test ./...'],
  ],
  [
    'a package of Lua whose tests CI starts under another name',
    {
      ...{ 'a-1.rockspec': '', 'tests/a.lua': '', Makefile: 'test:\n\tlua tests/a.lua\n' },
      [CI]: job('luarocks install luacov-coveralls', 'luarocks install luasec', 'luarocks make', 'make cov'),
    },
    ['luarocks install luasec', 'luarocks make', 'make test'],
  ],
  [
    'the dependencies of a package of Lua alone',
    { 'a-1.rockspec': '', [CI]: job('luarocks make --only-deps -- a-1.rockspec', 'luarocks test') },
    ['luarocks make --only-deps -- a-1.rockspec', 'luarocks test'],
  ],
  [
    'luarocks in a repository that is no package of Lua',
    { 'tests/a.lua': '', Makefile: 'test:\n\tlua tests/a.lua\n', [CI]: job('luarocks make', 'make cov') },
    ['make test'],
  ],
  [
    'a grammar, beside the tests of its bindings',
    { 'package.json': GRAMMAR, [CI]: uses('tree-sitter/parser-test-action@v3', '{test-node: true}') },
    ['npm install --no-package-lock', 'npx --no-install tree-sitter test', 'npm test'],
  ],
  [
    'a grammar without bindings that CI tests',
    { 'package.json': GRAMMAR, [CI]: uses('tree-sitter/parser-test-action@v3') },
    ['npm install --no-package-lock', 'npx --no-install tree-sitter test'],
  ],
  [
    'a grammar whose program only CI installs',
    {
      'package.json': '{"scripts":{"test":"node --test"}}',
      [CI]: uses('tree-sitter/parser-test-action@v3', '{test-node: true}'),
    },
    ['npm test'],
  ],
])('plans %s', async (_, files, commands) => {
  expect(await commandsOf(files)).toEqual(commands)
})

test('the action that tests a package of Julia is the evidence for its check', async () => {
  const files = { 'Project.toml': '', 'test/runtests.jl': '' }
  const tested = { ...files, [CI]: uses('julia-actions/julia-runtest@v1') }
  const other = { ...files, [CI]: uses('julia-actions/julia-runtest@v1', '{project: lib/b}') }
  const evidenceOf = async (all: Files) => {
    const { projects } = await detectRepository(projectOf(all))
    return projects.map(({ checks, evidence }) => [
      checks.map(({ command }) => command),
      (evidence ?? []).map(({ file }) => file),
    ])
  }
  const command = `julia --project -e 'using Pkg; Pkg.test()'`
  expect((await evidenceOf(tested))[0]?.[0]).toEqual([command])
  expect(JSON.stringify(await evidenceOf(tested))).toContain(CI)
  expect((await evidenceOf(other))[0]?.[0]).toEqual([command])
  expect(JSON.stringify(await evidenceOf(other))).not.toContain(CI)
})
