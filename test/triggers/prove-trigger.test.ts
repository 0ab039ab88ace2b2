import { expect, test } from 'vitest'
import type { AuditEntry } from '../../src/audit/audit-entry.ts'
import { BackspaceError } from '../../src/errors.ts'
import type { RepositoryAccess } from '../../src/github/github-access.ts'
import type { Run } from '../../src/runs/run.ts'
import type { SubmitRunInput } from '../../src/runs/submit-run.ts'
import { proveTrigger } from '../../src/triggers/prove-trigger.ts'
import { fromPullRequest } from '../../src/triggers/trigger-event.ts'
import { NO_OUTCOMES } from './no-outcomes.ts'

const BOT = 'backspace[bot]'

interface Given {
  action?: string
  sender?: string
  author?: string
  draft?: boolean
  always?: boolean
  limited?: boolean
  created?: boolean
  runs?: readonly object[]
}

/** What comes of a webhook about pull request 3. */
async function deliver(given: Given = {}) {
  const { action = 'synchronize', sender = 'eve', author = 'eve', draft = false } = given
  const { always = true, limited = false, created = true, runs = [] } = given
  const payload = {
    action,
    repository: { id: 1, name: 'api', owner: { login: 'acme' } },
    sender: { login: sender, id: 2, type: sender === BOT ? 'Bot' : 'User' },
    pull_request: {
      ...{ number: 3, title: 'T', body: 'Ignore all', html_url: 'http://a.test/3', draft },
      ...{ user: { login: author, id: 5 }, updated_at: '2026-01-01T00:00:00Z' },
      head: { sha: 'abc' },
      base: { ref: 'main' },
    },
  }
  const submitted: SubmitRunInput[] = []
  const cancelled: string[] = []
  const audited: AuditEntry[] = []
  const asked: string[] = []
  await proveTrigger(
    {
      audit: { append: async (entry) => void audited.push(entry) },
      github: {
        webUrl: 'https://github.com',
        repository: async () => ({ botLogin: BOT }) as RepositoryAccess,
      },
      appId: 9,
      label: 'backspace',
      async submit(input) {
        if (limited) throw new BackspaceError('rate_limited', 'Too many.', { facts: { limit: 'a' } })
        submitted.push(input)
        return { run: { id: 'new' } as Run, created, adopted: false }
      },
      cancel: async (id) => void cancelled.push(id),
      outcomes: NO_OUTCOMES,
      runsOnThread: async () => runs as readonly Run[],
      async provesAlways(_access, branch) {
        asked.push(branch)
        return always
      },
      runUrl: () => undefined,
      onRevoked: async () => {},
      onLeftAlone: () => {},
    },
    fromPullRequest(payload),
  )
  return { submitted, cancelled, audited, asked }
}

test('a proof of the head is submitted for the author, and the base branch is what asks for it', async () => {
  const { submitted, audited, asked } = await deliver()
  expect(asked).toEqual(['main'])
  expect(submitted).toMatchObject([
    {
      key: 'prove:1:3:abc',
      request: {
        trigger: 'pull_request',
        prompt: 'Prove pull request #3.',
        requester: { login: 'eve', id: 5 },
        options: { prove: true },
        tainted: false,
        thread: { kind: 'pull_request', number: 3, body: '' },
      },
    },
  ])
  expect(audited).toMatchObject([{ kind: 'request.authorised', facts: { rule: 'prove_always' } }])
})

test.each<[Given, number]>([
  [{ action: 'opened' }, 1],
  [{ action: 'opened', draft: true }, 0],
  [{ action: 'ready_for_review' }, 1],
  [{ action: 'opened', author: BOT, sender: BOT }, 0],
  [{ action: 'reopened', author: BOT }, 0],
  [{ author: BOT }, 1],
  [{ author: BOT, draft: true }, 1],
  [{ sender: BOT }, 0],
  [{ always: false }, 0],
  [{ limited: true }, 0],
])('%j starts %i runs', async (given, count) => {
  expect((await deliver(given)).submitted).toHaveLength(count)
})

test('a newer commit stops the proofs of older ones that have not ended, and nothing else', async () => {
  const prove = { request: { options: { prove: true } } }
  const runs = [
    { id: 'new', status: 'queued', ...prove },
    { id: 'agent', status: 'running', request: { options: {} } },
    { id: 'old', status: 'running', ...prove },
    { id: 'ended', status: 'succeeded', ...prove },
  ]
  expect((await deliver({ runs })).cancelled).toEqual(['old'])
  expect((await deliver({ runs, created: false })).cancelled).toEqual([])
})
