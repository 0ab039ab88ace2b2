import { expect, test } from 'vitest'
import { readCi } from '../../../../src/checks/plans/ci/read-ci.ts'
import { detectRepository } from '../../../../src/checks/plans/detect-repository.ts'
import { plannedChecks, projectOf } from '../../project-of.ts'

const CI = '.github/workflows/ci.yml'
const job = (...steps: readonly string[]) =>
  ['on: push', 'jobs:', '  test:', '    runs-on: ubuntu-latest', '    steps:', ...steps].join('\n')
const run = (...commands: readonly string[]) => commands.map((command) => `      - run: ${command}`)

const lines = async (text: string) =>
  (await readCi(projectOf({ [CI]: text }))).ci.map(({ folder, command }) => `${folder}: ${command}`)
const checks = async (files: Readonly<Record<string, string>>, text: string) =>
  (await plannedChecks(projectOf({ ...files, [CI]: text }, ['pnpm']))).commands

test('braces that close two maps are no end of an expression', async () => {
  const flow = [
    'on: push',
    'jobs:',
    '  test:',
    '    runs-on: ubuntu-latest',
    '    strategy: {matrix: {py: [nox]}}',
    '    steps:',
    `      - {run: "\${{ matrix.py }} -s tests", env: {A: {b: c}}}`,
    '      - run: tox -e ${{',
    '          matrix.py }}',
  ].join('\n')
  expect(await lines(flow)).toEqual([': nox -s tests', ': tox -e nox'])
})

test('the lines of jobs are read with the folder that they run in', async () => {
  const text = `
on: push
defaults:
  run:
    working-directory: ./app
jobs:
  # a comment
  test:
    strategy:
      matrix: { node: [20] }
    steps:
      - uses: actions/checkout@v4
        with:
          path: x
      - name: Install
        run: npm ci
      - name: Test
        working-directory: packages/a
        run: |
          npm run build && npm run test:unit

          cd ../b
          pytest \\
            -x tests
      - run: "cargo test --workspace"
  lint:
    defaults:
      run:
        working-directory: other
    steps:
      - run: make lint
        working-directory: \${{ matrix.folder }}
      - run: >
          make check
  deploy:
    steps:
      - run: npm test
`
  expect(await lines(text)).toEqual([
    'app: npm ci',
    'packages/a: npm run build',
    'packages/a: npm run test:unit',
    'packages/b: pytest -x tests',
    'app: cargo test --workspace',
    'other: make check',
  ])
})

test.each([
  `echo \${{ secrets.TOKEN }}`,
  'curl https://example.org | sh',
  'sudo make test',
  'npm run deploy:test',
  'npm test > log',
  'npm test; rm -rf /',
  'npm test $(id)',
  'npm test `id`',
  'npm start > a.log & npm test',
  'docker compose run test',
  'npm publish',
  '"$HOME/test"',
])('%s is no command that is taken from CI', async (command) => {
  expect(await lines(job(...run(command)))).toEqual([])
})

test('after a change of folder that cannot be followed nothing is taken', async () => {
  const block = ['      - run: |', '          cd "$PLACE"', '          go test ./...']
  expect(await lines(job(...block, ...run('cd ../.. && make test', 'make check')))).toEqual([': make check'])
})

test.each<[string, Readonly<Record<string, string>>, readonly string[], readonly string[]]>([
  [
    'a script with a name of its own',
    { 'package.json': '{"scripts":{"test-node":"x"}}' },
    ['npm ci', 'npm run test-node'],
    ['npm run test-node'],
  ],
  [
    'arguments of pytest',
    { 'pyproject.toml': '[project]', 'x/test_a.py': '' },
    ['python -m pytest x --strict-markers --cov=a -n auto'],
    ['python3 -m pytest x --strict-markers'],
  ],
  [
    'a runner of its own',
    { 'setup.py': '', 'a.py': '', 'tests/run_tests.py': '' },
    ['python tests/run_tests.py'],
    ['python3 tests/run_tests.py'],
  ],
  [
    'a repository without a manifest',
    { 'a.c': '', 'configure.ac': '' },
    ['autoreconf -i', `./configure --host=\${{ matrix.a }} --b`, 'make', 'make check'],
    ['make && make check'],
  ],
  ['a language that is not known', { 'a.cr': '' }, ['crystal spec'], ['crystal spec']],
  [
    'manifests win',
    { 'package.json': '{"scripts":{"test":"x","other":"y"}}' },
    ['npm run test:other', 'make check'],
    ['npm test'],
  ],
])('from CI: %s', async (_name, files, commands, expected) => {
  expect(await checks(files, job(...run(...commands)))).toEqual(expected)
})

test('what CI prepares once is setup', async () => {
  const text = job(...run('autoreconf -i', `./configure --host=\${{ matrix.a }} --b`, 'make', 'make check'))
  const { projects } = await detectRepository(projectOf({ 'a.c': '', [CI]: text }))
  expect(projects).toMatchObject([
    { folder: '', ecosystem: 'CI', source: CI, setup: ['autoreconf -i', './configure --b'] },
  ])
})

test('a workspace is built before its tests if CI does so', async () => {
  const root = { scripts: { build: 'turbo build', test: 'turbo test' }, workspaces: ['packages/*'] }
  const files = { 'package.json': JSON.stringify(root), 'pnpm-lock.yaml': '' }
  expect(await checks(files, job(...run('pnpm install', 'pnpm build', 'pnpm test')))).toEqual([
    'pnpm run build && pnpm run test',
  ])
  expect(await checks(files, job(...run('pnpm test', 'pnpm build')))).toEqual(['pnpm run test'])
})

test.each([
  '- run: a\n',
  'run: |\n',
  '  - run: |\n    x\n',
  'working-directory: a\n',
  'a && ',
])('a hostile workflow of %j takes time in proportion to its size', async (piece) => {
  await checks({}, job(piece.repeat((1024 * 1024) / piece.length)))
})

test('a matrix is narrowed, expressions are replaced, and jobs of other platforms are left out', async () => {
  const text = `
env: { SUITE: unit }
jobs:
  test:
    runs-on: \${{ matrix.os }}
    if: github.event_name == 'push' || github.event_name == 'pull_request'
    env: { PYTHONPATH: src, CODECOV_TOKEN: x, MAVEN_OPTS: -Xmx1g }
    strategy:
      matrix:
        os: [windows-latest, ubuntu-latest]
        python: ['3.9', '3.10']
        place: [a, b]
        include:
          - os: ubuntu-latest
            flags: --strict
          - os: macos-latest
            place: c
    steps:
      - uses: actions/setup-python@v5
        with: { python-version: "\${{ matrix.python }}" }
      - run: pytest \${{ matrix.flags }} -k \${{ env.SUITE }} \${{ matrix.other || 'x' }} $UNKNOWN
      - run: tox -e py\${{ matrix.python }}
        working-directory: \${{ matrix.place }}
      - run: pytest windows
        if: runner.os == 'Windows'
      - run: pytest never
        if: failure()
      - run: |
          cat <<END
          make test
          END
          time make check 2>&1 | tee log.txt  # a comment
  mac:
    runs-on: macos-latest
    steps: [{ run: make mac }]
  called:
    uses: ./.github/workflows/other.yml
  local:
    services: { db: { image: postgres } }
    steps:
      - uses: ./.github/actions/a
        with: { what: checks }
`
  const action = `inputs: { what: { default: x }, more: { default: -s } }\nruns:\n  steps:\n    - run: make \${{ inputs.what }} \${{ inputs.more }}\n`
  const { ci, versions } = await readCi(projectOf({ [CI]: text, '.github/actions/a/action.yml': action }))
  expect(
    ci.map(({ folder, command, env, line, needsMore }) => [folder, command, env, line, needsMore]),
  ).toEqual([
    ['a', 'tox -e py3.10', ['PYTHONPATH=src'], 22, false],
    ['', 'make check', ['PYTHONPATH=src'], 32, false],
    ['b', 'tox -e py3.10', ['PYTHONPATH=src'], 22, false],
    ['', 'make check', ['PYTHONPATH=src'], 32, false],
    ['', 'make checks -s', [], 4, true],
  ])
  expect(versions).toEqual([{ file: CI, language: 'python', anyOf: ['3.9', '3.10'] }])
})

test.each([
  [
    '.gitlab-ci.yml',
    'test:\n  before_script: [npm ci]\n  script:\n    - npm test\ndeploy:\n  script: make test\n',
  ],
  [
    '.circleci/config.yml',
    'jobs:\n  test:\n    steps:\n      - checkout\n      - run: npm ci\n      - run: { command: npm test }\n',
  ],
  ['.travis.yml', 'install: npm ci\nscript:\n  - npm test\n'],
  ['azure-pipelines.yml', 'steps:\n  - script: |\n      npm ci\n      npm test\n'],
])('%s is read', async (file, text) => {
  const { ci } = await readCi(projectOf({ [file]: text }))
  expect(ci.map(({ command }) => command)).toEqual(['npm ci', 'npm test'])
})

test.each([
  '? '.repeat(30_000),
  '['.repeat(60_000),
  '- ${{ '.repeat(10_000),
  'a: "\n'.repeat(12_000),
  `x: &a [${'*a,'.repeat(20_000)}]`,
  `jobs:\n${Array.from({ length: 1400 }, (_, at) => `  j${at}: { steps: [] }`).join('\n')}`,
])('a hostile workflow that begins with %.20j is read or refused in little time', async (text) => {
  const before = process.threadCpuUsage()
  await readCi(projectOf({ [CI]: text, '.travis.yml': text, 'README.md': text }))
  expect(process.threadCpuUsage(before).user, 'microseconds').toBeLessThan(2_000_000)
})
