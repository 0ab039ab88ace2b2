import { expect, test } from 'vitest'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`

async function checksOf(files: Files): Promise<readonly string[]> {
  const { projects } = await detectRepository(projectOf(files, ['pnpm', 'yarn']))
  return projects.flatMap(({ checks }) => checks.map(({ inFolder }) => inFolder))
}

test.each<[string, Files, readonly string[]]>([
  [
    'Kotlin for several platforms, with folders of its own',
    { 'build.gradle.kts': 'kotlin("multiplatform")', gradlew: '', 'core/common/test/ATest.kt': '' },
    ['sh ./gradlew --no-daemon --console=plain allTests'],
  ],
  [
    'a workspace of melos',
    {
      'pubspec.yaml': 'dev_dependencies:\n  melos: ^3.0.0\n',
      'melos.yaml': '',
      [CI]: job('melos run test --no-select'),
    },
    ['dart run melos run test --no-select'],
  ],
  [
    'a script of composer',
    { 'composer.json': '{"scripts":{"run-tests":"x"}}', 'phpunit.xml.dist': '' },
    ['composer run-tests'],
  ],
  [
    'settings of PHPUnit in a part of a larger repository, which does not install it',
    { 'composer.json': '{"require-dev":{"psr/log":"1"}}', 'phpunit.xml.dist': '' },
    [],
  ],
  [
    'Kotlin for several platforms',
    { 'build.gradle': 'kotlin { jvm() }', gradlew: '', 'src/commonTest/kotlin/ATest.kt': '' },
    ['sh ./gradlew --no-daemon --console=plain jvmTest'],
  ],
  [
    'trees of packages, each in its own command',
    { 'go.mod': '', [CI]: job('go test ./store/...', 'go test ./cmd/... ./internal/...') },
    ['go test ./...'],
  ],
  [
    'one alias of Clojure among several',
    { 'project.clj': '', [CI]: job('clojure -X:test:test-regression') },
    ['lein test'],
  ],
  [
    'clj, and where its reports go',
    { 'deps.edn': '', 'mix.exs': '', [CI]: job('clj -X:dev:test', 'mix test --export-coverage default') },
    ['mix test', 'clojure -X:dev:test'],
  ],
  [
    'a root of Elixir that passes its tasks on',
    { 'mix.exs': 'aliases: [test: cmd("test")]', 'nx/mix.exs': '', 'nx/test/a_test.exs': '' },
    ['mix test'],
  ],
  [
    'where a report of Dart goes',
    { 'pubspec.yaml': '', 'test/a_test.dart': '', [CI]: job('dart test --coverage-path a.info') },
    ['dart test'],
  ],
  [
    'shards and options of PHPUnit that only print',
    { 'composer.json': '{}', [CI]: job('vendor/bin/phpunit --display-deprecations') },
    ['vendor/bin/phpunit'],
  ],
  [
    'a task of Leiningen, and one that needs another compiler',
    { 'project.clj': '', [CI]: job('bb graal-tests', 'lein test-clj') },
    ['lein test-clj'],
  ],
  [
    'the suite of units beside one in a browser',
    { 'composer.json': '{"scripts":{"test":"x"}}', [CI]: job('vendor/bin/phpunit --testsuite Unit') },
    ['vendor/bin/phpunit --testsuite Unit'],
  ],
  [
    'a solution beside its tests',
    {
      'src/A.sln': 'Project("{1}") = "A.Tests", "..\\tests\\A.Tests\\A.Tests.csproj", "{2}"',
      'tests/A.Tests/A.Tests.csproj': '',
    },
    ['dotnet test', 'dotnet test'],
  ],
  [
    'sources of Dart that are written before the tests',
    {
      'pubspec.yaml': 'dev_dependencies:\n  build_runner: ^2.0.0\n',
      'test/a_test.dart': '',
      [CI]: job('dart run build_runner build --delete-conflicting-outputs', 'dart test -r github'),
    },
    ['dart run build_runner build --delete-conflicting-outputs && dart test'],
  ],
  [
    'what a job in a container and one without it test, with the extension that it compiles',
    {
      Gemfile: '',
      [CI]: [
        'jobs:',
        '  a: {container: "b:1", steps: [run: bundle exec rake compile -- --c, run: bundle exec rake test]}',
        '  d: {steps: [run: bundle exec rake parser:test]}',
        '  e: {steps: [run: bundle exec rake compile, run: bundle exec rake test, run: bundle exec rake test:bench]}',
        '',
      ].join('\n'),
    },
    ['bundle exec rake compile && bundle exec rake test'],
  ],
  [
    'a part of the tests with rake, if CI runs no more',
    { Gemfile: '', [CI]: job('bundle exec rake parser:test') },
    ['bundle exec rake parser:test'],
  ],
  [
    'a profile of Maven for tests in containers',
    { 'pom.xml': '', mvnw: '', [CI]: job('./mvnw test -PtestContainers -Dlicense.skip=true -Pfast') },
    ['sh ./mvnw --batch-mode --no-transfer-progress -Dlicense.skip=true -Pfast test'],
  ],
  [
    'Maven, where CI tests with it beside a wrapper of Gradle',
    { 'pom.xml': '', 'build.gradle': '', gradlew: '', [CI]: job('mvn test -D compiler.source=8') },
    ['mvn --batch-mode --no-transfer-progress test'],
  ],
  [
    'another CI where the workflows of GitHub test nothing',
    {
      'a.csproj': '',
      [CI]: job('npx prettier --check .'),
      'azure-pipelines.yml':
        'jobs:\n  - job: Windows\n    steps:\n      - script: pytest\n  - template: ci/linux.yml\n',
      'ci/linux.yml': 'steps:\n  - script: dotnet test a.slnx\n',
    },
    ['dotnet test a.slnx'],
  ],
  [
    'the project of sbt for the virtual machine',
    { 'build.sbt': '', [CI]: job(`sbt 'project rootJS' test`, `sbt 'project rootJVM' '++ 3' test`) },
    [`sbt 'project rootJVM' test`],
  ],
  [
    'another manifest of Maven beside the usual one',
    { 'pom.xml': '', [CI]: job('mvn -B verify -f build-pom.xml') },
    ['mvn --batch-mode --no-transfer-progress -f build-pom.xml verify'],
  ],
  [
    'an extension of Node in Rust, of which CI tests what Node loads',
    {
      'package.json': '{"scripts":{"test":"ava"},"devDependencies":{"@napi-rs/cli":"2"}}',
      'Cargo.toml': '[package]',
      [CI]: job('npm test'),
    },
    ['npm test'],
  ],
  [
    'a package of another checkout in Swift, and tests of the authors in Perl',
    {
      'Package.swift': '.testTarget(',
      'dist.ini': '[@Basic]',
      't/a.t': '',
      [CI]: job('swift test --package-path b', 'dzil test --author'),
    },
    ['swift test', 'dzil test'],
  ],
  [
    'what CI builds with Deno before its tests',
    { 'deno.json': '{"tasks":{"test":"x","build":"y"}}', [CI]: job('deno task build', 'deno task test') },
    ['deno task build && deno task test'],
  ],
  [
    'of two commands of CI that of the manifest, and what Flutter is needed for alone',
    {
      'pubspec.yaml': 'dev_dependencies:\n  test: ^1.0.0\n  flutter: {sdk: flutter}\n',
      'test/a_test.dart': '',
      [CI]: job('flutter test --b', 'dart test --b'),
    },
    ['dart test --b'],
  ],
  [
    'what only installs PHPUnit, and its starter in the repository',
    { 'composer.json': '{}', phpunit: '', [CI]: job('./phpunit install') },
    ['./phpunit'],
  ],
  [
    'an alias of Clojure that compiles, and one whose tests another one adds',
    {
      'deps.edn': ':test {:main-opts ["-m" "shadow.cljs.devtools.cli"]} :dev {:extra-paths ["test"]}',
      'a/deps.edn':
        ':test {:main-opts ["-m" "kaocha"]} :dev {:extra-deps {a {:b "1"}} :extra-paths ["test"]}',
      [CI]: job('clojure -M:test compile test'),
    },
    ['clojure -M:dev:test'],
  ],
  [
    'a job in a container, and tests of Flutter on a screen',
    {
      'pubspec.yaml': 'dependencies: {flutter: {sdk: flutter}}',
      'test/a_test.dart': '',
      Gemfile: '',
      [CI]: 'jobs: {a: {container: b, steps: [run: bundle exec rake test, run: flutter test integration_test/a.dart]}}',
    },
    ['bundle exec rake test', 'flutter test'],
  ],
  [
    'Ant, where CI names its targets',
    { 'build.xml': '<project><target name="test"/></project>', [CI]: job('ant -noinput test.javac') },
    ['ant -noinput test.javac'],
  ],
  [
    'aliases of Clojure with dots, of which one only builds, beside a manifest of Leiningen',
    { 'project.clj': '', [CI]: job('clojure -M:b.test.build', 'clojure -M:c.test:c.test.run | tee o.txt') },
    ['clojure -M:c.test:c.test.run'],
  ],
  [
    'what sbt compiles is no test',
    { 'build.sbt': '', [CI]: job('sbt Test/compile', 'sbt validateAll') },
    ['sbt validateAll'],
  ],
  [
    'an alias of Clojure without a runner, beside Maven, and what sbt tests in a browser',
    {
      'deps.edn': ':test {:extra-paths ["test"]} :dev {:main-opts []}',
      'pom.xml': '',
      'src/test/clojure/a_test.clj': '',
      'a/build.sbt': '',
      [CI]: 'jobs: {a: {defaults: {run: {working-directory: a}}, steps: [run: sbt ciJVM, run: sbt ciFirefox]}}',
    },
    ['mvn --batch-mode --no-transfer-progress test', 'sbt ciJVM'],
  ],
])('%s', async (_name, files, expected) => {
  expect(await checksOf(files)).toEqual(expected)
})

test('tests of shell scripts at the root do not stand for the products beside it', async () => {
  const files = { [CI]: job('bats scripts/tests'), 'scripts/tests/a.bats': '', 'rust/Cargo.toml': '' }
  const { baseline } = await detectRepository(projectOf(files))
  expect(baseline.map(({ folder }) => folder)).toEqual(['', 'rust'])
})

test('tools wait where there are products', async () => {
  const files = { 'src/a/go.mod': '', 'tools/b/Cargo.toml': '' }
  const { baseline } = await detectRepository(projectOf(files))
  expect(baseline.map(({ folder }) => folder)).toEqual(['src/a'])
})
