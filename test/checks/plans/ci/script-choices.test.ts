import { expect, test } from 'vitest'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const scripts = (all: Files) => JSON.stringify({ scripts: all })
const PARTS = { 'test:unit': 'vitest run', 'test:e2e': 'playwright test', 'test:types': 'tsc' }

test.each<[string, Files, readonly string[]]>([
  [
    'a list by its start has parts in a browser',
    { 'package.json': scripts({ test: 'run-s lint test:*', ...PARTS }) },
    ['npm run test:unit'],
  ],
  [
    'so has an expression of pnpm',
    {
      'package.json': scripts({ test: "pnpm --stream '/^test:(types|unit|e2e)$/'", ...PARTS }),
      'pnpm-lock.yaml': '',
    },
    ['pnpm run test:unit'],
  ],
  [
    'what comes after a change of folder is of another package',
    { 'package.json': scripts({ test: 'mocha', 'test:node': 'cd a && npm test' }), [CI]: job('npm test') },
    ['npm test'],
  ],
  [
    'CI tests on Node, too',
    {
      'package.json': scripts({ test: 'cypress run', vitest: 'vitest run', build: 'x' }),
      [CI]: job('npm run build', 'npm test', 'npm run vitest'),
    },
    ['npm run build && npm run vitest'],
  ],
  [
    'nothing but a browser, and CI does not test',
    { 'package.json': scripts({ test: 'playwright test --project a', lint: 'eslint .' }) },
    ['npm run lint'],
  ],
  [
    'a watcher that CI sees the end of',
    { 'package.json': scripts({ test: 'ng test' }), [CI]: job('npm test') },
    ['npm test'],
  ],
  [
    'a formatter that judges by options of CI alone writes here',
    {
      'package.json': scripts({ test: 'jest', format: 'kcd-scripts format', 'format:check': 'x --check' }),
      [CI]: job('npm run format -- --check', 'npm test'),
    },
    ['npm test'],
  ],
  [
    'members that test in a browser, and units without one',
    {
      'package.json': '{"workspaces":["a"]}',
      'a/package.json': scripts({ ...PARTS, test: 'run-s test:*' }),
    },
    ['npm run test:unit --workspaces --if-present'],
  ],
  [
    'a test that is compiled to where it runs',
    { 'package.json': scripts({ test: 'node index.test.js', build: 'tsc' }), 'src/index.test.ts': '' },
    ['npm run build && npm test'],
  ],
  [
    'tests of what a change reaches are none without a change',
    {
      'package.json': scripts({
        test: 'nx run-many --targets=test:lib,test:e2e',
        'test:lib': 'nx affected --target=test:lib',
      }),
    },
    ['npx --no-install nx run-many --targets=test:lib'],
  ],
  [
    'tests after a formatter that writes',
    {
      'package.json': scripts({
        test: 'npm run format && npm run test-coverage',
        format: 'prettier --write .',
        'test-coverage': 'c8 node t.js',
      }),
      't.js': '',
    },
    ['npm run test-coverage'],
  ],
  [
    'steps side by side, and commands that are tried again',
    {
      'package.json': scripts({ build: 'x', 'test:node': 'x' }),
      [CI]: 'jobs: {a: {steps: [run: npm run build, {parallel: [{uses: nick-fields/retry@v3, with: {command: npm run test:node || npm run test:node}}]}]}}',
    },
    ['npm run build && npm run test:node'],
  ],
  [
    'the build of the job that tests, not of one that looks at texts',
    {
      'package.json': '{"workspaces":["a"],"scripts":{"test":"npm test -ws","build":"x","check:docs":"x"}}',
      'a/package.json': scripts({ test: 'mocha' }),
      [CI]: 'jobs: {a: {steps: [run: npm run check:docs]}, b: {steps: [run: npm run build, run: npm run test -ws]}}',
    },
    ['npm run build && npm test', 'npm run check:docs'],
  ],
  [
    'a build that an earlier job hands on',
    {
      'package.json': scripts({ test: 'node scripts/run.js', build: 'x' }),
      'scripts/run.js': '',
      '.circleci/config.yml':
        'jobs:\n  a:\n    steps: [{run: npm run build}]\n  b:\n    steps: [{attach_workspace: {at: .}}, {run: npm test}]\n',
    },
    ['npm run build && npm test'],
  ],
  [
    'tests on Deno with a database, beside those on Node',
    {
      'package.json': scripts({ test: 'mocha' }),
      'deno.json': '{}',
      [CI]: 'jobs: {a: {services: {db: {image: mysql}}, steps: [run: deno task test:deno]}}',
    },
    ['npm test'],
  ],
  [
    'a command with an expression in quotes',
    {
      'deps.edn': '{}',
      'bb.edn': '',
      [CI]: job('bb test-jvm', `bb test :path '"\${{ steps.a.outputs.b }}"'`),
    },
    ['bb test-jvm'],
  ],
  [
    'several tasks of rake, with a database that is a file in one step',
    {
      Gemfile: 'gem "rspec"',
      'spec/a_spec.rb': '',
      Rakefile: '',
      [CI]: 'jobs: {a: {services: {db: {image: postgres}}, steps: [{run: bundle exec rake database spec, env: {DB: sqlite}}]}}',
    },
    ['DB=sqlite bundle exec rake database spec'],
  ],
  [
    'a function of tests, from a script that goes to the root',
    {
      'deps.edn': '{}',
      'script/a.sh': 'cd "`dirname $0`/.."\nclojure -X:dev user/-test-main\n',
      [CI]: job('./script/a.sh'),
    },
    ['clojure -X:dev user/-test-main'],
  ],
  [
    'a look at the settings of PHPUnit',
    {
      'composer.json': '{"require-dev":{"phpunit/phpunit":"^9"}}',
      'phpunit.xml.dist': '',
      [CI]: job('vendor/bin/phpunit --check-php-configuration'),
    },
    ['vendor/bin/phpunit'],
  ],
  [
    'a target of Nuke before the solution, which is for Windows, too',
    { 'a.sln': '', 't/A.Tests.csproj': '', 'build.sh': '', [CI]: job('./build.sh UnitTests') },
    ['./build.sh UnitTests'],
  ],
  [
    'the solution that names tests, of several',
    { 'a.All.sln': '"a.csproj"', 'a.sln': '"t\\A.Tests.csproj"', 't/A.Tests.csproj': '' },
    ['dotnet test a.sln'],
  ],
  [
    'two parts of the usual tests, one of them with coverage',
    {
      'package.json': scripts({
        test: 'run-s test-jest test-node',
        'test-jest': 'jest',
        'test-node': 'node --test',
        'test-coverage': 'npm run test-jest -- --coverage',
      }),
      [CI]: job('npm run test-coverage', 'npm run test-node'),
    },
    ['npm test'],
  ],
  [
    'parts of the usual tests as they are written in it',
    {
      'package.json': scripts({
        test: 'node test/a.js && mocha test/b',
        'test:a': 'node test/a.js',
        'test:mocha': 'mocha test/b',
      }),
      'test/a.js': '',
      [CI]: job('npm run test:a', 'npm run test:mocha'),
    },
    ['npm test'],
  ],
  [
    'a look at the style beside PHPUnit',
    {
      'composer.json': '{"require-dev":{"phpunit/phpunit":"^9"}}',
      [CI]: job('composer check', 'vendor/bin/phpunit'),
    },
    ['vendor/bin/phpunit'],
  ],
  [
    'builds by other names',
    {
      'package.json': scripts({ esbuild: 'x', 'release:build': 'x', test: 'vitest run' }),
      [CI]: job('npm run release:build', 'npm test'),
    },
    ['npm run release:build && npm test'],
  ],
  [
    'a solution with projects for phones',
    {
      'a.sln': '',
      't/A.Tests.csproj': '',
      'b/b.csproj':
        '<Project><PropertyGroup><TargetFrameworks>net9.0;net9.0-ios</TargetFrameworks></PropertyGroup></Project>',
    },
    [],
  ],
])('%s', async (_name, files, expected) => {
  const { projects } = await detectRepository(projectOf(files, ['pnpm']))
  expect(projects.flatMap(({ checks }) => checks.map(({ inFolder }) => inFolder))).toEqual(expected)
})

test('a part in C is compiled when it is installed, and a script of tests for a browser is named', async () => {
  const { projects, untested } = await detectRepository(
    projectOf({
      'package.json': JSON.stringify({
        scripts: { build: 'x', lint: 'eslint .', test: 'karma start' },
        dependencies: { a: '1' },
      }),
      'binding.gyp': '{}',
      [CI]: job('npm install --ignore-scripts', 'npm run build', 'npm run lint', 'npm test'),
    }),
  )
  expect(projects.flatMap(({ setup }) => setup)).toEqual(['npm install --no-package-lock'])
  expect(projects.flatMap(({ checks }) => checks.map(({ inFolder }) => inFolder))).toEqual([
    'npm run build && npm run lint',
  ])
  expect(untested).toEqual([{ path: '', reason: expect.stringMatching(/^its script `test` is left out/) }])
})
