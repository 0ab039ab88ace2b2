import { expect, test } from 'vitest'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

const CI = '.github/workflows/ci.yml'
type Files = Readonly<Record<string, string>>

const workflow = (jobs: string) => `on: [push]\njobs:\n${jobs}`
const job = (...commands: readonly string[]) =>
  workflow(['  test:', '    steps:', ...commands.map((command) => `      - run: ${command}`)].join('\n'))

async function planOf(files: Files, tools: readonly string[] = []) {
  const { projects } = await detectRepository(projectOf(files, tools))
  return projects.map(({ setup, checks, disagreements, evidence, missing }) => ({
    setup,
    checks: checks.map(({ inFolder }) => inFolder),
    disagreements,
    evidence,
    missing,
  }))
}
const checks = async (files: Files, ...commands: readonly string[]) =>
  (await planOf({ ...files, [CI]: job(...commands) })).flatMap((one) => one.checks)

test.each<[string, Files, readonly string[], readonly string[]]>([
  [
    'tags of Go',
    { 'go.mod': '' },
    ['go test -race -v -tags=x -coverprofile=c.out ./...'],
    ['go test -tags=x ./...'],
  ],
  [
    'values of options of Go',
    { 'go.mod': '' },
    ['go test -v -shuffle on -benchtime 1s ./...'],
    ['go test ./...'],
  ],
  [
    'a command in a shell of its own',
    { 'a/go.mod': '' },
    ['(cd a && go test -short ./...)'],
    ['go test -short ./...'],
  ],
  [
    'coverage of a task of cargo',
    { 'Cargo.toml': '' },
    ['cargo xtask test --llvm-cov'],
    ['cargo xtask test'],
  ],
  ['gradle beside a native build', { 'build.gradle': '', gradlew: '', 'CMakeLists.txt': '' }, ['ls'], []],
  [
    'what a text tells of other repositories',
    { 'README.md': '```\nrake\nshunit2 a-test.sh\n```' },
    ['ls'],
    [],
  ],
  ['an argument for a shell of people', { 'test/run': '' }, ['test/run !'], ["test/run '!'"]],
  ['sources of Go without a test', { 'go.mod': '', 'a.go': '' }, ['ls'], []],
  [
    'an archive that is tested, too',
    { 'configure.ac': '', 'Makefile.am': 'TESTS = a' },
    ['./configure', 'make distcheck'],
    ['make check'],
  ],
  [
    'a package of Swift for people who use a library',
    { 'Package.swift': '.testTarget(', 'CMakeLists.txt': 'project(a)\nenable_testing()\nadd_test(a a)' },
    ['cmake -B build', 'ctest'],
    [
      'cmake -S . -B /tmp/build && cmake --build /tmp/build --parallel 4 && ctest --test-dir /tmp/build --output-on-failure',
    ],
  ],
  ['a program that runs the tests', { test_runner: '' }, ['./test_runner'], ['./test_runner']],
  ['a package of Go is less', { 'go.mod': '' }, ['go test ./a'], ['go test ./...']],
  ['a test of Go is less', { 'go.mod': '' }, ['go test -run A ./...'], ['go test ./...']],
  [
    'gotestsum',
    { 'go.mod': '' },
    ['gotestsum --raw-command -- go test -short ./...'],
    ['go test -short ./...'],
  ],
  [
    'features of cargo',
    { 'Cargo.toml': '' },
    ['cargo test --verbose --locked --all-features'],
    ['cargo test --all-features'],
  ],
  ['nextest', { 'Cargo.toml': '' }, ['cargo nextest run --all --profile ci'], ['cargo test --workspace']],
  [
    'one crate is less',
    { 'Cargo.toml': '' },
    ['cargo test -p a', 'cargo +nightly test', 'cargo test --target wasm32-wasip1'],
    ['cargo test'],
  ],
  [
    'maven',
    { 'pom.xml': '', 'src/test/java/ATest.java': '' },
    ['mvn -B -ntp clean package -Pci -Dgpg.skip -Djdk.version=6'],
    ['mvn --batch-mode --no-transfer-progress -Pci verify'],
  ],
  [
    'gradle',
    { 'build.gradle': '', gradlew: '' },
    ['./gradlew clean build -x javadoc --scan'],
    ['sh ./gradlew --no-daemon --console=plain -x javadoc build'],
  ],
  [
    'gradle without its tests',
    { 'build.gradle': '', gradlew: '' },
    ['./gradlew check -x test'],
    ['sh ./gradlew --no-daemon --console=plain test'],
  ],
  [
    'a solution',
    { 'a.sln': '', 't/A.Tests.csproj': '' },
    ['dotnet test a.sln -c Release --no-build --logger trx'],
    ['dotnet test a.sln -c Release'],
  ],
  [
    'phpunit',
    { 'composer.json': '{"scripts":{"test":"x"}}' },
    ['vendor/bin/phpunit --coverage-clover c.xml'],
    ['vendor/bin/phpunit'],
  ],
  [
    'a suite of phpunit is less',
    { 'composer.json': '{"scripts":{"test":"x"}}' },
    ['vendor/bin/phpunit tests/Unit/A'],
    ['composer test'],
  ],
  [
    'rake',
    { Gemfile: '', Rakefile: 'task :test' },
    ['bundle exec rake rubocop', 'bundle exec rake'],
    ['bundle exec rake'],
  ],
  [
    'dart in a browser is elsewhere',
    { 'pubspec.yaml': '', 'test/a_test.dart': '' },
    ['dart test -p chrome', 'dart test --platform vm'],
    ['dart test'],
  ],
  [
    'the virtual machine of scala',
    { 'build.sbt': '' },
    ["sbt 'project coreNative' test", 'sbt ++2.13 coreJVM/test rootJVM/test', 'sbt test'],
    ['sbt test'],
  ],
  [
    'a tag of dart is a part',
    { 'pubspec.yaml': '', 'test/a_test.dart': '' },
    ['dart test -t a', 'dart test -x a'],
    ['dart test -x a'],
  ],
  ['a program of tests', { 'composer.json': '{}' }, ['php tests/index.php'], ['php tests/index.php']],
  ['turbo', { 'package.json': '{}' }, ['npx turbo run lint test'], ['npx --no-install turbo run test']],
  ['thor', { Gemfile: '' }, ['bundle exec thor test:api:all'], ['bundle exec thor test:api:all']],
  [
    'cargo without features',
    { 'Cargo.toml': '' },
    ["cargo test --no-default-features --features ''"],
    ['cargo test'],
  ],
  [
    'what an earlier job of Maven has compiled',
    { 'pom.xml': '' },
    ['mvn verify -Dmaven.main.skip=true -Da=b'],
    ['mvn --batch-mode --no-transfer-progress -Da=b verify'],
  ],
  [
    'a folder that an option names',
    { 'a/go.mod': '' },
    ['go test -C a ./...', 'make -C a test'],
    ['go test ./...'],
  ],
])('CI counts: %s', async (_name, files, commands, expected) => {
  expect(await checks(files, ...commands)).toEqual(expected)
})

test.each<[string, Record<string, string>, readonly string[], readonly string[]]>([
  ['the script that CI runs', { test: 'x', 'test:ci': 'y' }, ['npm run test:ci'], ['npm run test:ci']],
  [
    'test, though CI runs variants',
    { test: 'x', 'test:types': 'y', 'test:emfile': 'z' },
    ['npm run test:emfile', 'npm run test:types'],
    ['npm test', 'npm run test:types'],
  ],
  [
    'test, which runs the parts that CI runs',
    { test: 'npm run test:a && npm run test:unit', 'test:a': 'a', 'test:unit': 'b' },
    ['npm run test:a', 'npm run test:unit'],
    ['npm test'],
  ],
  [
    'no browser',
    { test: 'npm run test:unit && npm run test:e2e', 'test:unit': 'a', 'test:e2e': 'b' },
    ['npm run test:unit', 'npm run test:e2e'],
    ['npm run test:unit'],
  ],
  [
    'what is built before',
    { test: 'x', build: 'b' },
    ['npm run build', 'npm test -- --coverage'],
    ['npm run build && npm test'],
  ],
  ['a tool', { test: 'x' }, ['npx vitest --coverage'], ['npx --no-install vitest run']],
  ['a watching script', { test: 'jest --watch' }, [], ['npx --no-install jest']],
  [
    'a formatter that CI asks',
    { test: 'x', 'format:check': 'prettier --check .' },
    ['npm run format:check'],
    ['npm test', 'npm run format:check'],
  ],
])('scripts of CI: %s', async (_name, scripts, commands, expected) => {
  expect(await checks({ 'package.json': JSON.stringify({ scripts }) }, ...commands)).toEqual(expected)
})

test('two sources that disagree are named with the line that counts', async () => {
  const [plan] = await planOf({ 'go.mod': '', [CI]: job('go test -tags=x ./...') }, ['go'])
  expect(plan?.disagreements).toEqual([
    '`go.mod` means `go test ./...`, and `.github/workflows/ci.yml` runs `go test -tags=x ./...`: the latter counts.',
  ])
  expect(plan?.evidence).toEqual([
    { file: CI, job: 'test', line: 5, says: 'go test -tags=x ./...' },
    { file: 'go.mod' },
  ])
  expect(plan?.missing).toEqual([])
  const [agreed] = await planOf({ 'go.mod': '', [CI]: job('go test ./...') })
  expect([agreed?.disagreements, agreed?.missing]).toEqual([[], ['go']])
  const locks = { 'package.json': '{"scripts":{"test":"x"}}', 'yarn.lock': '', 'package-lock.json': '' }
  const [node] = await planOf({ ...locks, [CI]: job('npm ci', 'npm test') })
  expect(node?.disagreements).toEqual([
    'There are lock files of several package managers (`yarn.lock`, `package-lock.json`). `package-lock.json` counts: CI says so.',
  ])
})

test('a text for people says it where nothing else does', async () => {
  const text = '# Test\n\n```sh\n$ busted --lua=x\n2 successes\n```\n\n    $ make nothing\n'
  expect(await checks({ 'a.lua': '', 'CONTRIBUTING.md': text })).toEqual(['busted --lua=x'])
  expect(await checks({ 'go.mod': '', 'README.md': '```\ngo test ./a\n```\n' })).toEqual(['go test ./...'])
})
