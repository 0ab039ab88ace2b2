import stringWidth from 'string-width'
import { expect, test } from 'vitest'
import { cutLine, wrapText } from '../../../src/commands/terminal/views/columns.ts'

const TEXTS = [
  'The quick brown fox jumps over the lazy dog, and then it does so again and again.',
  '修复空名字的问候语，让它像文档里写的那样问候陌生人，然后再运行一次所有的测试来确认结果。',
  'Größe 👩‍👩‍👧‍👦 of families 🏳️‍🌈 and flags 🇩🇪🇫🇷 in tests ✅ that were green before, and café',
  '- a list item with 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 in the middle of it',
]

test.each(TEXTS)('no line is wider than the terminal: %s', (text) => {
  for (const width of [38, 40, 76]) {
    expect(stringWidth(cutLine(text.repeat(3), width))).toBeLessThanOrEqual(width)
    const rows = wrapText(text, width).split('\n')
    for (const row of rows) expect(stringWidth(row)).toBeLessThanOrEqual(width)
    // Nothing is lost but the spaces at which lines are broken.
    expect(rows.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
  }
})

test('a long word of letters stays whole, so that an address can be clicked', () => {
  const url = `https://github.com/acme/greeter/${'a'.repeat(80)}`
  expect(wrapText(`see ${url} there`, 40).split('\n')).toEqual(['see', url, 'there'])
})

test('colours take no columns', () => {
  expect(wrapText('\u001b[31mred\u001b[39m '.repeat(8).trim(), 40).split('\n')).toHaveLength(1)
})
