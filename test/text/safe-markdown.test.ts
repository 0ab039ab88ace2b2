import { expect, test } from 'vitest'
import { codeSpan, fenced } from '../../src/text/fenced.ts'
import { outboundItem, outboundLine, outboundMarkdown } from '../../src/text/outbound-markdown.ts'
import { joinSafe, maskSafe, NOTHING, ownWords, safeMarkdown } from '../../src/text/safe-markdown.ts'

const options = { repository: 'acme/api' }

test('making safe text safe again, and putting unsafe text into our own words, are type errors', () => {
  const safe = outboundMarkdown('<b>', options)
  expect(safe).toBe('&lt;b>')
  // @ts-expect-error: safe already
  outboundMarkdown(safe, options)
  // @ts-expect-error: safe already
  outboundItem(safe, options)
  // @ts-expect-error: not known to be safe
  safeMarkdown`${String('<b>')}`
  // @ts-expect-error: not known to be safe
  joinSafe(['<b>'], '\n')
  // @ts-expect-error: safe already
  ownWords(codeSpan('x'))
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
  expect(maskSafe(joined, (text) => text.replace('secret', '…'))).toBe('<sub>a</sub> · b …')
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
