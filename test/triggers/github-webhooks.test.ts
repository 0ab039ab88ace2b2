import type { Probot } from 'probot'
import { expect, test } from 'vitest'
import { BackspaceError, type ErrorCode } from '../../src/errors.ts'
import { githubWebhooks, HANDLED_EVENTS } from '../../src/triggers/github-webhooks.ts'
import { NO_OUTCOMES } from './no-outcomes.ts'

type Handler = (context: { readonly id: string; readonly payload: unknown }) => Promise<void>

/** The handlers, on a GitHub that refuses whatever is asked of it with this code. */
function handlersWith(code: ErrorCode) {
  const handlers = new Map<string, Handler>()
  const leftAlone: unknown[] = []
  const nothing = async (): Promise<never> => {
    throw new Error('nothing gets this far')
  }
  const app = githubWebhooks({
    audit: { append: nothing },
    github: {
      webUrl: 'https://github.com',
      async repository() {
        throw new BackspaceError(code, 'Refused.')
      },
    },
    appId: 1,
    label: 'backspace',
    submit: nothing,
    cancel: nothing,
    runsOnThread: nothing,
    outcomes: NO_OUTCOMES,
    provesAlways: nothing,
    runUrl: (id) => id,
    onRevoked: nothing,
    onLeftAlone: (_error, { deliveryId }) => leftAlone.push(deliveryId),
  })
  app({ on: (event: string, handler: Handler) => handlers.set(event, handler) } as unknown as Probot)
  const receive = async (event: string, payload: unknown) => handlers.get(event)?.({ id: 'd-1', payload })
  return { receive, leftAlone, events: [...handlers.keys()] }
}

const COMMENT = {
  action: 'created',
  repository: { id: 1, name: 'api', owner: { login: 'acme' } },
  sender: { login: 'ada', id: 2, type: 'User' },
  issue: { number: 3, title: 'T', body: null, html_url: 'http://a.test/3', user: null },
  comment: { id: 4, html_url: 'http://a.test/4', body: '/backspace', created_at: '2026-01-01T00:00:00Z' },
}

test('a payload that makes no sense is left alone at once, whatever is wrong with it', async () => {
  const broken = [
    {},
    { ...COMMENT, comment: null },
    { ...COMMENT, repository: { id: 'x' } },
    { ...COMMENT, sender: [] },
  ]
  for (const event of HANDLED_EVENTS) {
    const { receive, leftAlone } = handlersWith('internal')
    for (const payload of broken) await receive(event, payload)
    expect(leftAlone).toHaveLength(broken.length)
  }
})

test.for<ErrorCode>([
  'not_installed',
  'repository_not_found',
  'permission_missing',
])('where no reply is possible any more (%s), it is not tried again', async (code) => {
  const { receive, leftAlone } = handlersWith(code)
  await receive('issue_comment.created', COMMENT)
  expect(leftAlone).toEqual(['d-1'])
})

test.for<ErrorCode>([
  'github_unavailable',
  'github_rate_limited',
  'unauthorized',
])('what may pass (%s) is thrown, so that it is tried again', async (code) => {
  const { receive, leftAlone } = handlersWith(code)
  await expect(receive('issue_comment.created', COMMENT)).rejects.toMatchObject({ code })
  expect(leftAlone).toEqual([])
})

test('only what is new starts anything: no edit, no deletion, no label that is taken away (S4)', () => {
  expect(handlersWith('internal').events).toEqual([
    'issue_comment.created',
    'pull_request_review_comment.created',
    'pull_request_review.submitted',
    'issues.labeled',
    'pull_request.opened',
    'pull_request.synchronize',
    'pull_request.reopened',
    'pull_request.ready_for_review',
    // These two start nothing: they show what became of pull requests.
    'pull_request.closed',
    'push',
    // A person who no longer allows the App to know them is logged out.
    'github_app_authorization.revoked',
  ])
})
