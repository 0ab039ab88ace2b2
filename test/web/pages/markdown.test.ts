import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createProse } from '../../../src/web/pages/markdown.ts'

const render = async (text: string) => String(await createProse(false)(text))

test('structure is kept', async () => {
  const page = await render('### Where\n\n- `a.ts` is **bold**\n\n> quoted\n\n```js\nconst a = 1 < 2\n```\n')
  expect(page).toContain('<p class="heading"><strong>Where</strong></p>')
  expect(page).toMatch(/<ul><li><p><code>a\.ts<\/code> is <strong>bold<\/strong><\/p><\/li><\/ul>/)
  expect(page).toContain('<blockquote><p>quoted</p></blockquote>')
  expect(page).toContain('const a = 1 &lt; 2')
})

test('tables, boxes and bare addresses look as on GitHub', async () => {
  const page = await render(
    '| a | b |\n|---|---|\n| `1` | ~~2~~ |\n\n- [ ] later\n- [x] done\n\nsee https://example.com/a.',
  )
  expect(page).toMatch(/<th>a<\/th><th>b<\/th>[\s\S]*<td><code>1<\/code><\/td><td><del>2<\/del><\/td>/)
  expect(page).toMatch(/to do">☐<\/span><p>later<\/p>[\s\S]*done">☑<\/span><p>done<\/p>/)
  expect(page).toMatch(/href="https:\/\/example\.com\/a"[^>]*>https:\/\/example\.com\/a<\/a>\./)
  expect(page).not.toContain('[ ]')
})

test('nothing that a text holds runs, loads or leads anywhere but the web', async () => {
  const page = await render(
    '<script>alert(1)</script>\n\n![x](https://evil.example/beacon.png) [a](javascript:alert(1)) <img src=x onerror=y>',
  )
  expect(page).not.toMatch(/<script|<img|javascript:/)
  expect(page).toContain('&lt;script&gt;')
  expect(page).toContain('href="https://evil.example/beacon.png"')
})

test('no text leaves a tag of its own on the page', async () => {
  const known =
    /<\/?(?:div|p|ul|ol|li|blockquote|pre|code|strong|em|a|span|br|hr|del|sup|table|thead|tbody|tr|th|td)(?: [^<>]*)?>/g
  await fc.assert(
    fc.asyncProperty(
      fc.string({
        unit: fc.constantFrom(
          '<',
          '>',
          'a',
          '"',
          '`',
          '*',
          '\n',
          '[',
          ']',
          '(',
          ')',
          '#',
          '-',
          ' ',
          '|',
          '~',
          'x',
        ),
      }),
      async (text) => {
        expect((await render(text)).replace(known, '')).not.toMatch(/[<>]/)
      },
    ),
  )
})

test.each([
  '- a\n',
  '- - a\n',
  'a\n=\n',
  '|-|\n',
  '# a\n',
  'a\n\n',
])('a text with thousands of %j, which the parser would take seconds for, is shown as it was written', async (unit) => {
  expect(await render(unit.repeat(10_000))).toMatch(/^<pre class="block prose" tabindex="0">/)
  expect(await render(unit.repeat(150))).toMatch(/^<div class="markdown">/)
})

test('a page formats so much, and shows what follows as it was written', async () => {
  const prose = createProse(false)
  const texts = Array.from({ length: 40 }, () => '**a** _b_\n'.repeat(200))
  const drawn = await Promise.all(texts.map(async (text) => String(await prose(text))))
  expect(drawn[0]).toMatch(/^<div/)
  expect(drawn.at(-1)).toMatch(/^<pre/)
})
