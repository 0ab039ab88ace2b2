import { expect, test } from 'vitest'
import { detectRepository } from '../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const scripts = (all: Files) => `{"scripts":${JSON.stringify(all)}}`

async function plansOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files, ['yarn']))
  return projects.flatMap(({ folder, setup, checks }) => {
    const commands = [...setup, ...checks.map(({ inFolder }) => inFolder)]
    return commands.length === 0 ? [] : [[folder, ...commands]]
  })
}

test.each<[string, Files, readonly (readonly string[])[]]>([
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
