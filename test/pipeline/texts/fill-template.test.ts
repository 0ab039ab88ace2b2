import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fillTemplate } from '../../../src/pipeline/texts/fill-template.ts'
import { fitParts } from '../../../src/pipeline/texts/fit-parts.ts'
import { NOTHING, ownWords } from '../../../src/text/markdown/safe-markdown.ts'
import { expectLinear } from '../../support/growth.ts'

const ANSWERS = {
  summary: ownWords('> It trims.'),
  testing: ownWords('| ok |'),
  issue: ownWords('Closes #7'),
  assistance: ownWords('Written by a model.'),
}
const OPTIONS = { repository: 'acme/api', mayMention: [] }

test('what the host knows goes where the template asks, and what is for people stays empty', () => {
  const template = `<!-- Thanks! Fixes #1 -->
## Description
Please explain.

### Related issues
### How has this been tested?
## Screenshots
**Checklist**
- [x] I have read the CONTRIBUTING guide
- [ ] I have signed the CLA
`
  expect(fillTemplate(template, ANSWERS, OPTIONS)).toEqual({
    text: `### Description

> It trims.

### Related issues

Closes #7

### How has this been tested?

| ok |

### Screenshots

_For a person to fill in._

### Checklist

- [ ] I have read the CONTRIBUTING guide
- [ ] I have signed the CLA`,
    used: new Set(['summary', 'issue', 'testing']),
  })
  expect(fillTemplate('Thanks for contributing!', ANSWERS, OPTIONS)).toBeUndefined()
})

test('headings of every kind are found, code is no text, and what a bot looks for stays', () => {
  const template = `---
name: Default
labels: bug
---
<!-- pr-bot v2: do not remove this line -->
<!-- Do not delete this. @ada closes #1 -->
Description
-----------

\`\`\`sh
# not a heading
- [ ] not a box
\`\`\`
<h3 align="center">Tests</h3>

## **Related** __issues__ *(optional)*
### Does this change what users see?
\`\`\`release-note
NONE
\`\`\`
1. [x] I am human
`
  expect(fillTemplate(template, ANSWERS, OPTIONS)?.text).toBe(`<!-- pr-bot v2: do not remove this line -->

### Description

> It trims.

### Tests

| ok |

### Related issues (optional)

Closes #7

### Does this change what users see?

- [ ] I am human

\`\`\`release-note
NONE
\`\`\``)
})

test('a table that asks is filled where the host knows, and choices stay for a person', () => {
  const template = `| Q             | A
| ------------- | ---
| Branch?       | 7.4 <!-- see below -->
| Bug fix?      | yes/no
| Issues        | Fix #... <!-- prefix each number -->
| License       | MIT
| Docs PR       |

|   | Type    |
|---|---------|
| ✓ | Bug fix |

| one | two | three |
|-----|-----|-------|
| 1   | 2   | 3     |
`
  const table =
    '| Branch? |  |\n| Bug fix? | yes/no |\n| Issues | Closes #7 |\n| License |  |\n| Docs PR |  |'
  expect(fillTemplate(template, ANSWERS, OPTIONS)).toEqual({
    text: `| Q | A |\n|---|---|\n${table}`,
    used: new Set(['issue']),
  })
  const { text } = fillTemplate(`## Linked issue\n\n${template}`, ANSWERS, OPTIONS) ?? {}
  expect(text).toContain('### Linked issue\n\nCloses #7\n\n| Q | A |')
  expect(text).toContain('| Issues |  |')
})

test.each([
  [
    '# Pull Request\n## The issue being addressed\n## Details on the fix',
    { issue: 'The issue', summary: 'Details' },
  ],
  ['## Pull Request Checklist\n- [ ] x\n## What does this PR do?\n## Why?', { summary: 'What does' }],
  ['## What is the current behavior?\n## What is the new behavior?', { summary: 'What is the new' }],
  ['## Type of change\n## Motivation\n## Solution', { summary: 'Solution' }],
  ['## Enhancements', { summary: 'Enhancements' }],
  [
    '## What type of PR is this?\n## Summary of changes\n## Test Plan',
    { summary: 'Summary', testing: 'Test Plan' },
  ],
  [
    '## AI Disclosure\n- [ ] No AI was used\n## Overview',
    { assistance: 'AI Disclosure', summary: 'Overview' },
  ],
  ['## Assistance Disclosure\n_Missing._', { assistance: 'Assistance' }],
  ['## Release notes\n## Is this a breaking change?', {}],
  [
    '*Issue #, if available:*\n\n*Description of changes:*\n\nI confirm that I may contribute this.',
    { issue: 'Issue', summary: 'Description of changes' },
  ],
  ['Fixes #\n\nChanges proposed in this pull request:\n\n*\n*\n', { summary: 'Changes proposed' }],
  ['Please note the changes below:\n\n- Keep changes small.\n', {}],
  ['*If yes, describe the changes:*\n', {}],
  ['## 概要\n## テスト\n## 関連', { summary: '概要', testing: 'テスト', issue: '関連' }],
])('each answer goes to the section that asks for it most plainly: %j', (template, places) => {
  const { text = NOTHING, used } = fillTemplate(template, ANSWERS, OPTIONS) ?? {}
  expect([...(used ?? [])].sort()).toEqual(Object.keys(places).sort())
  for (const [answer, title] of Object.entries(places))
    expect(text).toMatch(
      new RegExp(`^### ${title}[^\\n]*\\n\\n${RegExp.escape(ANSWERS[answer as keyof typeof ANSWERS])}`, 'm'),
    )
})

test('words to the author are left out, boxes keep all of their lines, and links outside of GitHub only their words', () => {
  const template = `# ❤ Thank you for contributing! ❤
## Goals :soccer:
## Checklist
- [ ] Follow the [style](https://example.org/style) and the [guide](CONTRIBUTING.md),\\
      in all files
that you touch
- [ ] Another

### Updating the changelog

no part of it
`
  expect(fillTemplate(template, { ...ANSWERS, summary: NOTHING }, OPTIONS)?.text).toBe(`### Goals :soccer:

_For a person to fill in._

### Checklist

- [ ] Follow the style and the [guide](CONTRIBUTING.md), in all files that you touch
- [ ] Another`)
})

test('a hostile template mentions no one, closes nothing, shows no picture, and is bounded', () => {
  const hostile = `# @everyone Fixes #1 ![x](https://evil.example/p.png)
- [x] /cc @acme/owners closes acme/api#2 <img src=x>
${'- [ ] again\n'.repeat(5000)}<!-- ${'x'.repeat(1000)}`
  const { text = NOTHING } = fillTemplate(hostile, { ...ANSWERS, issue: NOTHING }, OPTIONS) ?? {}
  expect(text).not.toMatch(/(?<![\w`])@(?:everyone|acme)/)
  expect(text).not.toMatch(/(?:Fixes|closes) (?:acme\/api)?#\d/)
  expect(text).not.toContain('![')
  expect(text).not.toContain('<img')
  expect(text).not.toContain('[x]')
  expect(text.length).toBeLessThan(20_000)
})

test('a long text keeps its first and last parts, and drops whole parts by their order', () => {
  const part = fc.record({ length: fc.integer({ min: 0, max: 400 }), spare: fc.integer({ min: 1, max: 9 }) })
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), fc.integer({ min: 300, max: 2000 }), (middle, most) => {
      const parts = [
        { text: ownWords('VERDICT'), spare: 0 },
        ...middle.map(({ length, spare }) => ({ text: ownWords('x'.repeat(length)), spare })),
        { text: ownWords('Closes #7'), spare: 0 },
        { text: ownWords('FOOTER'), spare: 0 },
      ]
      const text = fitParts(parts, most)
      expect(text.length).toBeLessThanOrEqual(most)
      expect(text).toMatch(/^VERDICT[\s\S]*Closes #7\n\nFOOTER$/)
      const isWhole = middle.every(({ length }) => length === 0) || !text.includes('left out')
      const whole = parts.map((one) => one.text).filter((one) => one !== NOTHING)
      expect(isWhole).toBe(whole.join('\n\n').length <= most)
    }),
  )
})

test.each([
  '# a ',
  '# ',
  ' ',
  '\t',
  '#',
  '**a',
  '- [ ] ',
  '<!--',
  '\n# a\n',
  '```a\n',
  '\na\n---\n',
  '*_',
  '<h2>',
  '<!-- do not x -->',
])('a template of %j takes time in proportion to its length', (unit) => {
  expectLinear((text) => fillTemplate(`# a${text}x`, ANSWERS, OPTIONS), unit, 64_000)
})
