import { expect, test } from 'vitest'
import { earlierProofs, sharedProof } from '../../../src/pipeline/report/proof-comment.ts'
import type { Run } from '../../../src/runs/run.ts'
import { aRequest, onIssue } from '../../runs/start-runs.ts'

/** A run on one pull request; `state` w: waits, s: has started, e: has ended. */
function aRun(id: string, state: 'w' | 's' | 'e', prove = true): Run {
  const at = new Date('2026-11-29T10:00:00Z')
  const [verdict, ending] = [{ tone: 'good', line: 'Fixes `x`' }, { message: 'm' }]
  return {
    ...{ id, status: 'running', attempt: 1, budgetUsd: null, createdAt: at },
    startedAt: state === 'w' ? null : at,
    finishedAt: state === 'e' ? at : null,
    request: { ...onIssue(3), options: { prove } },
    ending: state === 'e' ? { ...ending, totals: { verdict } } : null,
    progress: { provedSha: `${id}${'0'.repeat(39)}` },
  } as unknown as Run
}

test.each([
  ['the only one, though it waits', 'a', [aRun('a', 'w')], true, []],
  ['one that waits behind another', 'b', [aRun('b', 'w'), aRun('a', 's')], false, []],
  ['the newest that has started', 'b', [aRun('c', 'w'), aRun('b', 's'), aRun('a', 'e')], true, ['a']],
  ['one that ended before another started', 'a', [aRun('b', 's'), aRun('a', 'e')], false, []],
  ['one beside a run of an agent', 'a', [aRun('x', 's', false), aRun('a', 's')], true, []],
])('%s has the comment or not', async (_, id, runs, hasComment, earlier) => {
  const run = runs.find((one) => one.id === id) ?? aRun(id, 'w')
  const found = await sharedProof(run, { findOnThread: async () => runs })
  expect({ ...found, earlier: found?.earlier.map((one) => one.id) }).toEqual({
    ...{ hasComment, earlier },
    sha: run.progress.provedSha,
  })
})

test('other runs have comments of their own', async () => {
  const run = { ...aRun('a', 's'), request: aRequest() }
  expect(
    await sharedProof(run, { findOnThread: () => Promise.reject(new Error('not asked')) }),
  ).toBeUndefined()
})

test('ten earlier proofs are listed, and all are counted', () => {
  const runs = 'abcdefabcdef'.split('').map((id) => aRun(id, 'e'))
  const text = earlierProofs(runs, { repository: 'acme/api', runUrlOf: (id) => `http://a.test/runs/${id}` })
  expect(text).toContain('<summary>12 earlier proofs</summary>')
  expect(text).toContain('- `a000000`: ✅ Fixes `x` ([2026-11-29](http://a.test/runs/a))')
  expect(text.match(/^- /gm)).toHaveLength(11)
  expect(text).toContain('- … and 2 more')
})
