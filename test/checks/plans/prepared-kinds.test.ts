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
    'programs to try one by one, rocks that CI installs, and an option that starts tests in another tool',
    {
      'test/Makefile': ['a', 'b', 'c', 'd'].map((x) => `${x}_test: ${x}.c\n\tcc -o $@ ${x}.c\n`).join(''),
      'a-1.rockspec': 'busted',
      'fpm.toml': '[[test]]',
      [CI]: job('luarocks install --deps-only a-1.rockspec', 'busted -v', "fpm test --runner 'valgrind -q'"),
    },
    ['luarocks install --deps-only a-1.rockspec', 'busted -v', 'fpm test'],
  ],
  [
    'a cell of a matrix for a version to come',
    {
      'Cargo.toml': '[package]',
      [CI]: `jobs: {t: {strategy: {matrix: {include: [{rust: nightly, args: --all-features}, {rust: stable, args: --all-targets}]}}, steps: [{run: 'cargo test \${{matrix.args}}'}]}}`,
    },
    ['cargo fetch', 'cargo test --all-targets'],
  ],
  [
    'the usual version of a matrix, beside the oldest one',
    {
      'Cargo.toml': '[package]',
      [CI]: `jobs: {t: {strategy: {matrix: {rust: [1.55.0, stable]}}, steps: [{run: cargo test --features a, if: "matrix.rust == 'stable'"}]}}`,
    },
    ['cargo fetch', 'cargo test --features a'],
  ],
  [
    'features without which CI never tests',
    { 'Cargo.toml': '[package]', [CI]: job('cargo test --release --no-default-features --features=x') },
    ['cargo fetch', 'cargo test --release --no-default-features --features x'],
  ],
  [
    'a script with arguments and constants',
    {
      'Cargo.toml': '[package]',
      'ci/all.sh': 'F=$1\nQ=--features=q\ncargo test --features "$F" $Q $2\n',
      [CI]: job('ci/all.sh "f,g" --workspace'),
    },
    ['cargo fetch', 'cargo test --workspace --features f,g --features q'],
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
    'tests of Gradle without those of a project that another job tests',
    { 'build.gradle': '', 'src/test/ATest.java': '', [CI]: job('gradle check -x :core:test') },
    ['gradle --no-daemon --console=plain test'],
  ],
  [
    'projects of .NET for Windows alone, for a server, and by a configuration',
    {
      'a.sln': '"A.Tests.csproj", "A.Integration.Tests.csproj", "B.Tests.csproj"',
      'A.Tests.csproj':
        '<P><PropertyGroup><TargetFrameworks>net48;net9.0</TargetFrameworks></PropertyGroup></P>',
      'A.Integration.Tests.csproj': '',
      [CI]: job('dotnet test -c Debug a.sln', 'mono b.exe'),
      'B.Tests.csproj': `<P><PropertyGroup Condition=" '$(Configuration)' != 'Old' "><TargetFrameworks>net481;net8.0</TargetFrameworks></PropertyGroup><PropertyGroup Condition=" '$(Configuration)' == 'Old' "><TargetFrameworks>net472</TargetFrameworks></PropertyGroup></P>`,
    },
    ['dotnet restore a.sln', 'dotnet test A.Tests.csproj -f net9.0 && dotnet test B.Tests.csproj -f net8.0'],
  ],
  [
    'the part of the tests that CI runs anywhere, beside one that it runs with browsers, and no script for everything there',
    {
      'package.json': JSON.stringify({
        scripts: {
          test: 'npm run test-unit && npm run test-serve',
          'test-unit': 'vitest run',
          'test-serve': 'vitest run -c e2e.ts',
          validate: 'runner validate test',
        },
      }),
      [CI]: job('npx playwright install chromium', 'npm run test-serve', 'npm run validate'),
    },
    ['npm run test-unit'],
  ],
  [
    'the command of a script that needs no screen, though CI runs it as it is',
    {
      'package.json': JSON.stringify({
        scripts: { test: 'yarn lint && yarn vitest run && karma start --single-run' },
      }),
      [CI]: job('npm test'),
    },
    ['npx --no-install vitest run'],
  ],
  [
    'tests of the whole system alone, and a module of Go that only lists tools',
    {
      ...{ Gemfile: '', Rakefile: 'Minitest::TestTask', 'test/test_helper.rb': '' },
      ...{ 'test/system/a_test.rb': '', 'go.mod': 'module a\n\ntool (\n\tx/y\n)\n' },
    },
    ['go mod download', 'bundle install'],
  ],
  [
    'what conditions of a script leave, where they compare texts, and the variables that it sets',
    {
      'setup.py': '',
      'tests/test_a.py': '',
      [CI]: job(
        `|\n${[
          `if [ "${'$'}{{ matrix.kind }}" == "all" ]; then`,
          '  KIND="all"',
          'elif [[ "a" = "a" ]] && [ -n "b" ]; then',
          '  KIND="not slow and not live"',
          'else',
          '  exit 1',
          'fi',
          'if [ "$RUNNER" != "Windows" ]; then',
          '  MORE=-x',
          'fi',
          'if [ -z "x" ]; then',
          '  KIND=none',
          'fi',
          'LEVEL=2',
          'if [ -f a ]; then LEVEL=3; fi',
          'python -m pytest tests -m "$KIND" --jobs=4 -n $(grep -c ^processor /proc/cpuinfo)',
        ]
          .map((line) => `          ${line}\n`)
          .join('')}`,
      ).replace('steps:', 'strategy: {matrix: {kind: [some]}}\n    steps:'),
    },
    [
      'python3 -m venv .venv',
      '.venv/bin/python3 -m pip install --quiet -e . pytest',
      "python3 -m pytest tests -m 'not slow and not live' --jobs=4",
    ],
  ],
])('%s', async (_, files, expected) => {
  const project = projectOf(files)
  const [setup, { commands }] = [await plannedSetup(project), await plannedChecks(project)]
  expect([...setup, ...commands]).toEqual(expected)
})
