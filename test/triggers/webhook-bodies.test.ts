import examples from '@octokit/webhooks-examples' with { type: 'json' }
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { HANDLED_EVENTS } from '../../src/triggers/github-webhooks.ts'
import {
  fromIssueComment,
  fromLabel,
  fromPullRequest,
  fromPush,
  fromReview,
  fromReviewComment,
} from '../../src/triggers/trigger-event.ts'

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

const READERS: Record<
  (typeof HANDLED_EVENTS)[number],
  (payload: unknown) => { readonly at: string | undefined }
> = {
  'issue_comment.created': fromIssueComment,
  'pull_request_review_comment.created': fromReviewComment,
  'pull_request_review.submitted': fromReview,
  'issues.labeled': fromLabel,
  'pull_request.opened': fromPullRequest,
  'pull_request.synchronize': fromPullRequest,
  'pull_request.reopened': fromPullRequest,
  'pull_request.ready_for_review': fromPullRequest,
  'pull_request.closed': fromPullRequest,
  push: fromPush,
}

/** Bodies that GitHub really sent, as its users collected them. */
const REAL = HANDLED_EVENTS.flatMap((event) => {
  const [name, action] = event.split('.')
  const found = (examples as unknown as readonly { name: string; examples: readonly Json[] }[]).find(
    (group) => group.name === name,
  )
  return (found?.examples ?? [])
    .filter((body) => typeof body === 'object' && body !== null && Reflect.get(body, 'action') === action)
    .map((body) => ({ event, body }))
})

/** Names that mean something to JavaScript, beside those of the body. */
const KEYS = ['__proto__', 'constructor', 'toString', 'length', '', '\u0000']

/** Replaces, removes or adds one value somewhere in a body: `at` chooses the way down, one number for each level. */
function change(body: Json, at: readonly number[], value: Json | undefined): Json {
  if (body === null || typeof body !== 'object') return value ?? null
  const [choice = 0, ...rest] = at
  const entries: [string, Json][] = Object.entries(body)
  const keys = [...entries.map(([key]) => key), ...KEYS]
  const chosen = keys[choice % keys.length] ?? ''
  const known = entries.some(([key]) => key === chosen)
  const next = entries.flatMap(([key, old]): [string, Json][] => {
    if (key !== chosen) return [[key, old]]
    if (rest.length > 0) return [[key, change(old, rest, value)]]
    return value === undefined ? [] : [[key, value]]
  })
  if (!known && value !== undefined) next.push([chosen, value])
  return Array.isArray(body) ? next.map(([, item]) => item) : Object.fromEntries(next)
}

test.each(HANDLED_EVENTS)('real bodies of %s are read', (event) => {
  const bodies = REAL.filter((real) => real.event === event)
  expect(bodies.length).toBeGreaterThan(0)
  for (const { body } of bodies) expect(READERS[event](body).at).toMatch(/^\d{4}-/)
})

test('a body with anything in any place is read, or refused as a bad request; nothing else happens', () => {
  const value = fc.oneof(
    fc.constant(undefined),
    fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>,
    fc.constantFrom<Json>(-1, 2 ** 53, 1e308, 'x'.repeat(70_000), '9999-99-99T99:99:99Z', [], {}, { id: [] }),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...REAL),
      fc.array(fc.nat(), { minLength: 1, maxLength: 5 }),
      value,
      ({ event, body }, at, replacement) => {
        const changed = change(body, at, replacement)
        try {
          const { at: when } = READERS[event](changed)
          expect(when).toBeTypeOf('string')
        } catch (error) {
          expect(error).toBeInstanceOf(BackspaceError)
          expect(error).toMatchObject({ code: 'bad_request' })
        }
      },
    ),
    { numRuns: 2000 },
  )
})
