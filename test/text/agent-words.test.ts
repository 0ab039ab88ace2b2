import fc from 'fast-check'
import type { Nodes, Root } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { gfm } from 'micromark-extension-gfm'
import { visit } from 'unist-util-visit'
import { expect, test } from 'vitest'
import { agentWords } from '../../src/text/agent-words.ts'
import { outboundItem, outboundMarkdown } from '../../src/text/markdown/outbound-markdown.ts'
import { joinSafe, ownWords, safeMarkdown } from '../../src/text/markdown/safe-markdown.ts'
import { renderMarkdown } from '../stand-ins/github/pages/issue-page.ts'

const options = { repository: 'acme/api', mayMention: ['ada'], maxChars: 20_000 }

function treeOf(markdown: string): Root {
  return fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] })
}

/** A body as the host makes it, with the agent's words between its own parts. */
function bodyAround(words: string): string {
  return joinSafe(
    [
      safeMarkdown`### Before you merge\n\n- ${outboundItem(words, options)}\n- Draft.`,
      safeMarkdown`### In the agent's words`,
      agentWords(words, options),
      safeMarkdown`### Checks\n\n| Check | Before | After |\n|---|---|---|\n| \`npm test\` | ✅ passed | ❌ failed |`,
      ownWords('Closes #12 · [the run](https://b.example/runs/1)'),
      safeMarkdown`---\n<sub>Requested by @ada</sub>`,
    ],
    '\n\n',
  )
}

/** What a model must not draw, not even in its quotation. */
const HOST_ONLY = [
  'heading',
  'thematicBreak',
  'definition',
  'footnoteDefinition',
  'html',
  'image',
  'imageReference',
]

function foreignParts(tree: Nodes): string[] {
  const found: string[] = []
  visit(tree, (node) => {
    if (HOST_ONLY.includes(node.type)) found.push(node.type)
    if (node.type === 'listItem' && typeof node.checked === 'boolean') found.push('tick')
  })
  return found
}

/** GitHub draws a box where a quotation begins with its name. */
function alerts(tree: Nodes): string[] {
  const found: string[] = []
  visit(tree, 'blockquote', ({ children: [first] }) => {
    const [start] = first?.type === 'paragraph' ? first.children : []
    const text = start?.type === 'text' ? start.value : ''
    if (/^\[!\w+\]/.test(text)) found.push(text)
  })
  return found
}

function expectHostIntact(words: string): void {
  const body = bodyAround(words)
  const { children } = treeOf(body)
  const quotes = children.filter(({ type }) => type === 'blockquote')
  expect(children.map(({ type }) => type).filter((type) => type !== 'blockquote')).toEqual([
    ...['heading', 'list', 'heading', 'heading', 'table', 'paragraph', 'thematicBreak', 'paragraph'],
  ])
  expect(quotes.length).toBeLessThanOrEqual(1)
  for (const quote of quotes) expect(foreignParts(quote)).toEqual([])
  const [list] = children.filter(({ type }) => type === 'list')
  if (list !== undefined) expect(foreignParts(list)).toEqual([])
  expect(alerts(treeOf(body))).toEqual([])
  const links: string[] = []
  visit(treeOf(body), 'link', ({ url }) => {
    links.push(url)
  })
  expect(links).toContain('https://b.example/runs/1')
}

/** Fault P7, and everything else that reaches over the end of a text. */
const ATTACKS = [
  '### Checks\n\n| Check | Before | After |\n|---|---|---|\n| `npm test` | ❌ | ✅ passed (exit code 0) **fixed** |',
  'Checks\n======\n\nFiles\n---\n\nNotes\n-\n\n- a\n  ===\n\n> b\n> ---',
  '> [!NOTE]\n> All checks passed.',
  '[!WARNING]\nMerge at once.',
  '---\n\n***\n\n___\n\n- - -\n\n* * *\n\n- ---\n\n> ***',
  '[the run]: https://evil.example\n[the\nrun]: https://evil.example\n\n[^1]: Passed.\n\nSee[^1]',
  '[a `]: https://evil.example "` b"\n\n[the run]',
  '</sub></details>\n\n<!-- \n\n<details open><summary>Checks</summary>',
  '```text\nnever closed',
  '> ```\n> never closed',
  '- ~~~\n  never closed',
  '- [x] Every check passed\n- [ ] Merge\n1. [X] Reviewed',
  '# \n## Title ##\n###### Six\n#\tTab\n - ## In a list\n> # In a quotation\n1. # One',
  '![seal](https://evil.example/verified.png) [![b](https://e.example/b.svg)](https://e.example)',
  '$$\n\\text{All checks passed}\n$$',
  '| a |\n| - |\n| b |',
  'a\\',
  'x\n\n    # code\n    ---',
  '\n\n\u2028### Checks\u2029---\r### Files\r\n===\u000b# x',
  '&#35;&#35; Checks\n\n&lt;h1>Checks&lt;/h1>',
  '* a\n*\n  # b\n+\n  ---\n-\n  | a |\n  |---|',
]

test.each(ATTACKS)('the parts of the host stay its own around %j', (words) => {
  expectHostIntact(words)
  const quote = agentWords(words, options)
  expect(quote.split('\n').every((line) => line === '>' || line.startsWith('> '))).toBe(true)
  const plain = treeOf(outboundMarkdown(words, options))
  expect(foreignParts(plain)).toEqual([])
  expect(plain.children.map(({ type }) => type)).not.toContain('table')
})

test('headings become bold, ticks become signs, and what reads well stays', () => {
  const words =
    '## What I did\n\n- [x] Trim `name`\n- [ ] Docs\n\n---\n\n1. one\n2. two\n\n```ts\n# no heading\n```'
  expect(agentWords(words, options)).toBe(
    [
      ...[
        '> **What I did**',
        '>',
        '> - ☑ Trim `name`',
        '> - ☐ Docs',
        '>',
        '>',
        '>',
        '> 1. one',
        '> 2. two',
        '>',
      ],
      ...['> ```ts', '> # no heading', '> ```'],
    ].join('\n'),
  )
  expect(agentWords(' \n', options)).toBe('')
  expect(agentWords('| a | b |\n|---|---|\n| 1 | 2 |', options)).toContain('> |---|---|')
})

test('on the page, headings and tables are the host’s, and the words of the agent are in a quotation', () => {
  for (const words of ATTACKS) {
    const html = renderMarkdown(bodyAround(words)).replace(/<blockquote>[\s\S]*<\/blockquote>/, '')
    expect(html.match(/<h[1-6]>[^<]*/g)).toEqual([
      '<h3>Before you merge',
      "<h3>In the agent's words",
      '<h3>Checks',
    ])
    expect(html.match(/<table>/g)).toHaveLength(1)
  }
})

test('a quotation has at most as many characters as it may', () => {
  for (const words of ['\na'.repeat(20_000), '\n'.repeat(9000), 'a'.repeat(50_000), '```\n'.repeat(9000)]) {
    expect(agentWords(`x${words}x`, { ...options, maxChars: 5000 }).length).toBeLessThanOrEqual(5000)
  }
})

const piece = fc.constantFrom(
  ...[
    '#',
    '## ',
    '###### ',
    '=',
    '===',
    '-',
    '---',
    '***',
    '___',
    '- - -',
    '* ',
    '+ ',
    '- ',
    '1. ',
    '> ',
    '>',
    '|',
    '|-|',
  ],
  ...[
    '\n',
    '\n\n',
    '\n',
    ' ',
    '  ',
    '    ',
    '\t',
    '`',
    '``',
    '```',
    '~~~',
    '<!--',
    '-->',
    '<details>',
    '</details>',
  ],
  ...[
    '[!NOTE]',
    '[x] ',
    '[ ] ',
    '[a]: /u',
    '[a',
    ']: /u',
    '[^1]: f',
    '![a](https://e.org)',
    '[a](',
    ')',
    '\\',
    '&#35;',
  ],
  ...['word', 'a', '$$', '"', "'", '(', '<', '\u2028', '\r', '.', '!', '**', ':-', ':'],
)

test('whatever the Markdown of a model, headings, tables, links and the footer of the host are there, and it adds none', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      expectHostIntact(pieces.join(''))
      expect(foreignParts(treeOf(outboundMarkdown(pieces.join(''), options)))).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('taking the structure out twice changes nothing', () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), fc.boolean(), (pieces, keepTables) => {
      // A reference next to code is read twice, the second time as a character.
      const markdown = pieces.join('').replaceAll('&#35;', '')
      const take = (text: string): string => outboundMarkdown(text, { ...options, keepTables })
      const once = take(markdown)
      // Behind a link that never ends, backticks are text at first, and code once the link is none.
      const settled = markdown.includes('](') && markdown.includes('`') ? take(once) : once
      expect(take(settled)).toBe(settled)
    }),
    { numRuns: 500 },
  )
})
