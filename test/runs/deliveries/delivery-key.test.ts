import { expect, test } from 'vitest'
import { deliveryKey } from '../../../src/runs/deliveries/delivery.ts'

const repository = { id: 1, full_name: 'acme/api' }
const comment = { id: 7, body: '/backspace fix it', updated_at: '2026-01-01T00:00:00Z' }
const issue = { id: 3, number: 12, updated_at: '2026-01-01T00:00:00Z' }
const commented = { action: 'created', repository, issue, comment, installation: { id: 5 } }

test('the same comment from two hooks, or later, is one fact', () => {
  const key = deliveryKey('issue_comment', commented)
  expect(key).toMatch(/^[\w-]{43}$/)
  const { installation, ...byRepositoryHook } = commented
  expect(installation).toBeDefined()
  expect(deliveryKey('issue_comment', byRepositoryHook)).toBe(key)
  const later = { ...commented, issue: { ...issue, updated_at: '2026-02-02T00:00:00Z' } }
  expect(deliveryKey('issue_comment', later)).toBe(key)
})

test('another comment, repository, action or event is another fact', () => {
  const keys = [
    deliveryKey('issue_comment', commented),
    deliveryKey('issue_comment', { ...commented, comment: { ...comment, id: 8 } }),
    deliveryKey('issue_comment', { ...commented, repository: { id: 2 } }),
    deliveryKey('issue_comment', { ...commented, action: 'deleted' }),
    deliveryKey('pull_request_review_comment', commented),
  ]
  expect(new Set(keys).size).toBe(keys.length)
})

test('each edit of a comment is a fact of its own', () => {
  const edited = { ...commented, action: 'edited' }
  const again = { ...edited, comment: { ...comment, updated_at: '2026-01-01T00:05:00Z' } }
  expect(deliveryKey('issue_comment', again)).not.toBe(deliveryKey('issue_comment', edited))
})

test('a label that is taken off and put on again is a new fact, the same telling of it is not', () => {
  const labeled = { action: 'labeled', repository, issue, label: { name: 'backspace' } }
  const again = { ...labeled, issue: { ...issue, updated_at: '2026-01-01T00:09:00Z' } }
  const key = deliveryKey('issues', labeled)
  expect(deliveryKey('issues', { ...labeled, sender: { login: 'ada' } })).toBe(key)
  expect(deliveryKey('issues', again)).not.toBe(key)
  expect(deliveryKey('issues', { ...labeled, label: { name: 'bug' } })).not.toBe(key)
})

test('two pushes to a pull request within one second are two facts', () => {
  const pushed = { action: 'synchronize', repository, pull_request: issue, after: 'a'.repeat(40) }
  const key = deliveryKey('pull_request', pushed)
  expect(deliveryKey('pull_request', { ...pushed, sender: { login: 'ada' } })).toBe(key)
  expect(deliveryKey('pull_request', { ...pushed, after: 'b'.repeat(40) })).not.toBe(key)
})

test('any other delivery is identified by its whole body', () => {
  const keys = [{ zen: 'a' }, { zen: 'b' }, null, 'text', []].map((body) => deliveryKey('ping', body))
  expect(new Set(keys).size).toBe(keys.length)
  expect(deliveryKey('ping', { zen: 'a' })).toBe(keys[0])
})
