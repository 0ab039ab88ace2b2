import fc from 'fast-check'
import type { Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { expect, test } from 'vitest'
import { outboundLine, outboundMarkdown, outboundTitle } from '../../src/text/markdown/outbound-markdown.ts'

const options = { repository: 'acme/api', mayMention: ['ada'] }
const clean = (markdown: string) => outboundMarkdown(markdown, options)

/** What GitHub's filters look at: text as it is rendered, code left out. */
function renderedText(markdown: string): string {
  const tree = fromMarkdown(markdown) as Nodes
  const texts: string[] = []
  visit(tree, 'text', (node) => {
    texts.push(node.value)
  })
  return texts.join('\n')
}

function nodesOf(markdown: string, type: string): unknown[] {
  const found: unknown[] = []
  visit(fromMarkdown(markdown) as Nodes, (node) => {
    if (node.type === type) found.push(node)
  })
  return found
}

const MENTION = /(?<![A-Za-z0-9])@(?!ada(?![\\\w/-]))[A-Za-z0-9]/

test('only the requester is mentioned', () => {
  expect(clean('cc @ada, @Ada. and @bob @acme/team')).toBe('cc @ada, @Ada. and @\u200bbob @\u200bacme/team')
  expect(clean('mail bob@example.org')).toBe('mail bob@example.org')
  expect(clean('@adamant @ada-x @ada/x @ada\\-x')).toBe(
    '@\u200badamant @\u200bada-x @\u200bada/x @\u200bada\\-x',
  )
  expect(clean('&#64;bob &commat;bob &#x40;bob @&#98;ob')).not.toMatch(/&|@[a-z]/)
})

test('code spans and fences keep every character that steers nothing', () => {
  const code =
    'Use `@types/node` and ``a ` <b>``.\n\n```ts\n@Injectable()\nconst a = <T>(x: T) => x // see #1, rows[ci - 1]\n```'
  expect(clean(code)).toBe(code)
})

test('closing keywords and references to other repositories lose their effect, references here stay', () => {
  expect(clean('Fixes #12, see #13')).toBe('F\u200bixes #12, see #13')
  expect(clean('_closes_: **other/repo#9**')).toContain('c\u200bloses')
  expect(clean('see other/repo#9 and acme/api#3')).toBe('see other/repo#\u200b9 and acme/api#3')
  expect(clean('https://github.com/other/repo/issues/9')).toBe(
    'https://redirect.github.com/other/repo/issues/9',
  )
  expect(clean('https://github.com/acme/api/pull/9')).toBe('https://github.com/acme/api/pull/9')
  expect(clean('This fixes the bug in 12 places')).toBe('This fixes the bug in 12 places')
})

test('raw HTML, comments and remote images are shown as text', () => {
  expect(clean('a <!-- hidden --> b <img src=x> <https://example.org/x>')).toBe(
    'a &lt;!-- hidden --> b &lt;img src=x> https:\u200b//example.org/x',
  )
  expect(clean('![cat](https://evil.example/a.png?q=1)')).toBe(
    '[image: cat] (https:\u200b//evil.example/a.png?q=1)',
  )
  expect(nodesOf(clean('![a][b]\n\n[b]: https://evil.example/x.png'), 'imageReference')).toEqual([])
})

test('commands to other Apps and instructions to CI are taken apart', () => {
  expect(clean('/merge\n\n/usr/bin/env')).toBe('/\u200bmerge\n\n\\/usr/bin/env')
  expect(clean('```\n/merge\n/usr/bin/env node\n```')).toBe('```\n/\u200bmerge\n/usr/bin/env node\n```')
  expect(clean('[skip ci] [ci skip]')).toBe('[s\u200bkip c\u200bi] [c\u200bi s\u200bkip]')
  expect(clean('Co-authored-by: Eve <eve@example.org>')).toMatch(/^Co-authored-by\u200b:/)
})

test('fences in lists move to the margin, unclosed ones are closed, drawings become text', () => {
  expect(clean('- ```js\n  run()\n  ```\n- two')).toBe('-\n```js\nrun()\n```\n- two')
  expect(clean('1. a\n\n   ```\n   b\n   ```\n')).toBe('1. a\n\n```\nb\n```')
  expect(clean('```sh\nnpm test')).toBe('```sh\nnpm test\n```')
  expect(clean('```mermaid\ngraph TD\n```')).toBe('```text\ngraph TD\n```')
})

test('a list item that ends a fence early cannot smuggle a mention', () => {
  expect(renderedText(clean('- a\n\n  ```\n@bob\n  ```'))).not.toMatch(MENTION)
  expect(renderedText(clean(' ```\nx\n```\n@bob\n```'))).not.toMatch(MENTION)
})

test.each([
  '[x](`a) b` `@bob`',
  'https://example.org/`a b` `@bob`',
  '`a\n| h |\n|---|\nb` `@bob`',
  '[^`a]: b` `@bob`',
  '| `a | @bob` |',
  '\\`@bob`',
  '[x][a`] b` `@bob`\n\n[a`]: /u`b',
])('a mention in what only looks like code is taken apart: %j', (markdown) => {
  expect(clean(markdown)).toContain('@\u200bbob')
})

test('invisible characters and controls are dropped, emoji sequences stay', () => {
  expect(clean('a\u202eb\u0007c\u{e0041}\u00ad 👩‍💻')).toBe('abc 👩‍💻')
})

test('a long text is cut, says so, and stays within the limit', () => {
  const cut = outboundMarkdown(`\`\`\`\n${'@x line\n'.repeat(5000)}`, { ...options, maxChars: 1000 })
  expect(cut.length).toBeLessThanOrEqual(1000)
  expect(cut).toMatch(/\n```\n\n_\(shortened\)_$/)
})

test.each([
  ['code spans', '`@octocat` and @octocat\n\n', 1500],
  ['fences', '~~~\n@octocat\n~~~\n@octocat\n\n', 500],
])('beyond a thousand, %s are text like any other: it mentions no one', (_, unit, times) => {
  const safe = clean(unit.repeat(times))
  expect(safe.slice(0, 100)).toMatch(/[`~\n]@octocat/)
  const code = /`[^`\n]*`|^~~~\n[^~]*\n~~~$/gm
  expect(safe.replace(code, '').match(/@(?!\u200b)/g)).toBeNull()
  expect(safe.slice(-100)).not.toMatch(/@(?!\u200b)/)
})

test.each([
  'Call __init__ before *args and **kwargs',
  'Rename _private_ to snake_case_name',
  'Drop ~old~ and ~~older~~ options',
  'Use `__all__` and `a * b`, not __all__',
  '* a star, _ a line',
])('a title that is repeated as Markdown keeps its marks: %s', (title) => {
  const tree = fromMarkdown(outboundTitle(title, { repository: 'acme/api' }), {
    extensions: [gfm()],
    mdastExtensions: [gfmFromMarkdown()],
  })
  let shown = ''
  visit(tree, (node) => {
    expect(['root', 'paragraph', 'text', 'inlineCode']).toContain(node.type)
    if (node.type === 'text') shown += node.value
    if (node.type === 'inlineCode') shown += `\`${node.value}\``
  })
  expect(shown).toBe(title)
})

test('a title is one line without effects', () => {
  expect(outboundLine('Fix the\nbug, closes #3 @bob', { ...options, maxChars: 72 })).toBe(
    'Fix the bug, c\u200bloses #3 @\u200bbob',
  )
  expect(outboundLine('x'.repeat(100), { ...options, maxChars: 72 })).toHaveLength(72)
})

const fragment = fc.constantFrom(
  ...[
    '`',
    '``',
    '```',
    '~~~',
    '@bob',
    '@',
    ' ',
    '  ',
    '    ',
    '\n',
    '\n\n',
    '- ',
    '1. ',
    '> ',
    '|',
    '\\',
    '[',
    ']',
  ],
  ...[
    '(',
    ')',
    '](',
    '][',
    '[^a]: ',
    '<',
    '>',
    '<!--',
    '-->',
    '<pre>',
    '</pre>',
    '![',
    '!',
    '"',
    'a',
    'x y',
    '&#64;',
  ],
  ...[
    'https://e.org/',
    'www.e.org',
    '$',
    '*',
    '_',
    '#',
    'fixes #1',
    '/merge',
    '[a]: /u',
    '\t',
    '@ada',
    '&lt;',
    'é',
  ],
)
const document = fc.array(fragment, { maxLength: 24 }).map((parts) => parts.join(''))

test('whatever the Markdown, nothing but the requester is mentioned, and there is no HTML or image', () => {
  fc.assert(
    fc.property(document, (markdown) => {
      const result = clean(markdown)
      expect(renderedText(result)).not.toMatch(MENTION)
      expect(renderedText(result)).not.toMatch(/(?<![A-Za-z0-9])fixes #1/i)
      for (const type of ['html', 'image', 'imageReference']) expect(nodesOf(result, type)).toEqual([])
    }),
    { numRuns: 3000 },
  )
})

test('applying it twice changes nothing', () => {
  for (const found of ['&#64;``!``', '<pre>`![`', '# @', 'a @\n===', '#\t@ada'])
    expect(clean(clean(found))).toBe(clean(found))
  fc.assert(
    fc.property(fc.oneof(document, fc.string({ unit: 'binary' })), (markdown) => {
      const once = clean(markdown)
      expect(clean(once)).toBe(once)
    }),
    { numRuns: 3000 },
  )
})

test.each([
  ...['&#&#54;4;bob', '&&#35;64;bob', '&&#99;ommat;bob', '&#&#&#&#&#53;3;3;3;4;bob', '/&#8203;merge'],
  ...['see www.github.com/other/repo/pull/3', '[x](//github.com:443/other/repo/issues/1)'],
])('what decoding lays bare has no effect: %j', (markdown) => {
  const text = clean(markdown)
  expect(renderedText(text)).not.toMatch(/@bob|^\/merge/)
  expect(text).not.toMatch(/(?<!redirect\.)github\.com/)
})
