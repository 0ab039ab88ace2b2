import { expect, test } from 'vitest'
import { narrowMatrix } from '../../../../src/checks/plans/ci/narrow-matrix.ts'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

type Files = Readonly<Record<string, string>>
const CI = '.github/workflows/ci.yml'
const job = (...lines: readonly string[]) =>
  `jobs:\n  test:\n    steps:\n${lines.map((line) => `      - run: ${line}\n`).join('')}`
const scripts = (all: Files) => JSON.stringify({ scripts: all })

async function checksOf(files: Files): Promise<readonly string[]> {
  const { projects } = await detectRepository(projectOf(files, ['pnpm', 'yarn']))
  return projects.flatMap(({ checks }) => checks.map(({ inFolder }) => inFolder))
}

const WITH_BROWSER = {
  test: 'npm run test:unit && npm run test:lint && npm run test:e2e',
  'test:unit': 'mocha',
  'test:lint': 'eslint .',
  'test:e2e': 'playwright test',
}

test.each<[string, Files, readonly string[]]>([
  [
    'parts of the tests that need no browser',
    { 'package.json': scripts(WITH_BROWSER) },
    ['npm run test:unit'],
  ],
  [
    'parts that CI runs without one',
    {
      'package.json': scripts({ ...WITH_BROWSER, test: 'npm run test:node && npm run test:e2e' }),
      '.github/workflows/browser-tests.yml': job('npm run test:slim'),
      [CI]: job('npm run test:unit', 'npm run test:browserless'),
    },
    ['npm run test:unit'],
  ],
  [
    'commands of a script before those with a window',
    {
      'package.json': scripts({ test: 'pnpm -r test && mocha a/*.js && vscode-test' }),
      'pnpm-lock.yaml': '',
    },
    ['pnpm -r test', 'pnpm exec mocha a/*.js'],
  ],
  [
    'a matrix that is computed',
    {
      'package.json': scripts({ test: 'nx run-many -t test' }),
      [CI]: `jobs:\n  test:\n    strategy:\n      matrix:\n        node: [20]\n        part: \${{ fromJSON(needs.a.outputs.b) }}\n    steps:\n      - run: npx nx test "\${{ matrix.part }}" -- --x\n`,
    },
    ['npm test'],
  ],
  [
    'tests of every project by nx, with others in a browser',
    { 'package.json': scripts({ test: 'nx run-many --targets=test:lint,test:unit,test:e2e,build' }) },
    ['npx --no-install nx run-many --targets=test:unit'],
  ],
  [
    'a script that CI runs in a document without a browser',
    {
      'package.json': scripts({ test: 'npm run test:chromium', 'test:chromium': 'x', 'test:jsdom': 'x' }),
      [CI]: job('npm run test:jsdom'),
    },
    ['npm run test:jsdom'],
  ],
  [
    'tasks of gulp, after a build of a part',
    {
      'package.json': scripts({ 'build-report': 'x' }),
      [CI]: job('npm run build-report', 'npx gulp unittestcli --coverage --coverage-output build/a'),
    },
    ['npm run build-report && npx --no-install gulp unittestcli'],
  ],
  [
    'a build by a program of the repository',
    {
      'package.json': scripts({ test: 'mocha', build: 'node ./tools/build.js -t node' }),
      [CI]: job('node ./tools/build.js -t node', 'npm test'),
    },
    ['npm run build && npm test'],
  ],
  [
    'a build of the job before that of another one',
    {
      'package.json': scripts({ 'test.unit': 'x', 'build-ts': 'x', 'build-native': 'x' }),
      'pnpm-workspace.yaml': 'packages:\n  - a\n',
      'a/package.json': '{}',
      [CI]: `jobs:\n  types:\n    steps:\n      - run: npm run build-ts\n  ${job('npm run build-native', 'npm run test.unit').slice(8)}`,
    },
    ['npm run build-native && npm run test.unit'],
  ],
  [
    'tests of CI that add a browser to the usual ones',
    {
      'package.json': scripts({
        test: 'vitest',
        'test:ci': 'vitest run && npm run e2e',
        e2e: 'playwright test',
      }),
      [CI]: job('npm run test:ci'),
    },
    ['npm test'],
  ],
  [
    'tests that need a program from elsewhere',
    {
      'package.json': scripts({ test: 'meteor test --once', 'test:unit:node': 'mocha' }),
      [CI]: job('npm test'),
    },
    ['npm run test:unit:node'],
  ],
  [
    'a build of what is in another language, in the same job',
    { 'package.json': scripts({ test: 'mocha' }), [CI]: job('zig build', 'npm test') },
    ['zig build && npm test'],
  ],
  [
    'a script that only prints',
    { 'package.json': scripts({ test: 'echo "Use just test-node"', 'test:node': 'mocha' }) },
    ['npm run test:node'],
  ],
  [
    'settings of Deno that are for publishing',
    { 'package.json': scripts({ test: 'vitest run' }), 'deno.jsonc': '{}', 'a.test.ts': '' },
    ['npm test'],
  ],
  [
    'targets of nx for CI, in a root without scripts',
    {
      'package.json': '{"packageManager":"yarn@1.22.22"}',
      'nx.json': '{}',
      'package-lock.json': '',
      [CI]: job('npm ci', 'npx nx affected --target=test:ci'),
    },
    ['npx --no-install nx run-many --targets=test:ci'],
  ],
  [
    'a build that another script runs, too',
    {
      'package.json': scripts({ test: 'x', prepare: 'npm run build', build: 'tsc' }),
      [CI]: job('npm run build', 'npm test'),
    },
    ['npm run build && npm test'],
  ],
  [
    'tests that are named for what they leave out',
    {
      'package.json': scripts({ test: 'jest', 'test:noplaywright': 'x', 'test:playwright': 'x' }),
      [CI]: job('npm run test:playwright', 'npm run test:noplaywright'),
    },
    ['npm run test:noplaywright'],
  ],
  [
    'tests of units beside those in an editor',
    {
      'package.json': scripts({
        test: 'gulp && npm-run-all test:unit test:types test:golden',
        'test:unit': 'mocha',
        'test:types': 'tsc',
        'test:golden': 'node ./out/test/runTest.js',
      }),
    },
    ['npm run test:unit'],
  ],
  [
    'tests in a window whose parts only compile',
    { 'package.json': scripts({ test: 'npm run test-compile && vscode-test', 'test-compile': 'tsc' }) },
    ['npm test'],
  ],
  [
    'parts of what opens a browser that CI has',
    { 'package.json': scripts(WITH_BROWSER), [CI]: job('npm test') },
    ['npm run test:unit'],
  ],
  [
    'tests of a folder for browsers that run on Node',
    { 'package.json': scripts({ test: 'npm run test:browser', 'test:browser': 'mocha test/browser/a.js' }) },
    ['npm test'],
  ],
  [
    'tests with coverage beside the same without',
    {
      'package.json': scripts({
        test: 'yarn test:app',
        'test:app': 'vitest',
        'test:coverage': 'vitest --coverage',
      }),
      [CI]: job('npm run test:coverage', 'npm run test:app'),
    },
    ['npm test'],
  ],
  [
    'what fetches, counts and merges is no test',
    {
      'package.json': scripts({
        'ci:test': 'x',
        'ci:test:count': 'x',
        'ci:test:fetch-cache': 'x',
        'test:box': 'docker run x',
        'build-wasm': 'npm run wasm -- --docker',
        wasm: 'x',
      }),
      [CI]: job(
        'npm run build-wasm',
        'npm run ci:test:fetch-cache',
        'npm run ci:test:count',
        'npm run test:box',
        'npm run ci:test',
      ),
    },
    ['npm run ci:test'],
  ],
  [
    'tests that are compiled first',
    { 'package.json': scripts({ test: 'mocha "out/test/**/*.js"', compile: 'tsc -b' }) },
    ['npm run compile && npm test'],
  ],
  [
    'tests of a part that are compiled at the root',
    {
      'package.json': scripts({ test: 'cd client && npm test', compile: 'tsc -b' }),
      'client/package.json': scripts({ test: 'node --test out/a.test.js' }),
    },
    ['npm run compile && npm test', 'npm test'],
  ],
  [
    'compiled files that are committed',
    { 'package.json': scripts({ test: 'node lib/test.js', build: 'tsc' }), 'lib/test.js': '' },
    ['npm test'],
  ],
])('%s', async (_name, files, expected) => {
  expect(await checksOf(files)).toEqual(expected)
})

test('an entry of a matrix with a value of its own is a combination of its own', () => {
  const matrix = {
    NODE: [20, 24],
    SCRIPT: ['test:node'],
    include: [{ NODE: 24, SCRIPT: 'lint' }, { NODE: 18 }],
  }
  expect(narrowMatrix(matrix).map((one) => one.get('script'))).toEqual(['test:node', 'lint'])
})
