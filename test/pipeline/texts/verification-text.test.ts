import { expect, test } from 'vitest'
import { checksTable, commitVerdict } from '../../../src/pipeline/texts/checks-table.ts'
import { proofList, verdictHeadline } from '../../../src/pipeline/texts/verification-text.ts'
import { createRedact } from '../../../src/secrets/redact.ts'
import { atOnce } from '../../../src/time/pieces.ts'
import { check, named, verificationOf } from '../../runs/summary/verifications.ts'

const OPTIONS = { repository: 'acme/api' }
const PROVEN = verificationOf({
  checks: [check('fixed', { newlyPassing: named('adds') })],
  regression: { verdict: 'fails_on_base', held: named('adds', 'adds | twice'), loose: named() },
  necessity: {
    hunks: 3,
    tried: 3,
    held: 2,
    loose: [{ path: 'app.js', from: 3, to: 7, diff: '@@ -3 +3 @@\n-a\n+b\n' }],
  },
})

test('a reviewer reads the verdict first, and where it comes from', () => {
  expect(verdictHeadline(PROVEN)).toBe(
    `### ✅ Fixes 1 failing test; 2 tests of this change fail without it; 2 of 3 changed hunks are needed by a test

<sub>Verified by Backspace in a clean sandbox that the agent never entered: commit \`1111111\` of \`main\` with exactly the files of this change.</sub>`,
  )
})

test('then what the tests prove, by name, and the hunks that no test needs', () => {
  expect(proofList(PROVEN, OPTIONS)).toBe(`- ✅ \`npm test\`, failing before: \`adds\`
- ✅ With the source of this change taken out, 2 tests of it fail: \`adds\`, \`adds │ twice\`
- ⚠️ Each changed hunk was taken out alone: 2 of 3 make a test fail
- No test fails without the change to \`app.js\`, lines 3–7.

<details><summary>Hunks that no test needs</summary>

\`app.js\`

\`\`\`diff
@@ -3 +3 @@
-a
+b
\`\`\`

</details>`)
})

test('hunks that were not tried do not count as tried', () => {
  const necessity = { hunks: 3, tried: 1, held: 1, loose: [], reason: 'it would take too long' }
  expect(proofList(verificationOf({ checks: [check('passes')], necessity }), OPTIONS)).toBe(
    `- ✅ 1 of 3 changed hunks was taken out alone: 1 of 1 makes a test fail
- 2 hunks not tried: it would take too long.`,
  )
})

test('what passes by an edit of how it runs is called fixed nowhere', () => {
  const judged = {
    ...check('fixed', { newlyPassing: named('adds') }),
    steered: { files: named('conftest.py') },
  }
  const of = (exitCode: number) => [{ command: 'npm test', exitCode, durationMs: 1, tail: '' }]
  const table = checksTable({ before: of(1), after: of(0), files: [], judged: [judged] })
  expect(`${table}`).toContain('**depends on edits of how it runs** |')
  expect(`${table}${proofList(verificationOf({ checks: [judged] }), OPTIONS)}`).not.toMatch(
    /fixed|failing before/,
  )
})

test('fifty checks with long names leave room for the rest of a pull request', () => {
  const long = named(...Array.from({ length: 20 }, (_, at) => `${at} ${'n'.repeat(290)}`))
  const lists = { newlyPassing: long, missing: long, newlySkipped: long, stillFailing: long }
  const checks = Array.from({ length: 50 }, () => check('fixed', lists))
  const text = proofList(verificationOf({ checks }), OPTIONS)
  expect(text.length).toBeLessThan(25_000)
  expect(text).toContain('- … and 40 more')
})

test('what was not verified says so, and claims no clean sandbox', () => {
  const verification = verificationOf({ unverified: 'setup failed: `npm ci` ended with 1.' })
  expect(verdictHeadline(verification)).toBe('### ⚠️ Not verified')
  expect(proofList(verification, OPTIONS)).toBe('- Not verified: setup failed: `npm ci` ended with 1.')
  for (const checks of [[], [check('no_proof')]])
    expect(verdictHeadline(verificationOf({ checks }))).toContain(
      '<sub>Tried by Backspace in a clean sandbox',
    )
})

test.each([
  { verification: PROVEN, draft: false, conclusion: 'success', title: /^Fixes 1 failing test; 2 tests/ },
  { verification: PROVEN, draft: true, conclusion: 'neutral', title: /^Draft\. Fixes 1/ },
  {
    verification: verificationOf({ checks: [check('newly_failing')] }),
    draft: true,
    conclusion: 'failure',
    title: /^npm test newly fails$/,
  },
  {
    verification: verificationOf({ checks: [check('still_failing')] }),
    draft: false,
    conclusion: 'neutral',
    title: /^npm test fails as before$/,
  },
] as const)('the check run says $title, $conclusion', ({ verification, draft, conclusion, title }) => {
  const verdict = atOnce(
    commitVerdict({
      checksBefore: [],
      checksAfter: [],
      verification,
      files: [],
      draft,
      noModel: false,
      repository: 'acme/api',
      redact: createRedact([]),
    }),
  )
  expect(verdict).toMatchObject({ conclusion, title: expect.stringMatching(title) })
})
