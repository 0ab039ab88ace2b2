import { expect, test } from 'vitest'
import { plannedChecks, plannedSetup, projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const BUILT = 'cmake -S . -B /tmp/build && cmake --build /tmp/build --parallel 4'
const RUN = 'ctest --test-dir /tmp/build --output-on-failure'

test.each<[string, Files, readonly string[]]>([
  [
    'tests of autotools that are off unless they are asked for, and a target in quotes',
    {
      'configure.ac':
        'AC_ARG_ENABLE([tests-build],\n[AS_HELP_STRING([--enable-tests-build], [x])],\n[t=$enableval],\n[t=no])\nAC_ARG_ENABLE([tests], [x], [], [t=yes])\nAC_ARG_ENABLE([docs], [x], [], [d=no])\n',
      'Makefile.am': 'TESTS = a',
      [CI]: job('make "distcheck" DISTCHECK_CONFIGURE_FLAGS=--x'),
    },
    ['autoreconf --force --install', './configure --enable-tests-build', 'make -j4 && make check'],
  ],
  [
    'tests of Meson in a folder that the root does not reach',
    { 'meson.build': "project('a')\nsubdir('src')\n", 'examples/meson.build': "test('a', a)\n" },
    [],
  ],
  [
    'tests of Meson in a folder whose name is computed',
    { 'meson.build': "project('a')\nsubdir(x)\n", 't/meson.build': "test('a', a)\n" },
    ['meson setup /tmp/build . && meson test -C /tmp/build --print-errorlogs'],
  ],
  [
    'a build folder beside the workspace',
    {
      'CMakeLists.txt': 'project(a)\nenable_testing()\nadd_test(a a)\n',
      [CI]: `jobs:\n  test:\n    steps:\n      - run: ctest -E slow\n        working-directory: \${{runner.workspace}}/build\n`,
    },
    [`${BUILT} && ${RUN} -E slow`],
  ],
  [
    'a target of make that gets sources from elsewhere, by what it needs',
    { Makefile: 'test: build\nbuild: $(SPEC)\n\t./x\n$(SPEC):\n\tgit clone https://a.test/b $(SPEC)\n' },
    [],
  ],
  [
    'a recipe of just after one that only looks like a setting, and an assignment that looks like a target',
    {
      Makefile: 'a-b := c\ntests:= d\n',
      justfile: 'set shell := ["sh"]\nsetup:\n  x\n@test *args: setup\n  y\n',
    },
    ['just test'],
  ],
  [
    'the configuration of another folder, and no tests beyond those that CI asks for',
    {
      'CMakeLists.txt':
        'project(a)\noption(A_BUILD_TESTS "" OFF)\noption(A_BUILD_TESTS_NET "" OFF)\nadd_test(a a)\n',
      [CI]: job('cmake -S test -B build -DTEST_INSTALLED=1', 'cmake -B build -DA_BUILD_TESTS=ON', 'ctest'),
    },
    [`${BUILT.replace(' &&', ' -DA_BUILD_TESTS=ON &&')} && ${RUN}`],
  ],
  [
    'a program of tests that is built from the folder of the tests',
    {
      'CMakeLists.txt': 'project(a)\n',
      'tests/CMakeLists.txt': 'project(b)\n',
      [CI]: job(
        `cmake -S \${{github.workspace}}/tests -B \${{github.workspace}}/build`,
        `\${{github.workspace}}/build/a_tests -x`,
      ),
    },
    [
      `cd tests && ${BUILT.replaceAll('build ', 'build-tests ').replace('--build-tests', '--build')} && /tmp/build-tests/a_tests -x`,
    ],
  ],
  [
    'tests by another language in a folder of tests with a target of make, beside examples',
    {
      'CMakeLists.txt': 'project(a)\n',
      'test/Makefile': 'test:\n\tx\n',
      'examples/meson.build': "project('a')\ntest('a', a)\n",
      [CI]: job('sudo gem install rspec', 'cd test && rake ci'),
    },
    ['cd test && gem install rspec', 'cd test && rake ci'],
  ],
  [
    'an empty list of features from another combination of a matrix',
    { 'Cargo.toml': '[package]', [CI]: job('cargo test --features ""') },
    ['cargo fetch', 'cargo test'],
  ],
  [
    'each feature of Rust alone',
    { 'Cargo.toml': '[package]', [CI]: job('cargo hack test --feature-powerset --depth 2') },
    ['cargo fetch', 'cargo test --all-features'],
  ],
  [
    'each feature of Rust alone without one',
    {
      'Cargo.toml': '[workspace]',
      [CI]: job('cargo hack test --each-feature --exclude-features a --workspace'),
    },
    ['cargo fetch', 'cargo test --workspace'],
  ],
  [
    'a manifest of Go for the tests, in a job with a service',
    {
      'go.mod': '',
      'a_test.go': '',
      [CI]: `jobs:\n  test:\n    services: { nats: { image: nats } }\n    steps:\n      - run: go test -modfile=t.mod -v ./...\n`,
    },
    ['go mod download', 'go test -modfile=t.mod ./...'],
  ],
  [
    'a workspace of Go with a module of tests, and one that it does not use',
    {
      ...{ 'go.mod': '', 'a.go': '', 'go.work': 'use (\n\t.\n\t./b\n\t./tests\n)\n' },
      ...{ 'b/go.mod': '', 'b/b_test.go': '', 'c/go.mod': '', 'c/c_test.go': '' },
      ...{ 'tests/go.mod': '', 'tests/t_test.go': '' },
    },
    ['go mod download', 'go test ./... ./b/... ./tests/...'],
  ],
])('%s', async (_, files, expected) => {
  const project = projectOf(files)
  const [setup, { commands }] = [await plannedSetup(project), await plannedChecks(project)]
  expect([...setup, ...commands]).toEqual(expected)
})
