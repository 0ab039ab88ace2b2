import { expect, onTestFinished, test } from 'vitest'
import { startGitHub } from '../start-github.ts'

test('a pull request is a page with its title, text, commits, comments and coloured diff', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repo = 'acme/api'
  await github.createRepository({
    owner: 'acme',
    name: 'api',
    files: { 'a.js': 'one\n' },
    collaborators: { ada: 'write' },
  })
  await github.pushFiles({
    repo,
    branch: 'topic',
    text: 'Count <on>',
    files: { 'a.js': 'two < 3\n', 'b.bin': new Uint8Array([0, 1]) },
  })
  const body = '## Why\n\nBecause **two**.'
  const pull = await github.openPullRequest({ repo, author: 'ada', title: 'One & two', body, head: 'topic' })
  await github.comment({ repo, number: pull.number, author: 'eve', body: 'Nice <script>' })
  await github.review({ repo, number: pull.number, author: 'acme', body: 'Good.', state: 'APPROVED' })
  const html = await (await fetch(pull.htmlUrl)).text()
  for (const part of [
    'One &amp; two <span class="number">#1</span>',
    '<span class="state open">open</span>',
    '<strong>two</strong>',
    'Nice &lt;script&gt;',
    'reviewed: approved',
    'Count &lt;on&gt;',
    '<tr class="cut"><td class="n">1</td><td class="n"></td><td>-one</td></tr>',
    '<tr class="add"><td class="n"></td><td class="n">1</td><td>+two &lt; 3</td></tr>',
    'a binary file',
  ]) {
    expect(html).toContain(part)
  }
  expect(html).not.toContain('<script')
  expect(await (await fetch(`${pull.htmlUrl}.diff`)).text()).toContain('+two < 3')
  const list = await (await fetch(`${github.url}/${repo}`)).text()
  expect(list).toContain(`/acme/api/pull/${pull.number}`)
  expect((await fetch(`${github.url}/acme/api/issues/99`)).status).toBe(404)
  expect((await fetch(`${github.url}/`)).status).toBe(200)
})

test('files, folders and commits are pages too, on branches with slashes in their name', async () => {
  const github = await startGitHub()
  onTestFinished(() => github.close())
  const repo = 'acme/api'
  await github.createRepository({ owner: 'acme', name: 'api', files: { 'src/a b.js': 'one\n<two>\n' } })
  const sha = await github.pushFiles({
    repo,
    branch: 'topic/x',
    text: 'Add\n\nWhy.',
    files: { 'src/c.js': 'c\n' },
  })
  const get = async (path: string) => (await fetch(`${github.url}/${repo}/${path}`)).text()
  expect(await get('blob/topic/x/src/a%20b.js')).toContain(
    '<tr id="L2"><td class="n">2</td><td>&lt;two&gt;</td></tr>',
  )
  expect(await get('raw/main/src/a%20b.js')).toBe('one\n<two>\n')
  expect(await get('tree/topic/x/src')).toContain('/acme/api/blob/topic/x/src/c.js')
  expect(await get(`commit/${sha}`)).toContain('<td>+c</td>')
  expect((await fetch(`${github.url}/${repo}/blob/main/nothing`)).status).toBe(404)
})
