import { expect, test } from 'vitest'
import { codeSpanParts } from '../../src/text/markdown/code-spans.ts'

/** Code in brackets. */
function shown(text: string): string {
  return codeSpanParts(text)
    .map((part) => (part.isCode ? `[${part.text}]` : part.text))
    .join('')
}

test.each([
  ['plain', 'plain'],
  ['', ''],
  ['run `npm test` now', 'run [npm test] now'],
  ['`a``b`', '[a``b]'],
  ['``a ` b``', '[a ` b]'],
  ['`` `a` ``', '[`a`]'],
  ['`slugify("a  b")`', '[slugify("a  b")]'],
  ['` `', '[ ]'],
  ['`open', '`open'],
  ['``a`', '``a`'],
  ['`a` ``b`` ```c```', '[a] [b] [c]'],
  ['a ``` b `c`', 'a ``` b [c]'],
])('%j is read as %j', (text, parts) => {
  expect(shown(text)).toBe(parts)
})

test('backticks that no other closes cost no more than their length', () => {
  // Runs of every length up to 1,000: half a million characters, and no code among them.
  const text = Array.from({ length: 1000 }, (_, n) => '`'.repeat(n + 1)).join(' ')
  expect(codeSpanParts(text)).toEqual([{ isCode: false, text }])
})
