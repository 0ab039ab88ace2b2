import { expect, test } from 'vitest'
import { parseRepoUrl } from '../../src/github/repo-ref.ts'

const WEB = 'https://github.com'

test.each([
  'https://github.com/acme/api',
  'https://github.com/acme/api/',
  'https://github.com/acme/api.git',
  ' HTTPS://GitHub.com/acme/api ',
])('%j is acme/api', (url) => {
  expect(parseRepoUrl(url, WEB)).toEqual({ owner: 'acme', name: 'api' })
})

test('an Enterprise Server is asked for by its own address, port included', () => {
  expect(parseRepoUrl('http://127.0.0.1:3999/acme/my.repo-x', 'http://127.0.0.1:3999')).toEqual({
    owner: 'acme',
    name: 'my.repo-x',
  })
})

test.each([
  '',
  'acme/api',
  'github.com/acme/api',
  'http://github.com/acme/api',
  'https://www.github.com/acme/api',
  'https://github.com.evil.test/acme/api',
  'https://github.com@evil.test/acme/api',
  'https://user:pass@github.com/acme/api',
  'https://github.com:444/acme/api',
  'https://github.com./acme/api',
  'https://github.com/acme',
  'https://github.com/acme/',
  'https://github.com/acme/..',
  'https://github.com/acme/.git',
  'https://github.com/acme/%2e%2e/x',
  'https://github.com/acme/api/tree/main',
  'https://github.com/acme/api?x=1',
  'https://github.com/acme/api#readme',
  'https://github.com//acme/api',
  'https://github.com/-acme/api',
  'https://github.com/acme/a b',
  'https://github.com/acme/api\nx',
  'https://github.com/аcme/api',
  'git@github.com:acme/api.git',
  'ssh://git@github.com/acme/api',
  'file:///etc/passwd',
  'https://169.254.169.254/acme/api',
  '--upload-pack=touch /tmp/x',
])('%j is refused', (url) => {
  expect(() => parseRepoUrl(url, WEB)).toThrow(expect.objectContaining({ code: 'bad_repository_url' }))
})
