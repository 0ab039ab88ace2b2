import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCommands } from '../../src/triggers/parse-command.ts'
import { scanMarkdown } from '../../src/triggers/scan-markdown.ts'
import { visibleText } from '../../src/triggers/visible-text.ts'

const HOSTILE = [
  ...['*a_ ', '**x', '> ', '`', '``` ', '<!--', '<!-- -->', '-->', '<code>', '<code', '</code>', '<pre>\n'],
  ...[
    '- ',
    '1. ',
    '\\',
    '\n',
    ' ',
    '\t',
    '[',
    '![](',
    '~~~\n',
    '/backspace --a ',
    '/backspace\n',
    '\n/backspace x',
  ],
  ...[
    '`\n``\n',
    '<!--\n\n',
    '#',
    '_',
    '-',
    '--!',
    '/backspace stop ',
    '> ```\n',
    '\u200b',
    '／',
    '/backspace!!!',
  ],
]

test.for(HOSTILE)('time grows no faster than a comment of %j', (unit) => {
  const timeOf = (length: number) => {
    const comment = `/backspace fix\n\n${unit.repeat(length / unit.length)}`
    const times = Array.from({ length: 3 }, () => {
      const start = performance.now()
      parseCommands(comment)
      visibleText(comment)
      return performance.now() - start
    })
    return Math.min(...times)
  }
  timeOf(1 << 14)
  // GitHub takes 65,536 characters. Four times as many leave no doubt: quadratic work would take minutes.
  expect(timeOf(1 << 18)).toBeLessThan(1000)
})

test('whatever the text, its lines stay as they are and its comments do not overlap', () => {
  const piece = fc.constantFrom(
    'a',
    '\n',
    '\n\n',
    '`',
    '```\n',
    '<!--',
    '-->',
    '> ',
    '- ',
    '    ',
    '<pre>',
    '</pre>',
    '\\',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const before = pieces.join('')
      const closed = `${before}\n-->\n\`\`\`\n</pre>\n\n\n`
      const { lines, comments } = scanMarkdown(closed)
      expect(lines.map(({ text }) => text).join('\n')).toBe(closed)
      expect(comments.every(([from, to], at) => from < to && from >= (comments[at - 1]?.[1] ?? 0))).toBe(true)
    }),
  )
})
