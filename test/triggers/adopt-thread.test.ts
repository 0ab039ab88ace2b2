import { expect, test } from 'vitest'
import type { GitHubClient } from '../../src/github/github-client.ts'
import { adoptThread } from '../../src/triggers/adopt-thread.ts'
import type { TriggerEvent } from '../../src/triggers/trigger-event.ts'

/** Ada, who may write, asks about an issue of this author, who has this permission. */
function adopt(permission: string, { textIsTask }: { readonly textIsTask: boolean }) {
  const data = { permission, role_name: permission }
  const octokit = { rest: { repos: { getCollaboratorPermissionLevel: async () => ({ data }) } } }
  const event: TriggerEvent = {
    repository: { owner: 'acme', name: 'api', id: 1 },
    sender: { login: 'ada', id: 1, type: 'User' },
    at: '2026-11-28T10:00:00Z',
    thread: {
      kind: 'issue',
      number: 7,
      title: 'Canary title',
      body: 'Canary <!-- hidden --> body',
      author: 'otto',
      authorId: 2,
      url: 'https://github.com/acme/api/issues/7',
    },
  }
  return adoptThread(octokit as unknown as GitHubClient, { event, textIsTask })
}

test('beside a prompt, the text of an outsider stays out (S11)', async () => {
  const { thread, tainted } = await adopt('read', { textIsTask: false })
  expect(tainted).toBe(false)
  expect(JSON.stringify(thread)).not.toContain('Canary')
  expect(thread.body).toContain('left out')
})

test('the text of an outsider that is the task taints the run; that of a writer does not (S11)', async () => {
  const task = { textIsTask: true }
  const seen = { title: 'Canary title', body: 'Canary  body' }
  expect(await adopt('read', task)).toMatchObject({ tainted: true, thread: seen })
  expect(await adopt('none', task)).toMatchObject({ tainted: true })
  expect(await adopt('write', task)).toMatchObject({ tainted: false, thread: seen, hidden: { comments: 15 } })
})
