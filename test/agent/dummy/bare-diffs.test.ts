import { expect, test } from 'vitest'
import { createDummyAgent } from '../../../src/agent/dummy/dummy-agent.ts'
import { findWrittenChanges } from '../../../src/agent/dummy/find-written-changes.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { workOn } from '../support/work-on.ts'

const HUNK = '--- a/src/a.js\n+++ b/src/a.js\n@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n three'
const GIT = `diff --git a/src/a.js b/src/a.js\nindex 1a2b3c4..5d6e7f8 100644\n${HUNK}`
const diffs = (...texts: readonly string[]) =>
  findWrittenChanges(texts).map((change) => (change.kind === 'diff' ? change.text : change.kind))

test.for([
  ['alone', GIT, [`${GIT}\n`]],
  ['between sentences', `Apply this:\n\n${GIT}\n\nThanks!`, [`${GIT}\n`]],
  ['without the line of git', `${HUNK}\n`, [`${HUNK}\n`]],
  [
    'of two files',
    `${GIT}\n${GIT.replaceAll('a.js', 'b.js')}`,
    [`${GIT}\n${GIT.replaceAll('a.js', 'b.js')}\n`],
  ],
  [
    'with an empty line that lost its space',
    HUNK.replace(' three', '\n three'),
    [`${HUNK.replace(' three', '\n three')}\n`],
  ],
  [
    'with lines that look like lists and code',
    `${HUNK}\n+-     x\n+    y\n-- z`,
    [`${HUNK}\n+-     x\n+    y\n-- z\n`],
  ],
  ['with the line ends of Windows', GIT.replaceAll('\n', '\r\n'), [`${GIT}\n`]],
  ['in a block of code, once', `\`\`\`diff\n${GIT}\n\`\`\``, [`${GIT}\n`]],
  ['in a block of another language', `\`\`\`text\n${GIT}\n\`\`\``, []],
  ['in a quotation', GIT.replaceAll(/^/gm, '> '), []],
  ['that is only mentioned', 'Run diff --git a b\n--- and +++ are its marks', []],
] as const)('a diff %s is found', ([, text, found]) => {
  expect(diffs(text)).toEqual(found)
})

const MAIL = `From ${'1a'.repeat(20)} Mon Sep 17 00:00:00 2001\nFrom: Ada <ada@example.org>\nSubject: [PATCH] x\n\n---\n src/a.js | 2 +-\n\n${GIT}\n-- \n2.51.0\n`

test.for([
  ['alone', GIT],
  ['as git format-patch writes it', MAIL],
] as const)('a pasted diff is applied as it is, and does not name the pull request: %s', async ([
  ,
  prompt,
]) => {
  const place = await openWorkspace({ 'src/a.js': 'one\ntwo\nthree\n' })
  const { outcome } = await workOn(place, createDummyAgent(), {
    task: {
      prompt,
      thread: { kind: 'issue', number: 3, title: 'Count in German', body: '', author: 'bob', trusted: true },
    },
  })
  expect(outcome).toMatchObject({ kind: 'done', title: 'Count in German' })
  expect(await place.read('src/a.js')).toBe('one\nzwei\nthree\n')
})

test.for([
  [
    'a linter that fails',
    [
      { command: 'npm run lint', exitCode: 1 },
      { command: 'npm test', exitCode: 1 },
    ],
    '`npm test` fails already',
  ],
  [
    'a program that is not installed',
    [
      { command: 'pytest', exitCode: 127 },
      { command: 'cargo test', exitCode: 101 },
    ],
    '`cargo test` fails already',
  ],
  [
    'only a linter',
    [
      { command: 'npm run lint', exitCode: 1 },
      { command: 'npm test', exitCode: 0 },
    ],
    'with a failing test',
  ],
  ['a test that times out', [{ command: 'go test ./...', exitCode: 124 }], 'with a failing test'],
] as const)('triage reproduces a bug with a test that fails: %s', async ([, checks, step]) => {
  const place = await openWorkspace({ 'src/a.js': 'one\n' })
  const baseline = checks.map((check) => ({ ...check, durationMs: 10, tail: '' }))
  const { outcome } = await workOn(place, createDummyAgent(), { task: { prompt: 'one is wrong', baseline } })
  expect(outcome.summary).toMatch(/Reproduce it(?:: | )/)
  expect(outcome.summary).toContain(step)
})
