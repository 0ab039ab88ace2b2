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
  [
    'mvn test',
    'core/src/test/java/a/AddTest.java',
    'mvn test -Dtest=AddTest -DfailIfNoTests=false -Dsurefire.failIfNoSpecifiedTests=false',
  ],
  ['gradle test', 'core/src/test/java/a/AddTest.java', "gradle :core:test --tests '*AddTest'"],
  ['dotnet test', 'tests/AddTests.cs', "dotnet test --filter 'FullyQualifiedName~.AddTests'"],
  ['vendor/bin/phpunit', 'tests/AddTest.php', 'vendor/bin/phpunit --filter AddTest'],
  ['bundle exec rspec', 'spec/a_spec.rb', 'bundle exec rspec spec/a_spec.rb'],
  ['bun test', 'test/a.js', 'bun test ./test/a.js'],
  ['mix test --warnings-as-errors', 'test/a_test.exs', 'mix test --warnings-as-errors test/a_test.exs'],
  ['python3 manage.py test', 'app/tests/test_a.py', 'python3 manage.py test -p test_a.py'],
])('%s, for %s', async (command, file, narrowed) => {
  expect(await narrowCheck(command, { project: PROJECT, files: [file] })).toBe(narrowed)
})

test.each([
  ['npm run compiled', 'test/a.js'],
  ['npm run two', 'test/a.js'],
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
  const narrowed = (command: string, some: readonly string[] = files) =>
    narrowCheck(command, { project: PROJECT, files: some })
  expect(await narrowed('npm test')).toBe(`${BIN} && vitest run test/a.js`)
  expect(await narrowed('python3 -m pytest -q tests')).toBe('python3 -m pytest -q tests/test_a.py')
  expect(await narrowed('pytest', ['tests/conftest.py'])).toBeUndefined()
})
