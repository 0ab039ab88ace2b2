import { expect, test } from 'vitest'
import type { RepositoryAccess } from '../../src/github/github-access.ts'
import type { GitHubClient } from '../../src/github/github-client.ts'
import type { RunRequest } from '../../src/runs/run.ts'
import { commentTrigger } from '../../src/triggers/comment-trigger.ts'
import { fromReview } from '../../src/triggers/trigger-event.ts'
import { NO_OUTCOMES } from './no-outcomes.ts'

const REVIEW = 70
const REPOSITORY = { id: 1, name: 'api', owner: { login: 'acme' } }
const ADA = { login: 'ada', id: 2, type: 'User' }

const payload = (body: string | null) => ({
  action: 'submitted',
  repository: REPOSITORY,
  sender: ADA,
  pull_request: { number: 3, title: 'T', body: null, html_url: 'http://a.test/3', user: ADA },
  review: { id: REVIEW, html_url: 'http://a.test/3#r', body, submitted_at: '2026-01-01T00:00:00Z' },
})

/** What a review of this text asks for, when its comments on lines say the others. */
async function promptsOf(
  body: string | null,
  onLines: readonly { readonly review: number; readonly body: string }[],
) {
  const asked: RunRequest[] = []
  const data = onLines.map(({ review, body: text }, id) => ({
    ...{ id, body: text, pull_request_review_id: review, path: 'a.ts', line: 1, user: ADA },
    ...{ html_url: '', created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z' },
  }))
  const octokit = {
    rest: {
      repos: { getCollaboratorPermissionLevel: async () => ({ data: { permission: 'write' } }) },
      pulls: { listReviewComments: async () => ({ data }) },
    },
  }
  const access = { octokit: octokit as unknown as GitHubClient, botLogin: 'backspace[bot]' }
  await commentTrigger(
    {
      audit: { append: async () => {} },
      github: { webUrl: 'https://github.com', repository: async () => access as RepositoryAccess },
      appId: 9,
      label: 'backspace',
      async submit({ request }) {
        asked.push(request)
        throw new Error(`submitted ${asked.length}`)
      },
      cancel: async () => {},
      runsOnThread: async () => [],
      outcomes: NO_OUTCOMES,
      provesAlways: async () => false,
      runUrl: () => undefined,
      onRevoked: async () => {},
      onLeftAlone: () => {},
    },
    fromReview(payload(body)),
  ).catch((error: Error) => {
    if (!error.message.startsWith('submitted')) throw error
  })
  return asked.map(({ prompt }) => prompt)
}

test.for([
  ['/backspace fix it', [], ['fix it']],
  ['Fine, but:\n\n/backspace fix it', [{ review: REVIEW, body: 'why?' }], ['fix it']],
  ['/backspace fix it', [{ review: REVIEW, body: '/backspace fix it' }], []],
  ['/backspace fix it', [{ review: REVIEW, body: 'here:\n/backspace  fix it' }], []],
  ['/backspace fix it', [{ review: 71, body: '/backspace fix it' }], ['fix it']],
  ['/backspace fix it', [{ review: REVIEW, body: '/backspace fix that' }], ['fix it']],
  ['', [], []],
  [null, [], []],
] as const)('a review that says %j, and on lines %j, asks for %j', async ([body, onLines, prompts]) => {
  expect(await promptsOf(body, onLines)).toEqual(prompts)
})
