import { expect, test } from 'vitest'
import { instrument } from '../../../src/verify/runners/instrument.ts'
import { projectOf, scripts } from '../project-of.ts'

test.each([
  ['borp', 'npm test -- --reporter=spec --reporter=junit:/r/borp.xml'],
  ['c8 --100 borp --timeout 1000', 'npm test -- --reporter=spec --reporter=junit:/r/borp.xml'],
  ['borp -r tap', 'npm test -- --reporter=junit:/r/borp.xml'],
])('%s writes a report', async (script, written) => {
  const project = projectOf({ 'package.json': scripts({ test: script }) })
  const instrumented = await instrument('npm test', { project, folder: '/r' })
  expect(instrumented).toMatchObject({
    command: written,
    reports: [{ format: 'junit', source: { kind: 'files', pattern: '/r/borp.xml' } }],
    isSafe: false,
  })
})

test('tests of Vite+ are those of Vitest', async () => {
  const project = projectOf({ 'package.json': scripts({ test: 'vp test run src' }) })
  expect((await instrument('npm test', { project, folder: '/r' }))?.command).toBe(
    'npm test -- --reporter=default --reporter=json --outputFile.json=/r/vitest.json',
  )
})

test.each([
  ['ava', 'npm test -- --tap --timeout=4m'],
  ['c8 ava --serial', 'npm test -- --tap --timeout=4m'],
  ['ava --timeout=30s', 'npm test -- --tap'],
  ['ava -T 2m', 'npm test -- --tap'],
  ['tap test/*.js', 'npm test -- --output-file=/r/tap.tap --timeout=240'],
  ['tap run', 'npm test -- --output-file=/r/tap.tap --timeout=240'],
  ['tap -t60 test/*.js', 'npm test -- --output-file=/r/tap.tap'],
  ['tap --no-timeout', 'npm test -- --output-file=/r/tap.tap'],
])('%s has time on a slow machine, unless the script says how long it may take', async (script, written) => {
  const project = projectOf({ 'package.json': scripts({ test: script }) })
  expect((await instrument('npm test', { project, folder: '/r' }))?.command).toBe(written)
})

const NYC = { 'test-ci': 'nyc --reporter=text npm test', test: 'mocha -r env --reporter spec test/' }

test.each<[string, Record<string, string>, string]>([
  ['npm test', { test: 'mocha --reporter spec test/' }, 'npm test -- --reporter=/r/mocha.cjs'],
  ['npm test', { test: 'mocha -R dot' }, 'npm test -- --reporter=/r/mocha.cjs'],
  ['npm run test-ci', NYC, 'npm run test-ci -- -- --reporter=/r/mocha.cjs'],
  ['npx mocha -R=min a.js', {}, 'npx mocha -R=min a.js --reporter=/r/mocha.cjs'],
  ['npx mocha a.js', {}, 'npx mocha a.js --reporter=/r/mocha.cjs'],
])('tests of Mocha are named where %s names a reporter for people: %j', async (command, own, written) => {
  const project = projectOf({ 'package.json': scripts(own) })
  const instrumented = await instrument(command, { project, folder: '/r' })
  expect(instrumented?.command).toBe(written)
  expect(instrumented?.reports).toMatchObject([{ format: 'lines', source: { pattern: '/r/mocha-*.lines' } }])
})

test.each([
  'npx mocha --reporter xunit a.js',
  'npx mocha -R ./own.js a.js',
  'npx mocha --reporter spec -R json a.js',
  'npx mocha --reporter spec -- a.js',
])('a reporter that something may read stays: %s', async (command) => {
  const project = projectOf({ 'package.json': scripts({}) })
  expect((await instrument(command, { project, folder: '/r' }))?.command).toBeUndefined()
})
