import { expect, test } from 'vitest'
import { instrument } from '../../../src/verify/runners/instrument.ts'
import type { CoverageTool } from '../../../src/verify/runners/runner.ts'
import { projectOf, scripts } from '../project-of.ts'

const PROJECT = projectOf({
  'package.json': scripts({
    test: 'vitest run',
    unit: 'tsc -p . && jest --coverage',
    nested: 'npm run unit',
    pretest: 'tsc',
    args: 'mocha -- test',
    'test:node': 'node --test test/*.js',
    env: 'NODE_OPTIONS=--no-warnings node --test',
    pipe: 'tape test/*.js | tap-spec',
    twice: 'vitest run && playwright test',
  }),
  'web/package.json': scripts({ test: 'jest' }),
  'composer.json': scripts({ test: 'phpunit' }),
  'deno.json': { tasks: { test: 'deno test -A' } },
  'lib.ts': '',
})

const VITEST = '--reporter=default --reporter=json --outputFile.json=/r/vitest.json'
const JEST = '--json --outputFile=/r/jest.json'

test.each([
  // Programs, behind what starts them.
  ['npx vitest run src', `npx vitest run ${VITEST} src`],
  ['FOO=1 npx --no-install jest -i', `FOO=1 npx --no-install jest ${JEST} -i`],
  ['cd web && pnpm exec jest', `cd web && pnpm exec jest ${JEST}`],
  [
    'node --no-warnings node_modules/jest/bin/jest.js',
    `node --no-warnings node_modules/jest/bin/jest.js ${JEST}`,
  ],
  ['go test -race ./...', 'go test -json -race ./...'],
  [
    'cargo +nightly test --workspace -- --test-threads=1',
    'cargo +nightly test --no-fail-fast --workspace -- --test-threads=1',
  ],
  [
    'cargo nextest run -p a',
    'cargo nextest run --tool-config-file=backspace:/r/nextest.toml --no-fail-fast -p a',
  ],
  [
    'uv run --frozen python3 -m unittest discover -s tests',
    'uv run --frozen python3 -m unittest discover -v -s tests',
  ],
  ['python3 manage.py test', 'python3 manage.py test --verbosity=2'],
  ['mvn -q test', 'mvn --fail-at-end -q test'],
  ['sh ./gradlew test', 'sh ./gradlew --continue test'],
  ['dotnet test', 'dotnet test --logger=trx --results-directory=/r/trx'],
  ['vendor/bin/phpunit', 'vendor/bin/phpunit --log-junit /r/phpunit.xml'],
  ['bun test', 'bun test --reporter=junit --reporter-outfile=/r/bun.xml'],
  ['deno test -A', 'deno test --junit-path=/r/deno.xml -A'],
  ['yarn vitest', `yarn vitest ${VITEST}`],
  // Scripts.
  ['npm test', `npm test -- ${VITEST}`],
  ['pnpm run test', `pnpm run test ${VITEST}`],
  ['npx --yes pnpm@9.1.0 run test', `npx --yes pnpm@9.1.0 run test ${VITEST}`],
  ['yarn test', `yarn test ${VITEST}`],
  ['npm run unit', `npm run unit -- ${JEST}`],
  ['npm run nested', `npm run nested -- -- ${JEST}`],
  ['npm --prefix web test', `npm --prefix web test -- ${JEST}`],
  ['cd web && npm test', `cd web && npm test -- ${JEST}`],
  ['npm run args', '(export PATH="$PWD/node_modules/.bin:$PATH" && mocha --reporter=/r/mocha.cjs -- test)'],
  ['composer test', 'composer test -- --log-junit /r/phpunit.xml'],
  ['deno task test', 'deno task test --junit-path=/r/deno.xml'],
  [
    'npm run twice',
    `(export PATH="$PWD/node_modules/.bin:$PATH" && vitest run ${VITEST} && playwright test --reporter=list,junit)`,
  ],
])('%s', async (command, instrumented) => {
  expect((await instrument(command, { project: PROJECT, folder: '/r' }))?.command).toBe(instrumented)
})

test.each([
  'npm run lint',
  'npm run missing',
  'npm run pipe',
  'eslint .',
  'make',
  'npm run env',
  'jest --json',
])('%s: no report', async (command) => {
  expect(await instrument(command, { project: PROJECT, folder: '/r' })).toBeUndefined()
})

test('runners that read variables are reached however they are started, and others by what they print', async () => {
  const project = projectOf({ 'a.py': '', Makefile: '', 'spec/a_spec.rb': '' })
  for (const command of ['python3 -m pytest -x', 'make test', 'tox', 'if true; then ./run; fi']) {
    const instrumented = await instrument(command, { project, folder: '/r' })
    expect(instrumented?.command).toBe(command)
    expect(instrumented?.env).toMatchObject({
      PYTEST_ADDOPTS: expect.stringContaining('-p no:cacheprovider --junitxml=/r/pytest.xml'),
    })
  }
  for (const command of ['make check', 'bash test.sh', 'cd t && prove -l t', 'tox -e py']) {
    const { reports } = (await instrument(command, { project: PROJECT, folder: '/r' })) ?? {}
    expect(reports).toEqual([{ format: 'printed', source: { kind: 'output' }, folder: '' }])
  }
  const node = await instrument('npm run test:node', { project: PROJECT, folder: '/r' })
  expect(node).toMatchObject({
    command: 'npm run test:node',
    env: { NODE_OPTIONS: expect.stringContaining('--test-reporter=/r/node.mjs') },
    reports: [{ format: 'lines', source: { kind: 'files', pattern: '/r/node-*.lines' } }],
  })
})

test('members of a workspace write a report each, and all of them run', async () => {
  const project = projectOf({
    'package.json': {
      workspaces: ['packages/*'],
      ...scripts({ test: 'npm run unit --workspaces --if-present' }),
    },
    'packages/a/package.json': scripts({ unit: 'jest' }),
    'packages/b/package.json': scripts({ unit: 'tsc' }),
    'packages/c/package.json': scripts({ unit: 'vitest run' }),
    'packages/d/package.json': scripts({}),
    'other/package.json': scripts({ unit: 'jest' }),
  })
  const all = (program: string, only: string, dashes: string) => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => `${program} ${only}packages/${name} run unit`)
    return `(code=0; ${a} ${dashes}${JEST} || code=$?; ${b} || code=$?; ${c} ${dashes}${VITEST} || code=$?; exit $code)`
  }
  const npm = await instrument('npm run unit --workspaces --if-present', { project, folder: '/r' })
  expect(npm?.command).toBe(all('npm', '--workspace=', '-- '))
  expect(npm?.reports.map(({ folder }) => folder)).toEqual(['packages/a', 'packages/c'])
  const pnpm = await instrument('npx --yes pnpm@9.1.0 --recursive --if-present run unit', {
    project,
    folder: '/r',
  })
  expect(pnpm?.command).toBe(all('npx --yes pnpm@9.1.0', '--filter=./', ''))
  const script = await instrument('npm test', { project, folder: '/r' })
  expect(script?.command).toBe(
    `(export PATH="$PWD/node_modules/.bin:$PATH" && ${all('npm', '--workspace=', '-- ')})`,
  )
})

test('members of workspaces of Yarn and Bun, and what is not as plain as that', async () => {
  const project = projectOf({
    'package.json': {
      workspaces: ['packages/*'],
      ...scripts({ test: 'yarn workspaces foreach -A run test', lint: 'jest' }),
    },
    'packages/a/package.json': scripts({ test: 'jest', lint: 'jest', all: 'jest' }),
    'packages/b/package.json': scripts({ all: 'vitest run' }),
  })
  const command = async (text: string) => (await instrument(text, { project, folder: '/r' }))?.command
  const jest = `run test ${JEST} || code=$?; exit $code)`
  expect(await command('yarn workspaces foreach --all run test')).toBe(
    `(code=0; yarn --cwd packages/a ${jest}`,
  )
  expect(await command('yarn workspaces foreach -Apt run test')).toBe(
    `(code=0; yarn --cwd packages/a ${jest}`,
  )
  expect(await command("bun run --filter '*' test")).toBe(`(code=0; bun --cwd=packages/a ${jest}`)
  expect(await command('bun run --workspaces test')).toBe(`(code=0; bun --cwd=packages/a ${jest}`)
  expect(await command('yarn workspaces run all')).toContain(
    'yarn --cwd packages/b run all --reporter=default',
  )
  for (const text of [
    // The root has it as well, a member has it not, and parts of the members.
    'yarn workspaces foreach --all run lint',
    'yarn workspaces run test',
    'npm run test --workspaces',
    'yarn workspaces foreach --since run test',
    'yarn workspaces foreach --all --exclude a run test',
    "bun run --filter 'a*' test",
    'bun run --filter * test -x',
  ]) {
    expect(await command(text)).toBeUndefined()
  }
})

test('two calls of a runner write two files; what the environment can say only once has one report', async () => {
  const project = projectOf({ 'a/x': '', 'b/x': '' })
  const both = await instrument('cd a && jest && cd ../b && jest', { project, folder: '/r' })
  expect(both?.command).toBe(`cd a && jest ${JEST} && cd ../b && jest --json --outputFile=/r/2-jest.json`)
  expect(both?.reports.map(({ folder }) => folder)).toEqual(['a', 'b'])
  const tests = await instrument('pytest a && pytest b', { project, folder: '/r' })
  expect(tests?.reports).toHaveLength(1)
})

/** What is added for coverage of these files. */
async function covered(command: string, files: readonly string[], tools: readonly CoverageTool[] = []) {
  const coverage = { root: '/workspace', files, tools: new Set(tools) }
  return await instrument(command, { project: PROJECT, folder: '/r', coverage })
}

const JEST_COVERAGE = '--coverage --coverageReporters=json --coverageDirectory=/r/jest-coverage'

test.each([
  [
    'cd web && npm test',
    `cd web && npm test -- ${JEST} ${JEST_COVERAGE} --collectCoverageFrom='**/a.ts' --collectCoverageFrom='**/?id?.ts'`,
  ],
  [
    'jest',
    `jest ${JEST} ${JEST_COVERAGE} --collectCoverageFrom='**/a.ts' --collectCoverageFrom='**/?id?.ts'`,
  ],
  ['jest --coverage', `jest ${JEST} --coverage`],
  [
    'npx vitest run',
    `npx vitest run ${VITEST} --coverage.enabled --coverage.reporter=json --coverage.reportsDirectory=/r/vitest-coverage --coverage.include='**/a.ts' --coverage.include='**/?id?.ts'`,
  ],
  ['npx vitest run --coverage', `npx vitest run ${VITEST} --coverage`],
  [
    'npm run test:node',
    '(export PATH="$PWD/node_modules/.bin:$PATH" && node --experimental-test-coverage --test test/*.js)',
  ],
  ['node --test', 'node --experimental-test-coverage --test'],
  // Its lines are those of what others compile.
  ['node --import tsx --test', 'node --import tsx --test'],
  ['npx tsx --test', 'npx tsx --test'],
  ['nyc node --test', 'nyc node --test'],
  ['go test ./...', 'go test -json -coverprofile=/r/go.cover -coverpkg=./lex,./ ./...'],
  ['go test -cover ./...', 'go test -json -cover ./...'],
  [
    'bun test',
    'bun test --reporter=junit --reporter-outfile=/r/bun.xml --coverage --coverage-reporter=lcov --coverage-dir=/r/bun-coverage',
  ],
  ['cargo test', 'cargo test --no-fail-fast'],
])('coverage of %s', async (command, instrumented) => {
  const files = command.startsWith('go') ? ['lex/a.go', 'lex/b.go', 'main.go'] : ['web/a.ts', 'web/[id].ts']
  const found = await covered(command, files, ['@vitest/coverage'])
  expect(found?.command).toBe(instrumented)
})

test('coverage is asked for only with a tool that the repository has', async () => {
  expect(await covered('vitest run', ['a.ts'])).toMatchObject({
    command: `vitest run ${VITEST}`,
    asksForCoverage: false,
  })
  expect(await covered('pytest', ['src/p/a.py'])).toMatchObject({ coverage: [], asksForCoverage: false })
  expect(await covered('pytest', ['src/p/a.py', 'a.ts'], ['pytest-cov'])).toMatchObject({
    env: {
      PYTEST_ADDOPTS: expect.stringMatching(
        / --cov=\/workspace\/src\/p --cov-report=xml:\/r\/pytest-coverage\.xml$/,
      ),
      COVERAGE_FILE: '/r/pytest-coverage.data',
    },
    coverage: [{ format: 'xml', pattern: '/r/pytest-coverage.xml' }],
    asksForCoverage: true,
  })
  const own = await covered('pytest --cov=p', ['src/p/a.py'], ['pytest-cov'])
  expect(own).toMatchObject({ asksForCoverage: false, coverage: [{ format: 'xml' }] })
  expect(own?.env.COVERAGE_FILE).toBeUndefined()
  expect(own?.env.PYTEST_ADDOPTS).not.toContain('--cov=')
})
