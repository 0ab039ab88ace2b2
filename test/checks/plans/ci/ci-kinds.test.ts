import { expect, test } from 'vitest'
import { readVersionWishes } from '../../../../src/checks/environment/version-wishes.ts'
import { readCi } from '../../../../src/checks/plans/ci/read-ci.ts'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const steps = (...lines: readonly string[]) =>
  `    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const job = (...lines: readonly string[]) => `jobs:\n  test:\n${steps(...lines)}`

async function plansOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files, ['pytest', 'pnpm', 'yarn']))
  return projects.flatMap(({ folder, setup, checks }) => {
    const commands = [...setup, ...checks.map(({ inFolder }) => inFolder)]
    return commands.length === 0 ? [] : [[folder, ...commands]]
  })
}

const scripts = (all: Files, more = '') => `{"scripts":${JSON.stringify(all)}${more}}`
const MEMBERS: Files = {
  'package.json': scripts({ 'test:kernel': 'pnpm --filter a run test:kernel' }),
  'pnpm-workspace.yaml': 'packages:\n  - packages/*\n',
  'pnpm-lock.yaml': '',
  'packages/a/package.json': scripts({ test: 'vitest run' }),
  'packages/b/package.json': scripts({ test: 'vitest run' }),
}
const INSTALL = 'pnpm install --frozen-lockfile'

test.each<[string, Files, readonly (readonly string[])[]]>([
  [
    'what rewrites snapshots is no test',
    { 'package.json': scripts({ test: 'jest' }), [CI]: job('yarn jest -u', 'npx vitest --update') },
    [['', 'npm test']],
  ],
  [
    'what only prints is no test',
    { 'composer.json': '{}', [CI]: job('./phpunit --warm-coverage-cache', './phpunit') },
    [['', 'composer install --no-interaction --no-progress', './phpunit']],
  ],
  [
    'tests with coverage are the same tests',
    {
      'package.json': scripts({
        test: 'mocha',
        'test:ci': 'npm test -- -b',
        'test-coverage:ci': 'c8 npm run test:ci',
      }),
      [CI]: job('npm run test:ci', 'npm run test-coverage:ci'),
    },
    [['', 'npm run test:ci']],
  ],
  [
    'members that CI names',
    {
      ...MEMBERS,
      [CI]: job('pnpm run test:kernel', 'pnpm --filter a run test', 'pnpm --filter b exec vitest --run src'),
    },
    [['', INSTALL, 'pnpm --filter a run test', 'pnpm --filter b exec vitest --run src']],
  ],
  [
    'a script of one member is less than those of all',
    { ...MEMBERS, [CI]: job('pnpm run test:kernel') },
    [['', INSTALL, 'pnpm --recursive --if-present run test']],
  ],
  [
    'a build by make in an earlier job',
    {
      'package.json': scripts({ test: 'make test' }, ',"workspaces":["a"]'),
      [CI]: `jobs:\n  build:\n${steps('make -j build-ci')}  test:\n${steps('yarn c8 jest --ci')}`,
      'a/package.json': '{"scripts":{}}',
    },
    [['', 'npm install --no-package-lock', 'make -j build-ci && npx --no-install jest']],
  ],
  [
    'the cell of a matrix that needs no service, with its variables',
    {
      'Cargo.toml': '[workspace]',
      [CI]: [
        'jobs:\n  test:\n    strategy:\n      matrix:\n        db: [pg, sqlite]\n    steps:',
        "      - run: sudo service postgresql start\n        if: matrix.db == 'pg'",
        "      - run: echo MORE=--x >> $GITHUB_ENV\n        if: runner.os == 'macOS'",
        `      - run: cargo xtask test a/*.json\n      - run: cargo xtask run-tests $DB $MORE\n        env:\n          DB: \${{ matrix.db }}`,
      ].join('\n'),
    },
    [['', 'cargo fetch', 'DB=sqlite cargo xtask run-tests sqlite']],
  ],
  [
    'a native build that alone is tested, beside a module of Go',
    {
      'go.mod': '',
      'CMakeLists.txt':
        'project(a)\nadd_executable(t EXCLUDE_FROM_ALL) add_executable(t EXCLUDE_FROM_ALL a.c)\nadd_custom_target(check COMMAND x)\nenable_testing()',
      [CI]: job('cd b && cmake -DX=1 ..', 'cd $A_BUILD_DIR && make check'),
    },
    [
      ['', 'go mod download'],
      [
        '',
        'cmake -S . -B /tmp/build -DX=1 && cmake --build /tmp/build --parallel 4 && cmake --build /tmp/build --parallel 4 --target check',
      ],
    ],
  ],
  [
    'make in the folder of tests',
    {
      'configure.ac': '',
      'Makefile.am': 'check_PROGRAMS = fuzz',
      'regress/Makefile': 'all:',
      [CI]: job('cd regress && make -j4'),
    },
    [['', 'autoreconf --force --install', './configure', 'make -j4 && make -C regress']],
  ],
  [
    'programs that nothing runs are no tests',
    { 'configure.ac': '', 'Makefile.am': 'check_PROGRAMS = fuzz' },
    [],
  ],
  [
    'tests that are only built, for another machine',
    {
      'configure.ac': '',
      'Makefile.am': 'TESTS = a',
      [CI]: job('./configure --host=x86_64-w64-mingw32', 'make check TESTS=""'),
    },
    [['', 'autoreconf --force --install', './configure', 'make -j4 && make check']],
  ],
  [
    'what tests of another language show',
    {
      'go.mod': '',
      'a_test.go': '',
      'tests/go/go.mod': '',
      'apps/android/build.gradle': "id 'com.android.application'",
      'apps/android/src/test/ATest.java': '',
    },
    [['', 'go mod download', 'go test ./...']],
  ],
  [
    'targets of nx',
    {
      'package.json': '{"workspaces":["a"]}',
      'yarn.lock': '',
      'a/package.json': '{}',
      [CI]: job('yarn nx affected --targets=lint,test,e2e-ci --configuration=ci --parallel=3'),
    },
    [['', 'yarn install --frozen-lockfile', 'yarn run nx run-many --targets=test --configuration=ci']],
  ],
  [
    'a script for tests on Node alone',
    { 'package.json': scripts({ 'test:browser': 'x', 'test:node': 'mocha' }) },
    [['', 'npm run test:node']],
  ],
  [
    'nx without scripts',
    { 'package.json': '{}', 'nx.json': '{}' },
    [['', 'npx --no-install nx run-many --targets=test']],
  ],
  [
    'trees of packages, of which CI leaves one out',
    { 'go.mod': '', [CI]: job('go test -parallel 8 ./cmd/... ./pkg/...') },
    [['', 'go mod download', 'go test -parallel=8 ./cmd/... ./pkg/...']],
  ],
  [
    'projects of a solution that CI tests one by one',
    {
      'a.slnx': '',
      'test/a.Tests/a.Tests.csproj': '',
      'test/b.Tests/b.Tests.csproj': '',
      [CI]: job('dotnet test test/a.Tests -f net8.0', 'dotnet test test/b.Tests -f net8.0'),
    },
    [['', 'dotnet restore', 'dotnet test test/a.Tests -f net8.0 && dotnet test test/b.Tests -f net8.0']],
  ],
  [
    'one of several steps',
    { 'build.zig': 'b.step("test", "")', [CI]: job('zig build test-a') },
    [['', 'zig build test']],
  ],
  [
    'a program of tests that the build makes, beside others that CI does not test',
    {
      'CMakeLists.txt': 'project(a)\nadd_test(x)',
      'package.json': scripts({ test: 'x' }),
      'Package.swift': '.testTarget',
      [CI]: job('cmake .', 'make -j', './flattests', 'swift test'),
    },
    [
      ['', 'swift test'],
      [
        '',
        'cmake -S . -B /tmp/build && cmake --build /tmp/build --parallel 4 && ctest --test-dir /tmp/build --output-on-failure',
      ],
    ],
  ],
  [
    'a build of what it is given',
    { 'package.json': scripts({ build: 'x', test: 'y' }), [CI]: job('npm run build all', 'npm test') },
    [['', 'npm run build all && npm test']],
  ],
  [
    'conditions in braces',
    {
      Gemfile: '',
      '.rspec': '',
      [CI]: `jobs: {a: {strategy: {matrix: {os: [macos-latest], include: [{a: ubuntu}]}}, steps: [{run: bundle exec cucumber, if: '\${{ !!matrix.c }}'}, {run: bundle exec rspec, if: "(matrix.a == 'c') == github.x"}]}}`,
    },
    [['', 'bundle install', 'bundle exec rspec']],
  ],
  [
    'a part of what waits in a browser',
    { 'package.json': scripts({ test: 'run-p start test:*', 'test:a': 'karma start', 'test:b': 'mocha' }) },
    [['', 'npm run test:b']],
  ],
  [
    'projects of a solution that CI tests in their folders',
    {
      'A.slnx': '',
      'tests/A/A.csproj': '',
      [CI]: 'jobs: {a: {defaults: {run: {working-directory: tests/A}}, steps: [run: dotnet test -f net9.0]}}',
    },
    [['', 'dotnet restore', 'dotnet test tests/A -f net9.0']],
  ],
  [
    'a job that checks the repository out to a folder of its own',
    {
      'go.mod': '',
      [CI]: 'jobs: {a: {defaults: {run: {working-directory: r/b}}, steps: [{uses: actions/checkout@v4, with: {path: r}}, {run: go test ./...}]}, c: {steps: [{uses: actions/checkout@v4, with: {path: r}}, {run: cd r/d && cargo test --all-features}]}}',
      'b/go.mod': '',
      'b/b_test.go': '',
      'd/Cargo.toml': '',
    },
    [
      ['', 'go mod download', 'go test ./...'],
      ['b', 'cd b && go mod download', 'go test ./...'],
      ['d', 'cd d && cargo fetch', 'cargo test --all-features'],
    ],
  ],
])('%s', async (_name, files, expected) => {
  expect(await plansOf(files)).toEqual(expected)
})

test('versions that CI installs of other tools are named', async () => {
  const project = projectOf({
    [CI]: 'jobs:\n  test:\n    steps:\n      - uses: erlef/setup-beam@v1\n        with: { elixir-version: 1.17, otp-version: 27 }\n      - uses: shivammathur/setup-php@v2\n        with: { php-version: 8.4 }\n',
    '.tool-versions': 'php 8.3\n',
  })
  const { unknown } = await readVersionWishes(project, (await readCi(project)).versions)
  expect(unknown.map(({ tool }) => tool)).toEqual(['php 8.3', 'elixir 1.17', 'erlang 27'])
})
