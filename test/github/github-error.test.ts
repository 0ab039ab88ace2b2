import { expect, test } from 'vitest'
import { BackspaceError } from '../../src/errors.ts'
import { githubError, githubFailure, rateLimitWaitMs } from '../../src/github/github-error.ts'

function failed(status: number, message = '', headers: Record<string, string> = {}): Error {
  return Object.assign(new Error(message), { status, request: {}, response: { headers } })
}

test.each([
  [401, 'Bad credentials', {}, 'unauthorized', 'PRIVATE_KEY'],
  [403, 'Repository was archived so is read-only.', {}, 'repository_archived', 'Unarchive'],
  [403, 'Resource protected by organization SAML enforcement.', {}, 'permission_missing', 'single sign-on'],
  [403, 'This installation has been suspended', {}, 'not_installed', 'suspended'],
  [
    403,
    'Resource not accessible by integration',
    { 'x-accepted-github-permissions': 'pull_requests=write' },
    'permission_missing',
    'pull requests=write',
  ],
  [403, 'Resource not accessible by personal access token', {}, 'scope_missing', 'personal access token'],
  [404, 'Not Found', { 'x-oauth-scopes': '', 'x-accepted-oauth-scopes': 'repo' }, 'scope_missing', '`repo`'],
  [404, 'Not Found', { 'x-oauth-scopes': 'repo', 'x-accepted-oauth-scopes': 'repo' }, 'not_found', 'hides'],
  [404, 'Not Found', {}, 'not_found', 'push it: GitHub says that it does not exist'],
  [409, 'Git Repository is empty.', {}, 'repository_empty', 'first commit'],
  [409, 'Merge conflict', {}, 'conflict', 'Try again'],
  [422, 'Reference update failed', {}, 'head_moved', 'new commits'],
  [422, 'Update is not a fast forward', {}, 'head_moved', 'new commits'],
  [422, 'Repository rule violations found', {}, 'branch_protected', 'rules'],
  [422, 'Reference already exists', {}, 'conflict', 'state'],
  [422, 'Validation Failed: {"message":"was submitted too quickly"}', {}, 'github_rate_limited', 'a minute'],
  [422, 'Validation Failed: {"code":"abuse","field":"base"}', {}, 'github_rate_limited', 'a minute'],
  [422, 'Could not resolve to a node with the global id of 1', {}, 'github_unavailable', 'Try again'],
  [451, 'DMCA', {}, 'repository_disabled', 'legal'],
  [500, 'boom', {}, 'github_unavailable', 'githubstatus'],
  [503, '', {}, 'github_unavailable', 'push it'],
  [429, '', {}, 'github_rate_limited', 'Try again in a minute'],
  [429, '', { 'retry-after': '1500' }, 'github_rate_limited', 'in 25 minutes'],
  [403, 'You have exceeded a secondary rate limit.', {}, 'github_rate_limited', 'rate limit'],
  [403, 'Unable to create comment because issue is locked.', {}, 'conflict', 'Unlock'],
  [403, 'Protected branch update failed', {}, 'branch_protected', 'bypass'],
  [403, 'Repository access blocked', {}, 'repository_disabled', 'disabled'],
])('status %i "%s" %j is %s', (status, message, headers, code, says) => {
  const error = githubError(failed(status, message, headers), 'push it')
  expect(error).toMatchObject({ code, userMessage: expect.stringContaining(says), facts: { status } })
})

test('errors that are already explained, or are not from GitHub, stay as they are', () => {
  const known = new BackspaceError('cancelled', 'Stopped.')
  const around = Object.assign(new Error('aborted', { cause: known }), { status: 500, request: {} })
  expect(githubError(around, 'x')).toBe(around)
  const other = new TypeError('mine')
  expect(githubError(other, 'x')).toBe(other)
  expect(githubFailure(new Error('outer', { cause: failed(404) }))).toMatchObject({ status: 404 })
})

test('a rate limit says how long to wait: retry-after, the reset, else a minute', () => {
  const wait = (status: number, headers: Record<string, string>, message = '') =>
    rateLimitWaitMs({ status, headers, message }, 1_000_000)
  expect(wait(403, { 'retry-after': '3' })).toBe(3000)
  expect(wait(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1010' })).toBe(11_000)
  expect(wait(429, {})).toBe(60_000)
  expect(wait(403, {}, 'abuse detection mechanism')).toBe(60_000)
  expect(wait(403, { 'x-ratelimit-remaining': '12' })).toBeUndefined()
  expect(wait(500, { 'retry-after': '3' })).toBeUndefined()
})

test('a network that leads to no GitHub is not reported as a fault of GitHub', () => {
  const cause = Object.assign(new TypeError('fetch failed'), {
    cause: Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }),
  })
  const noAnswer = Object.assign(new Error('fetch failed', { cause }), { status: 500, request: {} })
  expect(githubError(noAnswer, 'read acme/api')).toMatchObject({
    code: 'github_unavailable',
    userMessage: expect.stringMatching(
      /could not read acme\/api: it cannot reach GitHub from where it runs \(ENOTFOUND\)/,
    ),
  })
})
