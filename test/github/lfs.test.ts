import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { parseLfsConfig } from '../../src/github/lfs-config.ts'
import { fetchLargeObjects } from '../../src/github/lfs-download.ts'
import { storeLargeObjects } from '../../src/github/lfs-upload.ts'

interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}
type Answer = { readonly status?: number; readonly headers?: Record<string, string>; readonly body?: unknown }

/** A server whose batch API and storage say what a test says. */
async function startLfs(answer: (request: Received, url: string) => Answer) {
  const requests: Received[] = []
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk)
    const request = {
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(chunks).toString(),
    }
    requests.push(request)
    const { status = 200, headers = {}, body = '' } = answer(request, webUrl)
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const webUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const directory = await mkdtemp(join(tmpdir(), 'backspace-lfs-'))
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    await rm(directory, { recursive: true })
  })
  return {
    requests,
    directory,
    request: {
      repository: { owner: 'acme', name: 'api' },
      webUrl,
      token: 'ghs_secret',
      signal: new AbortController().signal,
      pause: async () => {},
    },
  }
}

const objectOf = (text: string) => ({
  oid: createHash('sha256').update(text).digest('hex'),
  size: Buffer.byteLength(text),
})
const isBatch = ({ path }: Received) => path === '/acme/api.git/info/lfs/objects/batch'

test('of each object that is fetched, size and checksum are those of its pointer; what is missing is said of it alone', async () => {
  const [good, gone, never, broken, long, nowhere, unknown, far] = [
    ...['good', 'gone', 'never', 'broken', 'long', 'nowhere', 'unknown', 'far'],
  ].map(objectOf)
  if (!good || !gone || !never || !broken || !long || !nowhere || !unknown || !far) throw new Error('objects')
  const { request, directory, requests } = await startLfs((received, url) => {
    const place = (path: string) => ({
      download: { href: `${url}/${path}`, header: { 'X-Grant': 'yes' }, expires_in: 60 },
    })
    if (isBatch(received))
      return {
        body: {
          transfer: 'basic',
          hash_algo: 'sha256',
          objects: [
            { ...good, authenticated: true, actions: place('moved') },
            { ...gone, error: { code: 410, message: 'Gone' } },
            { ...never, error: { code: 404, message: 'Object does not exist' } },
            { ...broken, actions: place('broken') },
            { ...long, actions: place('long') },
            nowhere,
            { ...far, actions: { download: { href: 'http://192.0.2.1/far' } } },
          ],
        },
      }
    if (received.path === '/moved') return { status: 302, headers: { location: '/good' } }
    return { body: { '/good': 'good', '/broken': 'brokem', '/long': 'longer' }[received.path] ?? '' }
  })
  const all = [good, gone, never, broken, long, nowhere, unknown, far]
  const missing = await fetchLargeObjects(all, { ...request, directory })
  expect(all.map(({ oid }) => missing.get(oid))).toEqual([
    undefined,
    'Git LFS no longer has it',
    'Git LFS does not have it',
    ...Array.from({ length: 5 }, () => 'Git LFS did not answer as it should'),
  ])
  expect(await readdir(directory)).toEqual([good.oid])
  expect(await readFile(join(directory, good.oid), 'utf8')).toBe('good')
  for (const { path, headers } of requests) {
    expect(headers['x-grant']).toBe(path.startsWith('/acme') ? undefined : 'yes')
    expect(headers.authorization !== undefined).toBe(path.startsWith('/acme'))
  }
})

test('a place whose time is over is asked for again, once', async () => {
  const object = objectOf('x')
  let batches = 0
  const { request, directory } = await startLfs((received, url) => {
    if (isBatch(received)) {
      const actions = { download: { href: `${url}/${++batches}` } }
      return { body: { objects: [{ ...object, actions }] } }
    }
    return received.path === '/2' ? { body: 'x' } : { status: 403 }
  })
  expect(await fetchLargeObjects([object], { ...request, directory })).toEqual(new Map())
  expect(batches).toBe(2)
})

test.each([
  [401, 'this credential may not'],
  [403, 'this credential may not'],
  [404, 'Git LFS'],
  [410, 'Git LFS no longer has it'],
  [422, 'Git LFS does not'],
  [429, 'Git LFS accepts no more requests for now'],
  [507, 'the quota of Git LFS is used up'],
  [302, 'Git LFS did not answer as it should'],
  [200, 'Git LFS did not answer as it should'],
])('a batch that is answered with %i says why', async (status, why) => {
  const headers = { location: 'https://lfs.example.org/' }
  const { request, directory } = await startLfs(() => ({ status, headers, body: { message: 'no' } }))
  const object = objectOf('x')
  const missing = await fetchLargeObjects([object], { ...request, directory })
  expect(missing.get(object.oid)).toContain(why.replace('the repository has no ', ''))
  const refused = await storeLargeObjects([{ oid: object.oid, bytes: Buffer.from('x') }], request)
  expect(refused.get(object.oid)).toMatch(why.startsWith('Git LFS does') ? /does not accept/ : /Git LFS/)
})

test('objects are stored a hundred at a time, and verified where that is asked for', async () => {
  const contents = Array.from({ length: 101 }, (_, number) => `content ${number}`)
  const [first, second] = contents.map(objectOf)
  const { request, requests } = await startLfs((received, url) => {
    if (!isBatch(received)) return { status: received.path === '/refuse' ? 422 : 200 }
    const { objects } = JSON.parse(received.body) as { objects: { oid: string; size: number }[] }
    const actionsOf = (oid: string) => {
      const upload = { href: `${url}/store`, header: { 'content-type': 'application/x-own' } }
      if (oid === first?.oid)
        return { upload, verify: { href: `${url}/verify`, header: { 'X-Grant': 'yes' } } }
      return oid === second?.oid ? { upload, verify: { href: `${url}/refuse` } } : undefined
    }
    return { body: { objects: objects.map((object) => ({ ...object, actions: actionsOf(object.oid) })) } }
  })
  const objects = contents.map((text) => ({ oid: objectOf(text).oid, bytes: Buffer.from(text) }))
  expect([...(await storeLargeObjects(objects, request))]).toEqual([
    [second?.oid, 'Git LFS does not accept such a file'],
  ])
  expect(requests.map(({ path }) => path)).toEqual([
    ...Array.from({ length: 2 }, () => '/acme/api.git/info/lfs/objects/batch'),
    ...['/store', '/verify', '/store', '/refuse'],
  ])
  expect(requests[2]).toMatchObject({ headers: { 'content-type': 'application/x-own' }, body: 'content 0' })
  expect(requests[3]).toMatchObject({ headers: { 'x-grant': 'yes' }, body: JSON.stringify(first) })
})

test('.lfsconfig says where files are, and which a clone has', () => {
  const own = 'https://github.com/acme/api'
  const elsewhere = (text: string) => parseLfsConfig(text, own).elsewhere
  expect(elsewhere('')).toBe(false)
  expect(elsewhere('[lfs]\n\turl = https://github.com/Acme/api.git/info/lfs/\n[core]\n\turl = x\n')).toBe(
    false,
  )
  expect(elsewhere('[lfs] url = https://lfs.example.org/acme/api\n')).toBe(true)
  expect(elsewhere('[remote "origin"]\nlfsurl = "https://lfs.example.org"\n')).toBe(true)
  expect(elsewhere('[LFS]\nPushURL=https://github.com/acme/other.git/info/lfs\n')).toBe(true)
  const { isFetched } = parseLfsConfig('[lfs]\nfetchinclude = art, *.png\nfetchexclude = /art/raw/\n', own)
  expect(['a.png', 'x/a.png', 'art/a.psd', 'art/raw/a.png', 'b.psd'].map(isFetched)).toEqual([
    ...[true, true, true, false, false],
  ])
})
