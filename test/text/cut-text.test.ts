import fc from 'fast-check'
import { expect, test } from 'vitest'
import { titleOf } from '../../src/agent/title.ts'
import { cutText, wholeStart } from '../../src/text/cut-text.ts'
import { commandSpan, inlineCode } from '../../src/text/markdown/fenced.ts'
import { outboundLine } from '../../src/text/markdown/outbound-markdown.ts'
import { expectLinear } from '../support/growth.ts'

test.each([
  ['short', 10, 'short'],
  ['a longer text', 9, 'a longer…'],
  ['ab👩‍👩‍👧cd', 8, 'ab…'],
  ['ab👍🏽cd', 5, 'ab…'],
  ['a🇩🇪b', 4, 'a…'],
  ['ae\u0301bc', 3, 'a…'],
  ['किताब', 3, 'कि…'],
])('%j cut to %i characters is %j', (text, max, cut) => {
  expect(cutText(text, max)).toBe(cut)
})

test.each([
  ['npm test', 12, 'npm test'],
  ['npm test -- some/folder || true', 24, 'npm test -- som… || true'],
  ['make\n  check\r\n\r\n|| true\n', 40, 'make ⏎   check ⏎ || true'],
  [`cd a\n${'x'.repeat(50)}\nexit 0`, 24, 'cd a ⏎ xxxxxxxx…⏎ exit 0'],
])('the command %j cut to %i characters is %j', (command, max, cut) => {
  expect(commandSpan(command, max)).toBe(`\`${cut.replaceAll('|', '\u2502')}\``)
})

test('the start of a text is well-formed, within its length, and as long as can be', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.integer({ min: 1, max: 200 }),
      (text, max) => {
        const start = wholeStart(text.toWellFormed(), max)
        expect(start.isWellFormed()).toBe(true)
        expect(start.length).toBeLessThanOrEqual(max)
        expect(start.length > 0 || text === '').toBe(true)
      },
    ),
  )
})

test('a title, a code span and a line end before the emoji that does not fit', () => {
  const emoji = '👩‍👩‍👧'
  const prompt = `Set the title of the page to ${'x'.repeat(36)}${emoji}${emoji}`
  expect(titleOf({ prompt } as never)).not.toMatch(/[\u200d\ufffd]…?$/)
  expect(inlineCode(`${'x'.repeat(198)}${emoji}`)).toBe(`\`${'x'.repeat(198)}…\``)
  expect(outboundLine(`${'x'.repeat(68)}${emoji}`, { repository: 'a/b', maxChars: 72 })).toBe(
    `${'x'.repeat(68)}…`,
  )
})

test('a long line takes work that grows with its length', () => {
  for (const unit of ['x', '👩\u200d', 'a b ']) {
    expectLinear((line) => outboundLine(line, { repository: 'a/b', maxChars: 72 }), unit)
  }
})
