import { expect, expectTypeOf, test } from 'vitest'
import type { createComment, updateComment } from '../../src/github/comments.ts'
import type { createPullRequest } from '../../src/github/pull-requests.ts'
import { createRedact } from '../../src/secrets/redact.ts'
import { codeSpan, fenced } from '../../src/text/markdown/fenced.ts'
import { outboundItem, outboundLine, outboundMarkdown } from '../../src/text/markdown/outbound-markdown.ts'
import {
  joinSafe,
  maskSafe,
  NOTHING,
  ownWords,
  type RawText,
  type SafeMarkdown,
  safeMarkdown,
} from '../../src/text/markdown/safe-markdown.ts'
import { atOnce } from '../../src/time/pieces.ts'

const options = { repository: 'acme/api' }

test('making safe text safe again, and putting unsafe text into our own words, are type errors', () => {
  expectTypeOf<string>().toExtend<RawText>()
  expectTypeOf<SafeMarkdown>().not.toExtend<RawText>()
  expectTypeOf<string>().not.toExtend<Parameters<typeof safeMarkdown>[1]>()
  expectTypeOf<SafeMarkdown>().toExtend<Parameters<typeof safeMarkdown>[1]>()
  for (const make of [outboundMarkdown, outboundItem] as const) {
    expectTypeOf<Parameters<typeof make>[0]>().toEqualTypeOf<RawText>()
    expect(make('<b>', options)).toBe('&lt;b>')
  }
  expectTypeOf<Parameters<typeof ownWords>[0]>().toEqualTypeOf<RawText>()
  expectTypeOf<Parameters<typeof createComment>[1]['body']>().toEqualTypeOf<SafeMarkdown>()
  expectTypeOf<Parameters<typeof updateComment>[1]['body']>().toEqualTypeOf<SafeMarkdown>()
  expectTypeOf<Parameters<typeof createPullRequest>[1]['body']>().toEqualTypeOf<SafeMarkdown>()
})

test('our own markup stays markup around what others wrote', () => {
  const body = outboundMarkdown('</details><script>@bob', options)
  const text = safeMarkdown`<details><summary>${codeSpan('a')}</summary>\n\n${body}\n\n${fenced('<b>')}\n\n</details> ${2}`
  expect(text).toBe(
    '<details><summary>`a`</summary>\n\n&lt;/details>&lt;script>@\u200bbob\n\n```\n<b>\n```\n\n</details> 2',
  )
})

test('parts are joined without the empty ones, and masks keep the markup', () => {
  const joined = joinSafe([ownWords('<sub>a</sub>'), NOTHING, ownWords('b secret')], ' · ')
  expect(joined).toBe('<sub>a</sub> · b secret')
  expect(atOnce(maskSafe(joined, createRedact(['secret'])))).toBe('<sub>a</sub> · b [redacted]')
})

test.for([
  ['Use slugify("a  b")', 'Use slugify("a  b")'],
  ['Align `x   = 1`', 'Align `x   = 1`'],
  ['  one \n\n  two\tthree ', 'one two three'],
  ['a\r\nb', 'a b'],
] as const)('a title and an item keep the spaces within a line: %j', ([given, shown]) => {
  expect(outboundLine(given, { ...options, maxChars: 72 })).toBe(shown)
  expect(outboundItem(given, options)).toBe(shown)
})
