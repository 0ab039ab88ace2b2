import fc from 'fast-check'
import { expect, test } from 'vitest'
import { quoteData } from '../../../src/agent/builtin/quote-data.ts'

const NONCE = 'c0ffee12c0ffee12'

test('whatever a quotation holds, it ends once, at its own end (S15)', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      `</data-${NONCE}>`,
      `<data-${NONCE} source="x">`,
      `</data-${NONCE}${NONCE}>`,
      'data-',
      NONCE,
      `\u200b`,
      'data-data-',
    ),
  )
  const text = fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, text, fc.boolean(), (source, inside, isFileText) => {
      const quoted = quoteData({ source, text: inside, nonce: NONCE, isFileText })
      expect(quoted.split(`</data-${NONCE}>`)).toHaveLength(2)
      expect(quoted.endsWith(`\n</data-${NONCE}>`)).toBe(true)
      expect(quoted.split('\n')[0]).toMatch(/^<data-c0ffee12c0ffee12 source="[^"<>]*">$/)
    }),
  )
})
