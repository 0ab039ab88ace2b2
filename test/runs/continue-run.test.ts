import { expect, test } from 'vitest'
import { approvedRun } from '../../src/runs/approve-plan.ts'
import { continueRun } from '../../src/runs/continue-run.ts'
import type { Run } from '../../src/runs/run.ts'
import { aRequest } from './start-runs.ts'

const EARLIER = {
  id: 'earlier',
  request: aRequest({
    options: { agent: 'claude-code', model: 'openai:a', plan: true, draft: true },
    tainted: true,
  }),
}

test('a request that goes on from a run keeps what that one was asked for, unless it says otherwise', () => {
  const next = continueRun(EARLIER, aRequest({ prompt: 'And a test', options: { draft: false } }))
  expect(next).toMatchObject({ prompt: 'And a test', parentRunId: 'earlier', tainted: true })
  expect(next.options).toEqual({ agent: 'claude-code', model: 'openai:a', plan: true, draft: false })
  const other = continueRun(EARLIER, aRequest({ options: { agent: 'builtin' } }))
  expect(other.options).toEqual({ ...EARLIER.request.options, agent: 'builtin' })
})

test('a plan is carried out by the agent that made it, or by the one that the approval names', () => {
  const plan: Run = {
    ...EARLIER,
    status: 'succeeded',
    attempt: 1,
    budgetUsd: null,
    createdAt: new Date(0),
    startedAt: null,
    finishedAt: null,
    ending: null,
    progress: {},
  }
  const approval = { trigger: 'comment', requester: { login: 'ada' } } as const
  expect(approvedRun(plan, approval).request.options).toEqual({
    agent: 'claude-code',
    model: 'openai:a',
    draft: true,
  })
  expect(approvedRun(plan, { ...approval, agent: 'builtin' }).request.options).toMatchObject({
    agent: 'builtin',
  })
})
