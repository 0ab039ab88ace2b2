import fc from 'fast-check'
import { expect, test } from 'vitest'
import { scanMarkdown } from '../../src/text/markdown/scan-markdown.ts'
import { visibleText } from '../../src/text/markdown/visible-text.ts'
import { parseCommands } from '../../src/triggers/parse-command.ts'
import { expectLinear } from '../support/growth.ts'

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

test.for(HOSTILE)('work grows no faster than a comment of %j', (unit) => {
  // GitHub takes 65,536 characters; this goes on to 160,000.
  expectLinear((text) => {
    const comment = `/backspace fix\n\n${text}`
    parseCommands(comment)
    visibleText(comment)
  }, unit)
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
