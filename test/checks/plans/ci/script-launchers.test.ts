import { expect, test } from 'vitest'
import { withoutLauncher } from '../../../../src/checks/plans/ci/script-launchers.ts'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { projectOf } from '../../project-of.ts'

test.each([
  ['nr test --run', 'npm run test --run'],
  ['vp run test', 'npm run test'],
  ['vp run --no-cache test:unit', 'npm run test:unit'],
  ['vp run -w build:release', 'npm run build:release'],
  ['vpr test', 'npm run test'],
  ['vp run test --coverage', 'npm run test -- --coverage'],
  ['vp run test -- --coverage', 'npm run test -- --coverage'],
  ['vp run -r test', 'pnpm -r run test'],
  ['vp run --recursive build', 'pnpm -r run build'],
  ['vp exec vitest run', 'npx vitest run'],
  ['vp exec -- vitest run', 'npx vitest run'],
  ['vpx vitest run', 'npx vitest run'],
  ['vp node scripts/a.js', 'node scripts/a.js'],
])('%s means %s', (written, plain) => {
  expect(withoutLauncher(written.split(' '))).toEqual(plain.split(' '))
})

test.each([
  'vp test',
  'vp run web#test',
  'vp run --filter web test',
  'vp run',
  'vp',
  'vp install',
  'nr',
  'vpn run test',
  'npm run test',
])('%s is no other command', (written) => {
  expect(withoutLauncher(written.split(' '))).toBeUndefined()
})

type Files = Readonly<Record<string, string>>
const ci = (...lines: readonly string[]): Files => ({
  '.github/workflows/ci.yml': [
    'jobs:',
    '  test:',
    '    steps:',
    '      - uses: voidzero-dev/setup-vp@v1',
    "        with: { node-version: '24' }",
    ...lines.map((one) => `      - run: ${one}`),
  ].join('\n'),
})
const pack = (scripts: Files, more: object = {}) => ({
  'package.json': JSON.stringify({ scripts, devDependencies: { 'vite-plus': '1' }, ...more }),
  'pnpm-lock.yaml': '',
})
const WITHOUT = { devDependencies: { vitest: '4' } }

async function planOf(files: Files) {
  const { projects } = await detectRepository(projectOf(files, ['pnpm']))
  return {
    setup: projects.flatMap(({ setup }) => setup),
    checks: projects.flatMap(({ checks }) => checks.map(({ inFolder }) => inFolder)),
  }
}

test.each<[string, Files, readonly string[]]>([
  [
    'the script that CI runs by `vp run`, where `package.json` also has the usual one',
    {
      ...pack({ test: 'playwright test', 'test:unit': 'vitest run' }, WITHOUT),
      ...ci('vp install', 'vp run test:unit'),
    },
    ['pnpm run test:unit'],
  ],
  ['tests without a script', { ...pack({}), ...ci('vp install', 'vp test') }, ['pnpm exec vp test']],
  [
    'tests among steps that run side by side',
    {
      ...pack({
        test: 'vp run test:unit && vp run test:e2e',
        'test:unit': 'vp test',
        'test:e2e': 'playwright test',
      }),
      '.github/workflows/ci.yml':
        'jobs:\n  test:\n    steps:\n      - parallel:\n          - run: vp run lint\n          - run: vp run test:unit\n',
    },
    ['pnpm run test:unit'],
  ],
  // The machine of CI has a `vp` of its own, with a vitest inside.
  ['no `vp test` where the package does not install it', { ...pack({}, WITHOUT), ...ci('vp test') }, []],
  ['no part of the tests', { ...pack({}), ...ci('vp test src/a.test.ts') }, []],
  [
    'a script that checks, and none that formats',
    { ...pack({ test: 'vp test', lint: 'vp lint && vp fmt', check: 'vp check' }) },
    ['pnpm run test', 'pnpm run check'],
  ],
  [
    'a formatter that only looks',
    { ...pack({ test: 'vp test', lint: 'vp lint && vp fmt --check' }) },
    ['pnpm run test', 'pnpm run lint'],
  ],
  [
    'no `oxfmt`, which writes',
    { ...pack({ test: 'vp test', lint: 'oxlint && oxfmt .' }) },
    ['pnpm run test'],
  ],
  [
    '`oxfmt` that only looks',
    { ...pack({ test: 'vp test', lint: 'oxfmt . --check && oxlint' }) },
    ['pnpm run test', 'pnpm run lint'],
  ],
])('checks: %s', async (_, files, checks) => {
  expect((await planOf(files)).checks).toEqual(checks)
})

test('the manager of the repository installs, and what CI runs before the tests runs too', async () => {
  const files = {
    ...pack({ test: 'vitest run', 'dev:prepare': 'node a.js' }, WITHOUT),
    ...ci('vp install', 'vp run dev:prepare', 'vp run test'),
  }

  expect(await planOf(files)).toEqual({
    setup: ['pnpm install --frozen-lockfile', 'npm run dev:prepare'],
    checks: ['pnpm run test'],
  })
})
