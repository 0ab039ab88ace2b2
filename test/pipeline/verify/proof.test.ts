import { expect, test } from 'vitest'
import { preparePipelines } from '../pipeline-world.ts'
import { outcomeOf, seen, startVerifying } from './verified-run.ts'

const startPipeline = preparePipelines()

/** A program with three parts; two of them have a test. */
const FILES = {
  'package.json': '{ "type": "module", "scripts": { "test": "node --test" } }\n',
  '.github/backspace.yml': 'checks: node --test\n',
  'src/parts.js': `export const one = () => 0
${'// apart\n'.repeat(10)}
export const two = () => 0
${'// apart\n'.repeat(10)}
export const three = () => 0
`,
  'test/parts.test.js': `import { test } from 'node:test'
import assert from 'node:assert'
import { three } from '../src/parts.js'
test('three is', () => assert.equal(three(), 0))
test('red before', () => assert.equal(1, 2))
`,
}

const FIX = "sed -i 's/one = () => 0/one = () => 1/; s/two = () => 0/two = () => 2/' src/parts.js"
const TESTS = `cat > test/new.test.js <<'END'
import { test } from 'node:test'
import assert from 'node:assert'
import * as parts from '../src/parts.js'
test('one', () => assert.equal(parts.one(), 1))
test('always', () => assert.ok(true))
END`

async function prove(script: string, files: Record<string, string> = {}) {
  const options = { verify: { mode: 'full', minutes: 5 } } as const
  const world = await startVerifying(startPipeline, { ...FILES, ...files }, options)
  const finished = await world.run({}, seen(script))
  const { verification, draft, conclusion, body } = await outcomeOf(world, finished)
  const { checks, regression, necessity, rooms } = verification
  const receipt = await world.receiptOf(finished.run.id)
  const predicate = receipt && receipt.verdict === 'valid' ? receipt.statement.predicate : undefined
  return { checks, regression, necessity, rooms, draft, conclusion, body, predicate }
}

test('a fix with its test: named, needed, and a hunk that nothing needs', async () => {
  const found = await prove(`${FIX}; ${TESTS}`)
  const { checks, regression, necessity, draft, conclusion, rooms, predicate, body } = found
  expect(checks).toMatchObject([{ verdict: 'still_failing', tests: { newlyFailing: { count: 0 } } }])
  expect(regression).toMatchObject({
    verdict: 'fails_on_base',
    held: { count: 1, names: [expect.stringMatching(/one$/)] },
    loose: { count: 1, names: [expect.stringMatching(/always$/)] },
  })
  expect(necessity).toMatchObject({
    hunks: 2,
    tried: 2,
    held: 1,
    needed: [{ path: 'src/parts.js', from: 1, command: expect.any(String), tests: { count: 1 } }],
    loose: [{ path: 'src/parts.js', from: 13 }],
  })
  expect(predicate?.verification.coverage).toMatchObject({ lines: 2, run: 2, missed: [] })
  expect(body).toContain('2 of 2 changed lines run under the tests.')
  const ran = predicate?.commands.list.map(({ room, purpose, files, ended, hunk, again }) => {
    return [room, purpose, files, ended, hunk?.from, again && 'again'].filter(Boolean).join(' ')
  })
  expect(ran).toEqual([
    'baseline check base failed',
    'head check change failed',
    'regression test without_source failed',
    'regression test without_source failed again',
    'regression test change passed',
    ...['regression necessity without_hunk failed 1', 'regression necessity without_hunk passed 13'],
    'regression necessity without_hunk failed 13',
  ])
  expect(predicate?.commands.list[1]).toMatchObject({
    log: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/), bytes: expect.any(Number) },
    tests: { passed: 3, failed: 1, names: [{ name: expect.stringMatching(/red before$/) }, {}, {}, {}] },
  })
  expect(predicate?.sandbox).toMatchObject({ git: expect.stringMatching(/^\d+\.\d+/) })
  expect(rooms?.map(({ name }) => name)).toEqual(['head', 'regression'])
  expect({ draft, conclusion }).toMatchObject({ draft: false })
})

test('a red base hides nothing: what newly fails is named (V1)', async () => {
  const { checks, draft, conclusion, regression } = await prove(
    "sed -i 's/three = () => 0/three = () => 9/' src/parts.js",
  )
  expect(checks).toMatchObject([
    {
      verdict: 'newly_failing',
      tests: { newlyFailing: { count: 1, names: [expect.stringMatching(/three is$/)] } },
    },
  ])
  expect(regression).toMatchObject({ verdict: 'skipped' })
  expect({ draft, conclusion }).toEqual({ draft: true, conclusion: 'failure' })
})
