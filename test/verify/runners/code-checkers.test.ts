import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { instrument } from '../../../src/verify/runners/instrument.ts'
import { projectOf, scripts } from '../project-of.ts'

const run = promisify(execFile)
const JEST = '--json --outputFile=/r/jest.json'
const BIN = 'export PATH="$PWD/node_modules/.bin:$PATH"'

async function written(own: Readonly<Record<string, string>>): Promise<string | undefined> {
  const project = projectOf({ 'package.json': scripts(own) })
  return (await instrument('npm test', { project, folder: '/r' }))?.command
}

test.each<[string, Record<string, string>, string]>([
  [
    'a linter before a build',
    { test: 'xo && npm run build && jest', build: 'tsc' },
    `(code=0; ${BIN} && { xo || code=$?; } && npm run build && jest ${JEST} && exit $code)`,
  ],
  [
    'a script of linters',
    { test: 'npm run lint && jest', lint: 'eslint . && prettier --check .' },
    `(code=0; ${BIN} && { npm run lint || code=$?; } && jest ${JEST} && exit $code)`,
  ],
  [
    'npm runs it before',
    { pretest: 'npm run lint', test: 'jest', lint: 'eslint .' },
    `(code=0; ${BIN} && { npm run pretest || code=$?; } && jest ${JEST} && exit $code)`,
  ],
  [
    'and types behind the tests',
    { test: 'xo && ava && tsd' },
    `(code=0; ${BIN} && { xo || code=$?; } && ava --tap --timeout=4m && { tsd || code=$?; } && exit $code)`,
  ],
  [
    'types without output',
    { test: 'tsc --noEmit -p . && jest' },
    `(code=0; ${BIN} && { tsc --noEmit -p . || code=$?; } && jest ${JEST} && exit $code)`,
  ],
  [
    'in a script of the script',
    { test: 'npm run all', all: 'npx standard && jest' },
    `(code=0; ${BIN} && (code=0; ${BIN} && { npx standard || code=$?; } && jest ${JEST} && exit $code) && exit $code)`,
  ],
])('tests run although what comes before them fails, if it only looks at code: %s', async (_, own, text) => {
  expect(await written(own)).toBe(text)
})

test.each<[string, Record<string, string>, string]>([
  ['a build', { test: 'tsc && jest' }, `npm test -- ${JEST}`],
  ['a hook that makes something', { pretest: 'npm run build', test: 'jest' }, `npm test -- ${JEST}`],
  ['a linter behind the tests', { test: 'jest && xo' }, `(${BIN} && jest ${JEST} && xo)`],
  ['a linter beside a build', { pretest: 'eslint . && tsc', test: 'jest' }, `npm test -- ${JEST}`],
])('tests wait for what they need: %s', async (_, own, text) => {
  expect(await written(own)).toBe(text)
})

test('the whole fails with the linter, with the tests, and with neither', async () => {
  const command = await written({ test: 'xo && jest' })
  const folder = await mkdtemp(join(tmpdir(), 'backspace-checkers-'))
  try {
    const bin = join(folder, 'node_modules/.bin')
    await mkdir(bin, { recursive: true })
    for (const name of ['xo', 'jest']) {
      await writeFile(join(bin, name), `#!/bin/sh\necho ${name}; exit "$${name}"\n`)
      await chmod(join(bin, name), 0o755)
    }
    const endOf = (codes: Readonly<Record<string, string>>) =>
      run('bash', ['-c', `set -eo pipefail\n${command}`], {
        cwd: folder,
        env: { ...process.env, ...codes },
      }).then(
        ({ stdout }) => [0, stdout],
        ({ code, stdout }) => [code, stdout],
      )
    expect(await endOf({ xo: '0', jest: '0' })).toEqual([0, 'xo\njest\n'])
    expect(await endOf({ xo: '3', jest: '0' })).toEqual([3, 'xo\njest\n'])
    expect(await endOf({ xo: '3', jest: '1' })).toEqual([1, 'xo\njest\n'])
    expect(await endOf({ xo: '0', jest: '1' })).toEqual([1, 'xo\njest\n'])
  } finally {
    await rm(folder, { recursive: true })
  }
})
