import nock from 'nock'
import { expect, test } from 'vitest'
import { fetchImage, isThreadImage } from '../../src/github/fetch-image.ts'
import { interceptRequests } from '../support/intercept-requests.ts'

const WEB = 'https://github.com'
const ASSET = `${WEB}/user-attachments/assets/3f2a91c0-0000-4000-8000-000000000000`
const STORE = 'https://private-user-images.githubusercontent.com'
const BYTES = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')

interceptRequests()

function fetchFrom(address: string, maxBytes = 1000) {
  const octokit = { auth: async () => ({ token: 'secret' }) } as Parameters<typeof fetchImage>[1]['octokit']
  return fetchImage(address, { octokit, webUrl: WEB, maxBytes, signal: new AbortController().signal })
}

test.each([
  [ASSET, true],
  [`${WEB}/acme/api/assets/12/3f2a91c0-0000-4000-8000-000000000000`, true],
  ['https://user-images.githubusercontent.com/1/2.png', true],
  [`${STORE}/1/2.png?jwt=x`, true],
  ['https://user-images.githubusercontent.com:8443/1/2.png', false],
  ['http://user-images.githubusercontent.com/1/2.png', false],
  ['https://user-images.githubusercontent.com.evil.test/1.png', false],
  ['https://evil.test/github.com/user-attachments/assets/1', false],
  [`${WEB}/acme/api/settings`, false],
  [`${WEB}/user-attachments/assets/../../logout`, false],
  ['https://github.com@evil.test/user-attachments/assets/1', false],
  ['http://169.254.169.254/latest/meta-data', false],
  ['file:///etc/passwd', false],
  ['not an address', false],
])('%s is an image of a thread: %s', (address, expected) => {
  expect(isThreadImage(address, WEB)).toBe(expected)
})

test('of an Enterprise Server only its own attachments count', () => {
  const own = 'https://git.acme.test'

  expect(isThreadImage(`${own}/user-attachments/assets/1`, own)).toBe(true)
  expect(isThreadImage(`${own}/storage/user/1/files/2`, own)).toBe(true)
  expect(isThreadImage(ASSET, own)).toBe(false)
})

test('GitHub itself is shown the token, the store that it sends us to is not', async () => {
  const own = nock(WEB, { reqheaders: { authorization: 'token secret' } })
    .get(/user-attachments/)
    .reply(302, undefined, { location: `${STORE}/1/2.png?jwt=x` })
  const store = nock(STORE, { badheaders: ['authorization'] })
    .get('/1/2.png?jwt=x')
    .reply(200, BYTES)

  expect(Buffer.from((await fetchFrom(ASSET)) ?? [])).toEqual(BYTES)
  expect(own.isDone() && store.isDone()).toBe(true)
})

test.each([
  'http://169.254.169.254/latest',
  'https://10.0.0.1/x.png',
  'https://evil.test/x.png',
  'http://private-user-images.githubusercontent.com/x.png',
])('a redirect to %s is not followed', async (location) => {
  nock(WEB)
    .get(/user-attachments/)
    .reply(302, undefined, { location })
  const asked: string[] = []
  nock.emitter.on('no match', (request) => asked.push(String(request)))

  expect(await fetchFrom(ASSET)).toBeUndefined()
  expect(asked).toEqual([])
  nock.emitter.removeAllListeners('no match')
})

test('redirects have an end', async () => {
  const again = nock(WEB)
    .persist()
    .get(/user-attachments/)
    .reply(302, undefined, { location: ASSET })

  expect(await fetchFrom(ASSET)).toBeUndefined()
  again.persist(false)
})

test('what is too large or missing is left out', async () => {
  nock(WEB)
    .get(/user-attachments/)
    .reply(200, Buffer.alloc(1001))
  expect(await fetchFrom(ASSET)).toBeUndefined()
  nock(WEB)
    .get(/user-attachments/)
    .reply(404)
  expect(await fetchFrom(ASSET)).toBeUndefined()
  nock(WEB)
    .get(/user-attachments/)
    .replyWithError('reset')
  expect(await fetchFrom(ASSET)).toBeUndefined()
})
