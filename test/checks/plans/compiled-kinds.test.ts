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
  [
    'a workspace of Rust that names its default members, tests behind a feature, and options before the command',
    { 'Cargo.toml': '[workspace]\ndefault-members = ["a"]\n[features]\ntest = []\n' },
    ['cargo fetch', 'cargo test --features test'],
  ],
  [
    'cargo by an action, with options before its command',
    {
      'Cargo.toml': '[workspace]',
      [CI]: `jobs: {t: {steps: [{uses: actions-rs/cargo@v1, with: {command: --locked test, args: --all --all-features}}]}}`,
    },
    ['cargo fetch', 'cargo test --workspace --all-features'],
  ],
  [
    'packages of Rust that CI tests one by one, and a report of coverage',
    {
      'Cargo.toml': '[workspace]',
      [CI]: job(
        ...['cargo test -p a', 'cargo test -p a --all-features', 'cargo test -p b --all-features'],
        ...['cargo llvm-cov clean --workspace', 'cargo +nightly test -p c --doc'],
      ),
    },
    ['cargo fetch', 'cargo test -p a -p b --all-features'],
  ],
  [
    'a target of make that unpacks what the tests of Go need',
    { 'go.mod': '', 'a_test.go': '', Makefile: 'test: f/.made\n\t$(GO) test $(pkgs)\n' },
    ['go mod download', 'make test'],
  ],
  [
    'a target of make that generates what the tests of Go need, by another target',
    {
      ...{ 'go.mod': '', 'a_test.go': '' },
      Makefile: 'test: stubs\n\tgo test ./...\nstubs:\n\tgo run ./stubs\n',
    },
    ['go mod download', 'make test'],
  ],
  [
    'a target of make that only needs programs',
    { 'go.mod': '', 'a_test.go': '', Makefile: 'test: vet bin/x\n\tgo test ./...\n' },
    ['go mod download', 'go test ./...'],
  ],
  [
    'a build that is for a larger one around it',
    {
      'CMakeLists.txt':
        'project(a)\nadd_library(B::a ALIAS a)\ntarget_link_libraries(a PUBLIC B::a B::core)\nadd_test(a a)\n',
    },
    [],
  ],
  [
    'a target of tests that only compiles, a program of tests that CI compiles by hand, and a target that only lints',
    {
      Makefile: 'check: lint\nlint:\n\tscripts/lint.sh\n',
      'build/makefile': 'tests: bin/a\nbin/a:\n\tg++ -o bin/a a.cc\n',
      [CI]: job(
        'make check',
        'cd build && mkdir -p bin && g++ -c a.cc && g++ a.o -o bin/unittests && ./bin/unittests',
      ),
    },
    ['cd build && mkdir -p bin && g++ -c a.cc && g++ a.o -o bin/unittests && ./bin/unittests'],
  ],
  [
    'one cell of a matrix of objects for each way to build',
    {
      'CMakeLists.txt': 'project(a)\noption(A_CSTEST "" OFF)\nenable_testing()\nadd_test(a a)\n',
      [CI]: `jobs: {t: {strategy: {matrix: {c: [{os: ubuntu, by: make}, {os: ubuntu, by: cmake}, {os: windows, by: x}]}}, steps: [{run: cmake -DA_CSTEST=ON ., if: "matrix.c.by == 'cmake'"}]}}`,
    },
    [`${BUILT.replace(' &&', ' -DA_CSTEST=ON &&')} && ${RUN}`],
  ],
  [
    'tests by DejaGnu, and a recipe of just with what only CI gives it',
    {
      'configure.ac': '',
      'a/Makefile.am': 'AUTOMAKE_OPTIONS = foreign dejagnu',
      justfile: 'test env="x": (_run env)\n_run env:\n  podman run x\n',
    },
    ['autoreconf --force --install', './configure', 'make -j4 && make check'],
  ],
  [
    'a recipe of just that starts a container unless CI says otherwise',
    {
      justfile: 'test env="x": (_run env)\n_run env:\n  podman run x\n',
      [CI]: job('PATH=$GITHUB_WORKSPACE/bin:$PATH just test local'),
    },
    ['just test local'],
  ],
  [
    'an app for Android in a folder that CI only builds',
    {
      'platforms/android/build.gradle': "plugins { id 'com.android.application' }",
      [CI]: job('cd platforms/android && ./gradlew build'),
    },
    [],
  ],
  [
    'a version of Scala that a matrix chooses, in one word with the task',
    { 'build.sbt': '', [CI]: job(`sbt '++ \${{ matrix.a }}; githubCheck'`, `sbt '++ 2.13; validateJVM'`) },
    ['sbt validateJVM'],
  ],
  [
    'projects of .NET for Windows alone, for a server, and by a configuration',
    {
      'a.sln': '"A.Tests.csproj", "A.Integration.Tests.csproj", "B.Tests.csproj"',
      'A.Tests.csproj':
        '<P><PropertyGroup><TargetFrameworks>net48;net9.0</TargetFrameworks></PropertyGroup></P>',
      'A.Integration.Tests.csproj': '',
      'B.Tests.csproj': `<P><PropertyGroup Condition=" '$(Configuration)' != 'Old' "><TargetFrameworks>net481;net8.0</TargetFrameworks></PropertyGroup><PropertyGroup Condition=" '$(Configuration)' == 'Old' "><TargetFrameworks>net472</TargetFrameworks></PropertyGroup></P>`,
    },
    ['dotnet restore a.sln', 'dotnet test A.Tests.csproj -f net9.0 && dotnet test B.Tests.csproj -f net8.0'],
  ],
])('%s', async (_, files, expected) => {
  const project = projectOf(files)
  const [setup, { commands }] = [await plannedSetup(project), await plannedChecks(project)]
  expect([...setup, ...commands]).toEqual(expected)
})
