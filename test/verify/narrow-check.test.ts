import { expect, test } from 'vitest'
import { narrowCheck } from '../../src/verify/narrow-check.ts'
import { projectOf, scripts } from './project-of.ts'

const PROJECT = projectOf({
  'package.json': scripts({
    test: 'vitest run',
    compiled: "tsc && mocha 'dist/test/*.js'",
    sources: "mocha 'test/**/*.js'",
    lint: 'eslint . && jest --coverage test',
    pretest: 'eslint .',
    build: 'tsc && jest',
    two: 'jest && vitest run',
  }),
  'web/package.json': scripts({ test: 'jest' }),
  'test/a.js': '',
  'test/b.js': '',
  'tests/test_a.py': '',
  'tools/go.mod': '',
  'java/gson/pom.xml': '',
})
const BIN = 'export PATH="$PWD/node_modules/.bin:$PATH"'

test.each([
  ['npm test', 'test/a.js', `${BIN} && vitest run test/a.js`],
  ['npm run sources', 'test/a.js', `${BIN} && mocha test/a.js`],
  ['npm run lint', 'test/a.js', `${BIN} && jest --coverage --runTestsByPath test/a.js`],
  ['npm run build', 'test/a.js', `${BIN} && tsc && jest --runTestsByPath test/a.js`],
  [
    'cd web && npm test',
    'web/x y.js',
    `cd web && export PATH="$PWD/node_modules/.bin:$PWD/../node_modules/.bin:$PATH" && jest --runTestsByPath 'x y.js'`,
  ],
  ['python3 -m pytest -q tests', 'tests/test_a.py', 'python3 -m pytest -q tests/test_a.py'],
  [
    'python3 -m unittest discover -s tests',
    'tests/test_a.py',
    'python3 -m unittest discover -s tests -p test_a.py',
  ],
  ["python3 -m unittest discover -p '*_test.py'", 'a_test.py', 'python3 -m unittest discover -p a_test.py'],
  ['go test -race ./...', 'a/b_test.go', 'go test -race ./a'],
  ['go test ./...', 'b_test.go', 'go test ./'],
  ['cargo test --workspace', 'tests/it.rs', 'cargo test --workspace --test it'],
  ['cargo nextest run --workspace', 'tests/it.rs', 'cargo nextest run --workspace --test it'],
  [
    'sh ./gradlew --no-daemon test',
    'src/test/java/a/AddTest.java',
    "sh ./gradlew --no-daemon :test --tests '*AddTest'",
  ],
  [
    'mvn test',
    'core/src/test/java/a/AddTest.java',
    'mvn test -Dtest=AddTest -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false',
  ],
  [
    'mvn -B clean verify',
    'java/gson/src/test/java/a/AddTest.java',
    'mvn -B clean test -pl java/gson -am -Dtest=AddTest -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false',
  ],
  [
    'mvn verify',
    'src/test/java/a/AddIT.java',
    'mvn verify -Dtest=AddIT -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false',
  ],
  ['gradle test', 'core/src/test/java/a/AddTest.java', "gradle :core:test --tests '*AddTest'"],
  ['dotnet test', 'tests/AddTests.cs', "dotnet test --filter 'FullyQualifiedName~.AddTests'"],
  ['vendor/bin/phpunit', 'tests/AddTest.php', 'vendor/bin/phpunit --filter AddTest'],
  ['bundle exec rspec', 'spec/a_spec.rb', 'bundle exec rspec spec/a_spec.rb'],
  ['bun test', 'test/a.js', 'bun test ./test/a.js'],
  ['mix test --warnings-as-errors', 'test/a_test.exs', 'mix test --warnings-as-errors test/a_test.exs'],
  ['python3 manage.py test', 'app/tests/test_a.py', 'python3 manage.py test -p test_a.py'],
])('%s, for %s', async (command, file, narrowed) => {
  const folder = command.startsWith('cd web') ? 'web' : ''
  expect(await narrowCheck(command, { project: PROJECT, files: [file] })).toEqual([
    { command: narrowed, folder },
  ])
})

test.each([
  ['npm run compiled', 'test/a.js'],
  ['npm run two', 'test/a.js'],
  ['env CI=1 X=2 npm test', 'test/a.js'],
  ['go test ./...', 'tools/gen/a_test.go'],
  ['npm run lint', 'src/a.test.js'],
  ['cd web && npm test', 'test/a.js'],
  ['cargo test', 'src/lib.rs'],
  ['go test ./...', 'a.go'],
  ['make test', 'test/a.js'],
  ['mix test', 'apps/web/test/a_test.exs'],
  ['python3 manage.py test app.tests', 'app/tests/test_a.py'],
  ['npm test | cat', 'test/a.js'],
])('%s cannot be run for %s alone', async (command, file) => {
  expect(await narrowCheck(command, { project: PROJECT, files: [file] })).toBeUndefined()
})

test('of a change with tests of several languages each runner gets its own, and not what tests load', async () => {
  const files = ['test/a.js', 'tests/test_a.py', 'tests/conftest.py']
  const narrowed = async (command: string, some: readonly string[] = files) =>
    (await narrowCheck(command, { project: PROJECT, files: some }))?.[0]?.command
  expect(await narrowed('npm test')).toBe(`${BIN} && vitest run test/a.js`)
  expect(await narrowed('python3 -m pytest -q tests')).toBe('python3 -m pytest -q tests/test_a.py')
  expect(await narrowed('pytest', ['tests/conftest.py'])).toBeUndefined()
})

const INSIDE = `cd web && export PATH="$PWD/node_modules/.bin:$PWD/../node_modules/.bin:$PATH"`

test.each([
  ['npm --prefix web test', `${INSIDE} && jest --runTestsByPath x.js`],
  ['pnpm -C web test', `${INSIDE} && jest --runTestsByPath x.js`],
  ['npm run generate && yarn --cwd web test', `npm run generate && ${INSIDE} && jest --runTestsByPath x.js`],
  ['CI=1 npm --prefix web test', `export CI=1 && ${INSIDE} && jest --runTestsByPath x.js`],
])('%s runs a test in the folder of its project', async (command, narrowed) => {
  const found = await narrowCheck(command, { project: PROJECT, files: ['web/x.js'] })
  expect(found).toEqual([{ command: narrowed, folder: 'web' }])
})

test('a check of two projects is one command for each that has tests of the change', async () => {
  const command = 'python3 -m pytest tests && cd web && npm test'
  const narrowed = (files: readonly string[]) => narrowCheck(command, { project: PROJECT, files })
  const ofPython = { command: 'python3 -m pytest tests/test_a.py', folder: '' }
  const ofWeb = { command: `${INSIDE} && jest --runTestsByPath x.js`, folder: 'web' }
  expect(await narrowed(['tests/test_a.py', 'web/x.js'])).toEqual([ofPython, ofWeb])
  expect(await narrowed(['web/x.js'])).toEqual([ofWeb])
})

test('each member of a workspace runs its own', async () => {
  const project = projectOf({
    'package.json': {
      workspaces: ['packages/*'],
      ...scripts({ test: 'npm run unit --workspaces --if-present' }),
    },
    'packages/a/package.json': scripts({ unit: 'jest' }),
    'packages/b/package.json': scripts({ unit: 'make && node check.js' }),
    'packages/c/package.json': scripts({ unit: 'vitest run' }),
  })
  const start = (member: string) =>
    `export PATH="$PWD/node_modules/.bin:$PATH" && cd packages/${member} && export PATH="$PWD/node_modules/.bin:$PWD/../node_modules/.bin:$PWD/../../node_modules/.bin:$PATH"`
  const files = ['packages/a/x.test.js', 'packages/c/y.test.js']
  expect(await narrowCheck('npm test', { project, files })).toEqual([
    { command: `${start('a')} && jest --runTestsByPath x.test.js`, folder: 'packages/a' },
    { command: `${start('c')} && vitest run y.test.js`, folder: 'packages/c' },
  ])
})
