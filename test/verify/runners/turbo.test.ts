import { expect, test } from 'vitest'
import { narrowCheck } from '../../../src/verify/narrow-check.ts'
import { instrument } from '../../../src/verify/runners/instrument.ts'
import { projectOf, scripts } from '../project-of.ts'

const PROJECT = projectOf({
  'package.json': { workspaces: ['packages/*'], ...scripts({ test: 'turbo run test --force' }) },
  'packages/a/package.json': scripts({ test: 'jest' }),
  'packages/b/package.json': scripts({ test: 'make && jest && tsd' }),
  'packages/c/package.json': scripts({}),
  'packages/d/package.json': scripts({ test: 'node --test' }),
})

test('turbo runs each member with a report of its own, behind what the member needs', async () => {
  const found = await instrument('npx turbo test', { project: PROJECT, folder: '/r' })
  const [a, b, d] = ['a', 'b', 'd'].map((name) => `npx turbo run test --filter=./packages/${name}`)
  const jest = '-- --json --outputFile=/r/jest.json'
  expect(found?.command).toBe(
    `(code=0; ${a} ${jest} || code=$?; ${b} || code=$?; ${d} || code=$?; exit $code)`,
  )
  expect(found?.reports.map(({ folder }) => folder)).toEqual(['packages/a', 'packages/d'])
  const script = await instrument('npm test', { project: PROJECT, folder: '/r' })
  expect(script?.command).toContain(`turbo run test --force --filter=./packages/a ${jest}`)
})

test('so does Nx, by the folders of its projects', async () => {
  for (const options of ['--targets=test --parallel=5', '-t test --parallel=5']) {
    const found = await instrument(`pnpm exec nx run-many ${options}`, { project: PROJECT, folder: '/r' })
    const [a, b, d] = ['a', 'b', 'd'].map(
      (name) => `pnpm exec nx run-many --targets=test --parallel=5 --projects=packages/${name}`,
    )
    expect(found?.command).toBe(
      `(code=0; ${a} -- --json --outputFile=/r/jest.json || code=$?; ${b} || code=$?; ${d} || code=$?; exit $code)`,
    )
    expect(found?.isTakenApart).toBe(true)
  }
  for (const options of ['--targets=test,lint', '-t test --exclude=e2e', '-t test -p a', '', 'test'])
    expect(await instrument(`nx run-many ${options}`, { project: PROJECT, folder: '/r' })).toBeUndefined()
})

test('it is not taken apart where it runs other members, or a part of them', async () => {
  const files = ['packages/a/x.test.js']
  expect(await narrowCheck('npx turbo test', { project: PROJECT, files })).toBeUndefined()
  for (const command of ['turbo run test lint', 'turbo run test --filter=a', 'turbo run test --affected'])
    expect(await instrument(command, { project: PROJECT, folder: '/r' })).toBeUndefined()
})
