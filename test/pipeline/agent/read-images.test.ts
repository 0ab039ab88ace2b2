import nock from 'nock'
import { expect, test } from 'vitest'
import { readImages } from '../../../src/pipeline/agent/read-images.ts'
import { interceptRequests } from '../../support/intercept-requests.ts'

const HOST = 'https://user-images.githubusercontent.com'
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
)

interceptRequests()

function imagesOf(prompt: string, { body = '', comments = [] as string[] } = {}) {
  const octokit = { auth: async () => ({ token: 'secret' }) } as Parameters<
    typeof readImages
  >[1]['access']['octokit']
  const said = comments.map((text) => ({ author: 'ada', at: '2026-11-22T10:00:00Z', text }))
  const thread = { kind: 'issue', number: 1, title: '', body, author: 'ada', trusted: true } as const
  return readImages(
    { prompt, thread: { ...thread, comments: said } },
    { access: { octokit }, webUrl: 'https://github.com', signal: new AbortController().signal },
  )
}

function serve(...names: string[]): void {
  for (const name of names) {
    nock(HOST)
      .get(`/1/${name}`)
      .reply(200, Buffer.concat([PNG, Buffer.from(name)]))
  }
}

const nameIn = (base64: string) => Buffer.from(base64, 'base64').subarray(PNG.length).toString()

test('images of the request come first, then the text, then the newest comments; five at most', async () => {
  serve('a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png')

  const images = await imagesOf(`See ![door](${HOST}/1/a.png "Door")`, {
    body: `<img width="10" src="${HOST}/1/b.png"> ![again](${HOST}/1/a.png)`,
    comments: [
      `![old](${HOST}/1/e.png) ![x](${HOST}/1/f.png)`,
      `![](${HOST}/1/c.png)\n![](<${HOST}/1/d.png>)`,
    ],
  })

  expect(images.map(({ base64 }) => nameIn(base64))).toEqual(['a.png', 'b.png', 'c.png', 'd.png', 'e.png'])
  expect(images[0]?.mediaType).toBe('image/png')
})

test('links, other hosts and files that are no image are left alone', async () => {
  nock(HOST).get('/1/page.png').reply(200, '<html>')

  const images = await imagesOf(
    `[link](${HOST}/1/a.png) ![elsewhere](https://evil.test/a.png) ![page](${HOST}/1/page.png)`,
  )

  expect(images).toEqual([])
  expect(nock.isDone()).toBe(true)
})
