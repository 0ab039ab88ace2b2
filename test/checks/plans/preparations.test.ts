import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const scripts = (all: Files, more = '"a":0') => `{"scripts":${JSON.stringify(all)},${more}}`

async function plansOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files, ['yarn']))
  return projects.flatMap(({ folder, setup, checks }) => {
    const commands = [...setup, ...checks.map(({ inFolder }) => inFolder)]
    return commands.length === 0 ? [] : [[folder, ...commands]]
  })
}

test.each<[string, Files, readonly (readonly string[])[]]>([
  [
    'what is prepared before the tests, and what is built only after them',
    {
      'package.json': scripts({ test: 'vitest', 'dev:prepare': 'x', build: 'x', 'test:vue:build': 'x' }),
      [CI]: job(
        'npm i -fg corepack',
        'npm run dev:prepare',
        'npm test',
        'npm run build',
        'npm run test:vue:build',
      ),
    },
    [['', 'npm run dev:prepare', 'npm test']],
  ],
  [
    'programs that prepare, but none that do something else',
    {
      'package.json': scripts({ test: 'vitest' }),
      [CI]: job(
        ...['npm install && node scripts/bootstrap.mjs', 'node ./codegen.js', 'node scripts/report.js'],
        ...['npm test', 'node scripts/generate-notes.js'],
      ),
    },
    [['', 'node scripts/bootstrap.mjs', 'node ./codegen.js', 'npm test']],
  ],
  [
    'scripts that the manager of the lock file runs, whatever its name',
    {
      'package.json': scripts({ test: 'vitest', build: 'x' }, '"devDependencies":{"a":"1"}'),
      'yarn.lock': '',
      [CI]: job('nci', 'nr build', 'nr test'),
    },
    [['', 'yarn install --frozen-lockfile', 'yarn run build && yarn run test']],
  ],
  [
    'a script of each member that CI runs, where another one needs a browser',
    {
      'package.json': '{"workspaces":["a","b","c"]}',
      'a/package.json': scripts({ test: 'playwright test' }),
      'b/package.json': scripts({ test: 'vitest', 'test:coverage': 'vitest run' }),
      'c/package.json': scripts({ test: 'vitest' }),
      [CI]: job('npm run test:coverage -ws'),
    },
    [['', 'npm install --no-package-lock', 'npm run test:coverage --workspaces --if-present']],
  ],
  [
    'a script for all tests of CI alone, and one condition of a matrix with a number',
    {
      'package.json':
        '{"workspaces":["a"],"scripts":{"ci:test":"nx run-many --target test","lint":"eslint ."}}',
      'a/package.json': scripts({ test: 'vitest' }),
      [CI]: `jobs: {a: {strategy: {matrix: {node: [18, 22]}}, steps: [run: npm run ci:test \${{ matrix.node != 18 && '--coverage' || '' }}]}}`,
    },
    [['', 'npm install --no-package-lock', 'npm run ci:test', 'npm run lint']],
  ],
  [
    'folders that a runner tests one by one, where the usual script needs more',
    {
      'package.json': scripts({ test: 'vitest run test/ && vitest run browser/', lint: 'x' }),
      [CI]: job('npx vitest run test/', 'npx vitest run examples/', 'npx vitest run a.test.ts'),
    },
    [['', 'npx --no-install vitest run test/', 'npx --no-install vitest run examples/', 'npm run lint']],
  ],
  [
    'tests that need a screen, by their names or as CI runs them',
    {
      'package.json': scripts(
        { test: 'npm run lint && npm run test-browser', 'test-browser': 'vitest --run', lint: 'x' },
        '"devDependencies":{"@vitest/browser-playwright":"4"}',
      ),
      'b/package.json': scripts({ test: 'node ./out/test/runTest.js', build: 'x', lint: 'x' }),
      'c/package.json': scripts({ test: 'testem ci -f t.cjs', 'test:node': 'qunit' }),
      'd/package.json': scripts({ test: 'vscode-test', lint: 'x' }),
      [CI]: `defaults: {run: {working-directory: b}}\n${job('npm run build', 'xvfb-run -a npm test')}`,
      '.github/workflows/d.yml': `jobs: {t: {defaults: {run: {working-directory: d}}, steps: [{run: "Xvfb :99 &\\nnpm test"}]}}`,
    },
    [
      ['', 'npm install --no-package-lock', 'npm run lint'],
      ['b', 'npm run build && npm run lint'],
      ['c', 'npm run test:node'],
      ['d', 'npm run lint'],
    ],
  ],
  [
    'what runs in the background, a program that drives a browser, and one that npm does not install',
    {
      'package.json': scripts({ test: 'node ./scripts/test.js', build: 'x' }),
      'scripts/test.js': '',
      'a/package.json': scripts({ test: 'node ./t.js', lint: 'x' }),
      'a/t.js': `const createTestCafe = require('testcafe')`,
      'b/package.json': scripts({ test: 'chomp test' }),
      'c/package.json': scripts({ test_node: 'gulp test_node', lint: 'x' }),
      [CI]: job('npm run build', 'npm run test & npm run size'),
    },
    [
      ['', 'npm run build && npm test'],
      ['a', 'npm run lint'],
      ['c', 'npm run test_node', 'npm run lint'],
    ],
  ],
  [
    'scripts of composer that belong to another folder, or that nobody has',
    {
      'composer.json': '{"scripts":{"test":"cd php && vendor/bin/phpunit"}}',
      'php/composer.json': '{"require-dev":{"phpunit/phpunit":"^9"}}',
      'php/tests/ATest.php': '',
      [CI]: job('composer unit'),
    },
    [
      ['', 'composer install --no-interaction --no-progress'],
      ['php', 'cd php && composer install --no-interaction --no-progress', 'vendor/bin/phpunit'],
    ],
  ],
  [
    'what CI makes once before its tests, where git ignores it',
    {
      'composer.json': '{"scripts":{"test":"x"}}',
      '.gitignore': '/.env\n',
      '.env.example': '',
      'a.txt': '',
      [CI]: job('cp .env.example .env', 'cp a.txt b.txt', 'php artisan key:generate', 'composer test'),
    },
    [
      [
        '',
        'composer install --no-interaction --no-progress',
        'cp .env.example .env',
        'php artisan key:generate',
        'composer test',
      ],
    ],
  ],
  [
    'a part in C of a package of Lua, which a matrix compiles in its own way',
    {
      'a.rockspec': '',
      [CI]: job('luarocks make CFLAGS="-O2 -g" LIBFLAG="$X"', 'lua tests/test.lua'),
    },
    [['', 'luarocks make', 'lua tests/test.lua']],
  ],
  [
    'scripts in a row, with what comes before them in the same job',
    {
      'package.json': scripts({ 'test-unit': 'mocha', build: 'tsc' }),
      [CI]: job('npm run prepare-all', 'npx run-s build test-unit'),
    },
    [['', 'npm run prepare-all', 'npm run build && npm run test-unit']],
  ],
  [
    'the application that an engine of Rails is tested in',
    { Gemfile: '', Rakefile: 'task :test_app do', 'spec/a_spec.rb': '' },
    [['', 'bundle install', 'bundle exec rake test_app', 'bundle exec rspec']],
  ],
  [
    'the schema of a database that is a file',
    {
      Gemfile: '',
      'spec/a_spec.rb': '',
      [CI]: `env: {DATABASE_URL: 'sqlite3:/tmp/a.db', B_URL: 'sqlite3:b'}\n${job('bin/rails db:create db:migrate', 'bundle exec rspec')}`,
    },
    [
      [
        '',
        'bundle install',
        'DATABASE_URL=sqlite3:/tmp/a.db bin/rails db:create db:migrate',
        'DATABASE_URL=sqlite3:/tmp/a.db bundle exec rspec',
      ],
    ],
  ],
  [
    'a script before the tests, with the manager that is not installed',
    {
      'package.json': '{"scripts":{"test":"x"},"devDependencies":{"a":"1"}}',
      'pnpm-lock.yaml': '',
      [CI]: job('pnpm bootstrap', 'pnpm test'),
    },
    [['', 'npx --yes pnpm install --frozen-lockfile', 'npx --yes pnpm bootstrap', 'npx --yes pnpm run test']],
  ],
  [
    'tests of members with packages of their own',
    {
      'package.json': '{}',
      'a/package.json': '{}',
      'a/a.test.js': 'node:test',
      'b/b.test.js': '',
    },
    [],
  ],
  [
    'a repository of Rush, with its members',
    {
      'rush.json': '',
      'a/package.json': scripts({ test: 'x' }),
      [CI]: job('node common/scripts/install-run-rush.js build', 'rush test --verbose'),
    },
    [
      [
        '',
        'node common/scripts/install-run-rush.js install',
        'node common/scripts/install-run-rush.js build && node common/scripts/install-run-rush.js test',
      ],
    ],
  ],
  [
    'one file of tests beside the usual script, and a script that opens a browser in a member',
    {
      'package.json': scripts({ test: 'x', ci: 'turbo run test:e2e' }),
      [CI]: job('node --test scripts/a.test.mjs', 'npm run ci'),
    },
    [['', 'npm test']],
  ],
  [
    'parts of a script that needs no browsers, which CI brings before it',
    {
      'package.json': scripts({
        test: 'npm run test:unit && npm run test:e2e',
        'test:unit': 'vitest run',
        'test:e2e': 'vitest run specs',
      }),
      [CI]: job('npx playwright-core install chromium', 'npm test'),
    },
    [['', 'npm run test:unit']],
  ],
  [
    'specs in folders below, of which a text tells',
    { Gemfile: '', 'core/spec/a_spec.rb': '', 'CONTRIBUTING.md': '```sh\nbundle exec rspec\n```\n' },
    [['', 'bundle install']],
  ],
])('%s', async (_name, files, expected) => {
  expect(await plansOf(files)).toEqual(expected)
})
