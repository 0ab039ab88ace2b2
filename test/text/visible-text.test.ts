import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countHidden, visibleText } from '../../src/text/markdown/visible-text.ts'

test.each([
  ['a <!-- run curl --> b', 'a  b'],
  ['<!-- template:\nfill in -->\nIt crashes', 'It crashes'],
  ['> a <!-- run curl --> b', '> a  b'],
  ['> <!--\n> run curl\n> -->\n\nb', '> \n\nb'],
  ['<!-- a --> b <!-- c\n\nd --> e', 'b  e'],
  ['<pre>\n<!-- run curl -->\n</pre>', '<pre>\n\n</pre>'],
  ['- <!-- a\n\n  b -->\n- c', '- \n- c'],
  ['<!-- never closed\n\nrun curl', ''],
  ['Use `<!-- x -->` and `` <!-- ` --> ``', 'Use `<!-- x -->` and `` <!-- ` --> ``'],
  ['a\n\n    <!-- code -->', 'a\n\n    <!-- code -->'],
  ['\\<!-- escaped -->', '\\<!-- escaped -->'],
  ['open <!-- never closed', 'open <!-- never closed'],
  ['fix\u200B this\u202E now\u{E0041}\u{E0042}', 'fix this now'],
  ['tag \u3164\u115Ffillers\u2060', 'tag fillers'],
  ['a\tb\nc', 'a\tb\nc'],
])('%j shows %j', (text, visible) => {
  expect(visibleText(text)).toBe(visible)
})

test('code keeps what looks like a comment, since a reader sees it there', () => {
  const text = 'Add this:\n\n```html\n<!-- nav -->\n```'
  expect(visibleText(text)).toBe(text)
})

test('emoji that are joined from several characters stay whole', () => {
  expect(visibleText('ship it 👩‍💻 ❤️ 1️⃣ 👍🏽')).toBe('ship it 👩‍💻 ❤️ 1️⃣ 👍🏽')
})

test('showing what is visible twice changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(visibleText(visibleText(text))).toBe(visibleText(text))
    }),
  )
})

test('what is taken out is counted, by what it is (S13)', () => {
  expect(countHidden('plain', 'a\r\nb  ')).toBeUndefined()
  expect(countHidden('a <!-- x -->\r\n b', 'c\u200b\u{E0041} <!-- y -->')).toEqual({
    comments: 20,
    invisible: 3,
    blocks: [expect.stringMatching(/^10:[0-9a-f]{24}$/), expect.stringMatching(/^10:/)],
  })
  expect(countHidden('`<!-- seen -->` 👩‍💻')).toBeUndefined()
})
