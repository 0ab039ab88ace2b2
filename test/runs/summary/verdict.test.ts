import { expect, test } from 'vitest'
import { verdictOf } from '../../../src/runs/summary/verdict.ts'
import { whyNoCoverage } from '../../../src/runs/summary/verdict-remarks.ts'
import type { Verification, VerifiedCheck } from '../../../src/runs/verification.ts'
import { check, named, tests, verificationOf } from './verifications.ts'

const counts = (passed: number, failed: number) => ({ passed, failed, skipped: 0 })

const HELD = { verdict: 'fails_on_base', held: named('adds', 'adds twice'), loose: named() } as const

test('a fix with tests that fail without it leads with both, and with the hunks that they need', () => {
  const verdict = verdictOf(
    verificationOf({
      checks: [check('fixed', { newlyPassing: named('adds') })],
      regression: HELD,
      necessity: { hunks: 3, tried: 3, held: 3, loose: [] },
    }),
  )
  expect(verdict).toEqual({
    tone: 'good',
    line: 'Fixes 1 failing test; 2 tests of this change fail without it; 3 of 3 changed hunks are needed by a test',
    draft: [],
    remarks: [],
  })
})

test('a check that breaks more tests than failed before is bad, though it was red already', () => {
  const broken = named(...Array.from({ length: 37 }, (_, index) => `test ${index}`))
  const { tone, line, draft } = verdictOf(
    verificationOf({
      checks: [
        check('newly_failing', {
          before: counts(120, 2),
          after: counts(83, 39),
          newlyFailing: broken,
          stillFailing: named('old', 'older'),
        }),
      ],
    }),
  )
  expect({ tone, line }).toEqual({ tone: 'bad', line: 'Breaks 37 tests: `npm test` newly fails' })
  expect(draft).toEqual([
    '`npm test`: 37 tests newly fail (2 tests failed before): `test 0`, `test 1`, `test 2`, `test 3`, `test 4`, 32 more.',
  ])
})

test('a check that passed and fails now is bad without names of tests too', () => {
  const { tone, line, draft } = verdictOf(
    verificationOf({ checks: [check('newly_failing'), check('passes')] }),
  )
  expect({ tone, line, draft }).toEqual({
    tone: 'bad',
    line: '`npm test` newly fails',
    draft: ['`npm test` passed before this change and fails with it.'],
  })
})

test.each([
  {
    name: 'red before and after without names',
    some: { checks: [check('cannot_tell')] },
    says: 'this check cannot tell',
  },
  {
    name: 'red before and after, and no test fails',
    some: { checks: [check('cannot_tell', { before: counts(8, 0), after: counts(9, 0) })] },
    says: 'and no failing test is the reason: this check cannot tell',
  },
  {
    name: 'red before and after, and no test passes',
    some: { checks: [check('cannot_tell', { before: counts(0, 3), after: counts(0, 3) })] },
    says: 'and none of its tests passes: this check cannot tell',
  },
  {
    name: 'nothing could run',
    some: { checks: [check('no_proof'), check('no_proof')] },
    says: 'Not verified: ',
  },
  {
    name: 'setup failed',
    some: { unverified: 'setup failed: `npm ci` ended with 1.' },
    says: 'Not verified: setup failed',
  },
  {
    name: 'tests are skipped now',
    some: { checks: [check('passes', { newlySkipped: named('adds') })] },
    says: 'that passed before is skipped now: `adds`',
  },
])('$name: a draft that says so, in no good tone', ({ some, says }) => {
  const { tone, draft } = verdictOf(verificationOf(some))
  expect(tone).toBe('neutral')
  expect(draft[0]).toContain(says)
})

test('a check that runs fewer tests than before is a draft, though it passes; renamed tests are none', () => {
  const before = counts(3, 1)
  const gone = { before, missing: named('a', 'b', 'c'), after: counts(1, 0) }
  const { tone, line, draft } = verdictOf(verificationOf({ checks: [check('passes', gone)] }))
  expect({ tone, line }).toEqual({
    tone: 'neutral',
    line: '`npm test` no longer runs all the tests that ran before',
  })
  expect(draft).toEqual([
    '`npm test`: 3 of the 4 tests that ran before are no longer reported: `a`, `b`, `c`.',
  ])
  const renamed = { ...gone, added: named('x', 'y', 'z') }
  expect(verdictOf(verificationOf({ checks: [check('passes', renamed)] })).draft).toEqual([])
})

test('what only tests make pass is not called fixed, and is a draft', () => {
  const { tone, line, draft } = verdictOf(
    verificationOf({
      checks: [check('fixed', tests({ newlyPassing: named('adds') }))],
      regression: { verdict: 'no_source', held: named(), loose: named() },
    }),
  )
  expect({ tone, line, draft }).toEqual({
    tone: 'neutral',
    line: 'What failed before passes now, but only tests were changed',
    draft: ['What failed before passes now, but only tests were changed.'],
  })
})

test.each([
  [{}, named('old'), '1 test failed before this change as well: `old`.'],
  [
    { redWords: named('1 error') },
    named(),
    'says the same both times: `1 error`. What the command would run',
  ],
])('what fails exactly as before is no draft, but not green (%#)', (red, stillFailing, remark) => {
  const failing = { ...check('still_failing', { stillFailing }), ...red }
  const verdict = verdictOf(verificationOf({ checks: [failing, check('passes')] }))
  const line = '1 of 2 checks pass; `npm test` fails as before'
  expect(verdict).toEqual({ tone: 'neutral', line, draft: [], remarks: [expect.stringContaining(remark)] })
})

test('part of the change that no check covers takes the green away and is named', () => {
  const { tone, line, remarks } = verdictOf(
    verificationOf({
      checks: [check('passes')],
      notChecked: [{ path: 'api', reason: 'no check covers it' }],
    }),
  )
  expect({ tone, line }).toEqual({ tone: 'neutral', line: 'The check passes' })
  expect(remarks).toEqual(['Not checked: `api` (no check covers it).'])
})

test('tests that prove nothing, loose hunks, and differences between the sandboxes are remarks', () => {
  const { tone, line, remarks } = verdictOf(
    verificationOf({
      checks: [check('passes', tests({ missing: named('gone'), added: named('new') }))],
      regression: { verdict: 'passes_on_base', held: named(), loose: named('always true') },
      necessity: {
        hunks: 2,
        tried: 1,
        held: 0,
        loose: [{ path: 'app.js', from: 3, to: 7, diff: '' }],
        reason: 'the time for verification was used up',
      },
      differences: ["`npm test` passes in the agent's workspace and fails in a clean one."],
    }),
  )
  expect({ tone, line }).toEqual({ tone: 'good', line: '0 of 1 tried hunk is needed by a test' })
  expect(remarks).toEqual([
    '`npm test`: 1 test that ran before is no longer reported: `gone`.',
    'The tests of this change pass without it as well, so they do not show what it does: `always true`.',
    'No test fails without the change to `app.js`, lines 3–7.',
    '1 hunk not tried: the time for verification was used up.',
    "`npm test` passes in the agent's workspace and fails in a clean one.",
  ])
})

test('names from the repository cannot leave their code span', () => {
  const evil = 'a` **Approved** <img src=x>\n# Heading'
  const { draft } = verdictOf(
    verificationOf({ checks: [check('newly_failing', { newlyFailing: named(evil) })] }),
  )
  expect(draft[0]).toContain('``a` **Approved** <img src=x>…``')
})

test('coverage of the changed lines is a remark, and never more', () => {
  const said = (coverage: Verification['coverage']) => {
    const verification = verificationOf({ checks: [check('passes')], coverage })
    const { remarks, ...others } = verdictOf(verification)
    expect(others).toEqual({ tone: 'good', line: 'The check passes', draft: [] })
    return [...remarks, ...whyNoCoverage(verification)]
  }
  const none = { lines: 0, run: 0, missed: [], unmeasured: named() }
  const missed = [
    { path: 'src/a.ts', from: 14, to: 15 },
    { path: 'src/`b`.ts', from: 3, to: 3 },
  ]
  expect(said({ ...none, lines: 20, run: 18, missed: missed.slice(0, 1) })).toEqual([
    '18 of 20 changed lines run under the tests; not run: `src/a.ts:14-15`.',
  ])
  expect(said({ ...none, lines: 1, run: 1 })).toEqual(['1 of 1 changed line runs under the tests.'])
  expect(said({ lines: 9, run: 2, missed, unmeasured: named('c.py') })).toEqual([
    '2 of 9 changed lines run under the tests; not run: `src/a.ts:14-15`, ``src/`b`.ts:3``, 4 more lines; not measured: `c.py`.',
  ])
  expect(said({ ...none, unmeasured: named('c.py') })).toEqual([
    'Coverage of the changed lines: not measured: `c.py`.',
  ])
  expect(said({ ...none, reason: "the repository's tool gives none" })).toEqual([
    "No coverage of the changed lines: the repository's tool gives none.",
  ])
  expect(said(none)).toEqual([])
  expect(said(undefined)).toEqual([])
})

const NOTHING = counts(0, 0)

test('a check that ran no test proves nothing', () => {
  const empty = check('passes', { before: NOTHING, after: NOTHING })
  expect(verdictOf(verificationOf({ checks: [empty] }))).toMatchObject({
    tone: 'neutral',
    line: 'Not verified',
    draft: ['Not verified: `npm test` ran no tests.'],
  })
  const lint = { ...check('passes'), command: 'npm run lint' }
  const some = verdictOf(verificationOf({ checks: [lint, empty] }))
  expect(some).toMatchObject({ tone: 'neutral', draft: [], remarks: ['`npm test` ran no tests.'] })
})

test('where the whole does not end, what the tests of the change show is said, and it stays a draft', () => {
  const regression = { verdict: 'fails_on_base', held: named('adds'), loose: named() } as const
  expect(verdictOf(verificationOf({ checks: [check('no_proof')], regression }))).toMatchObject({
    tone: 'neutral',
    line: 'Only partly verified; 1 test of this change fails without it',
    draft: ['Not verified: `npm test` could not run or did not end; 1 test of this change fails without it.'],
  })
})

test('a check that passes only with edits of how it runs makes a draft', () => {
  const of = (steered: VerifiedCheck['steered']) =>
    verdictOf(verificationOf({ checks: [{ ...check('passes'), steered }] }))
  const files = named('conftest.py')
  expect(of({ files, failing: named('times') })).toMatchObject({
    tone: 'neutral',
    line: '`npm test` depends on this change of `conftest.py`',
    draft: [
      'This change edits `conftest.py`, which decides how `npm test` runs. Without that edit, 1 test of before fails: `times`.',
    ],
  })
  expect(of({ files }).draft[0]).toContain('Without that edit the check fails.')
  expect(of({ files, reason: 'it would take too long' }).draft[0]).toContain(
    'The check was not run as before: it would take too long.',
  )
})
