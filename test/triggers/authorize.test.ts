import { expect, test } from 'vitest'
import type { GitHubClient } from '../../src/github/github-client.ts'
import { authorize, isPerson } from '../../src/triggers/authorize.ts'

function decide(data: { readonly permission: string; readonly role_name?: string }) {
  const octokit = { rest: { repos: { getCollaboratorPermissionLevel: async () => ({ data }) } } }
  return authorize(octokit as unknown as GitHubClient, {
    repository: { owner: 'acme', name: 'api' },
    sender: { login: 'tess', id: 1, type: 'User' },
  })
}

test.for([
  ['admin', 'admin'],
  ['write', 'write'],
  ['write', 'maintain'],
  ['write', 'release-manager'],
])('%s access (%s) may start a run', async ([permission = '', role_name = '']) => {
  expect(await decide({ permission, role_name })).toEqual({ allowed: true })
})

test.for([
  ['read', 'triage', 'you have triage access.'],
  ['read', 'read', 'you have read access.'],
  ['read', 'Security reader', 'you have Security reader access.'],
  ['read', '', 'you have read access.'],
  ['read', '<b>@bob</b>', 'you have read access.'],
  ['none', 'none', 'you have no access of your own.'],
  ['owner-of-everything', '', 'you have no access of your own.'],
])('%s access (%s) may not, and the reply names what the person has', async ([
  permission = '',
  role_name = '',
  has,
]) => {
  expect(await decide({ permission, role_name })).toEqual({
    allowed: false,
    reason: `@tess, starting Backspace needs write access to acme/api; ${has} Ask a maintainer to comment \`/backspace …\` here.`,
  })
})

test.for([
  ['ada', 'User', true],
  ['renovate[bot]', 'Bot', false],
  ['renovate[bot]', 'User', false],
  ['Copilot', 'User', false],
  ['ghost', 'User', false],
  ['acme', 'Organization', false],
  ['old-account', 'Mannequin', false],
  ['ada', 'unknown', false],
] as const)('%s of type %s counts as a person: %s (S7)', ([login, type, person]) => {
  expect(isPerson({ login, id: 1, type })).toBe(person)
})
