import { expect, test } from 'vitest'
import type { DeliveryAttempt } from '../../../src/github/webhook-deliveries.ts'
import { judgeAttempts } from '../../../src/triggers/catch-up/redeliver-failed.ts'

const NOW = Date.parse('2026-01-01T12:00:00Z')
const EVENTS = ['issue_comment.created']

/** An attempt so many minutes ago; its id tells its place in the list, newest first. */
function attempt(minutesAgo: number, change: Partial<DeliveryAttempt> = {}): DeliveryAttempt {
  return {
    id: 10_000 - minutesAgo,
    guid: 'a',
    event: 'issue_comment',
    action: 'created',
    deliveredAt: new Date(NOW - minutesAgo * 60_000),
    redelivery: true,
    ok: false,
    statusCode: 502,
    status: 'Bad Gateway',
    ...change,
  }
}
const first = (minutesAgo: number, change: Partial<DeliveryAttempt> = {}) =>
  attempt(minutesAgo, { redelivery: false, ...change })

function states(attempts: readonly DeliveryAttempt[]): readonly string[] {
  return judgeAttempts(attempts, { at: new Date(NOW), events: EVENTS }).map(
    ({ guid, state, attemptId }) => `${guid} ${state} ${attemptId}`,
  )
}

test.for<[string, readonly DeliveryAttempt[], readonly string[]]>([
  ['failed a moment ago', [first(0)], ['a due 10000']],
  ['was answered later', [attempt(1, { ok: true }), first(9)], []],
  ['was asked for a moment ago', [attempt(9), first(30)], ['a waiting 9991']],
  ['was asked for, and failed again', [attempt(11), first(30)], ['a due 9989']],
  [
    'failed too often',
    [15, 30, 45, 60, 75].map((ago) => attempt(ago)).concat(first(90)),
    ['a hopeless 9985'],
  ],
  ['was judged before', [attempt(20)], []],
  ['is nothing to us', [first(5, { action: 'edited' }), first(6, { event: 'push', action: null })], []],
])('a webhook that %s', ([, attempts, expected]) => {
  expect(states(attempts)).toEqual(expected)
})

test('the earliest comes first', () => {
  expect(states([first(1, { guid: 'late' }), first(2, { guid: 'early' })])).toEqual([
    'early due 9998',
    'late due 9999',
  ])
})
