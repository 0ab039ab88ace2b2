import { expect, onTestFinished, test } from 'vitest'
import { startGitHub } from '../start-github.ts'
import { renderMarkdown } from './issue-page.ts'

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

test('headings, lists, tasks, tables, code, quotes and links become HTML', () => {
  const html = renderMarkdown(
    [
      '## Why',
      'It **failed** on `a < b` and *so* on.',
      '',
      '- one',
      '  - inner [link](https://example.test/a_(b))',
      '- [x] done',
      '1. first',
      '',
      '| a | b |',
      '|---|:-:|',
      '| `x` | y \\| z |',
      '',
      '```ts',
      'const a = "<b>"',
      '```',
      '> quoted, closes #12',
      '',
      '<details><summary>More</summary>',
      '',
      'hidden https://example.test/x_y_z.',
      '</details>',
    ].join('\n'),
  )
  for (const part of [
    '<h2>Why</h2>',
    '<strong>failed</strong> on <code>a &lt; b</code> and <em>so</em>',
    '<li>one<ul><li>inner <a href="https://example.test/a_(b)">link</a></li></ul></li>',
    '<input type="checkbox" disabled="" checked="" aria-label="done" /> done',
    '<ol><li>first</li></ol>',
    '<td><code>x</code></td><td align="center">y | z</td>',
    '<pre tabindex="0"><code class="language-ts">const a = &quot;&lt;b&gt;&quot;</code></pre>',
    '<blockquote><p>quoted, closes <a href="../issues/12">#12</a></p></blockquote>',
    '<details><summary>More</summary>',
    '<a href="https://example.test/x_y_z">https://example.test/x_y_z</a>.',
  ]) {
    expect(html.replaceAll('\n', '')).toContain(part)
  }
})

test('nothing that could run gets through', () => {
  const hostile = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '[x](javascript:alert(1))',
    '[x](JaVaScRiPt:alert(1))',
    '[x](data:text/html,1)',
    '![x](https://e.test/"onload="alert(1))',
    '<details ontoggle=alert(1)>',
    '<b onclick="alert(1)">b</b>',
    '`</code><script>`',
    '[a](https://e.test/`"onclick=alert(1)`)',
    'https://e.test/"><script>alert(1)</script>',
    '<!-- <script> -->',
    '[x](https://e.test/ "#1 @ada")',
  ].join('\n\n')
  const html = renderMarkdown(hostile)
  const tags = [...html.matchAll(/<(?!\/)([^>]*)>/g)].map(([, tag = '']) => tag)
  expect(
    tags.filter((tag) => !/^(p|b|code|a href="(https:\/\/e\.test\/[^"\s]*)?"( title="#1 @ada")?)$/.test(tag)),
  ).toEqual([])
})

test('long and unclosed text is rendered quickly enough to be seen', () => {
  const long = `${'**a'.repeat(5000)}${'[x]('.repeat(5000)}${'`'.repeat(2001)}${'<!--'.repeat(5000)}`
  expect(renderMarkdown(long).length).toBeGreaterThan(1000)
})
