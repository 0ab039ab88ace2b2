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
    'a build for Android beside the one that is tested',
    {
      'CMakeLists.txt': 'project(a)\nenable_testing()\nadd_test(a a)\n',
      [CI]: job(
        'cmake -S . -B build -DANDROID_ABI=x86 -DA=1',
        'cmake -S . -B build -DB=2',
        'ctest --test-dir build',
      ),
    },
    [`cmake -S . -B /tmp/build -DB=2 && cmake --build /tmp/build --parallel 4 && ${RUN}`],
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
    "OpenResty's dist.ini, and tests with modules beside the repository",
    {
      'dist.ini': 'name=a\n',
      Makefile: 'PROVE=A=1 prove -I../b/lib -r t\ntest:\n\t$(PROVE)\ncheck:\n\tluacheck lib\n',
      't/a.t': '',
    },
    [],
  ],
  [
    'a test program that CI builds by its own target, in a folder with a dot, and not the header that is made for users',
    {
      'CMakeLists.txt':
        'project(a)\nenable_testing()\nadd_executable(a_tests EXCLUDE_FROM_ALL a.c)\nadd_test(NAME a COMMAND a_tests)\n',
      'build.xml': '<target name="test">',
      [CI]: job(
        'cmake -B build.a -DA_SINGLE_HEADER=ON -DB=1',
        'cd build.a && make a_tests',
        'cd build.a && ctest',
      ),
    },
    [
      `${BUILT.replace(' &&', ' -DB=1 &&')} && cmake --build /tmp/build --parallel 4 --target a_tests && ${RUN}`,
    ],
  ],
  [
    'the only features that CI tests with, beside an example',
    {
      'Cargo.toml': '[workspace]',
      [CI]: job('cargo test --features "a b" --no-default-features && cargo test --example c'),
    },
    ['cargo fetch', 'cargo test --features a,b --no-default-features'],
  ],
  [
    'a target of make in a text for people that starts containers',
    { Makefile: 'test: image\n\tbasht a\nimage:\n\tdocker build .\n', 'README.md': '```\nmake test\n```\n' },
    [],
  ],
  [
    'the part of a script of Composer for PHPUnit, beside behat',
    { 'composer.json': '{"scripts":{"test":["@lint","@phpunit","@behat"],"phpunit":"x"}}' },
    ['composer install --no-interaction --no-progress', 'composer phpunit'],
  ],
  [
    'PHPUnit with a report, and not that of a version below the first of a matrix',
    {
      'composer.json': '{}',
      [CI]: [
        'jobs:\n  t:\n    strategy:\n      matrix:\n        php: [8.3, 5.6]\n    steps:',
        '      - run: vendor/bin/phpunit --coverage-text -c a.xml\n        if: matrix.php >= 7.3',
        '      - run: vendor/bin/phpunit -c old.xml\n        if: matrix.php < 7.3',
      ].join('\n'),
    },
    ['composer install --no-interaction --no-progress', 'vendor/bin/phpunit -c a.xml'],
  ],
  [
    'tests of Ruby and Elixir, and a task that only checks files',
    {
      Gemfile: '',
      'mix.exs': '',
      [CI]: job('bundle exec rake test', 'bundle exec rake assets:check', 'mix test.all'),
    },
    ['mix deps.get', 'bundle install', 'mix test.all', 'bundle exec rake test'],
  ],
  [
    'several projects of Gradle in one line, without a native image',
    { 'build.gradle': '', gradlew: '', [CI]: job('./gradlew apiCheck :a:check :b:check :c:nativeTest') },
    ['sh ./gradlew --no-daemon --console=plain apiCheck :a:check :b:check'],
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
