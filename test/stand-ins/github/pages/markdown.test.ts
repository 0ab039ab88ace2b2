import { expect, test } from 'vitest'
import { renderMarkdown } from './markdown.ts'

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
    '<input type="checkbox" disabled checked> done',
    '<ol><li>first</li></ol>',
    '<td><code>x</code></td><td>y | z</td>',
    '<pre><code>const a = &quot;&lt;b&gt;&quot;</code></pre>',
    '<blockquote><p>quoted, closes <a href="../issues/12">#12</a></p></blockquote>',
    '<details><summary>More</summary>',
    '<a href="https://example.test/x_y_z">https://example.test/x_y_z</a>.',
  ]) {
    expect(html).toContain(part)
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
    '\ue0000\ue000',
  ].join('\n\n')
  const html = renderMarkdown(hostile)
  const tags = [...html.matchAll(/<(?!\/)([^>]*)>/g)].map(([, tag = '']) => tag)
  expect(tags.filter((tag) => !/^(p|br|b|code|a href="https:\/\/e\.test\/[^"\s]*")$/.test(tag))).toEqual([])
})

test('long and unclosed text is rendered quickly enough to be seen', () => {
  const long = `${'**a'.repeat(5000)}${'[x]('.repeat(5000)}${'`'.repeat(2001)}${'<!--'.repeat(5000)}`
  expect(renderMarkdown(long).length).toBeGreaterThan(1000)
})
