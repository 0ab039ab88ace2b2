import { expect, test } from 'vitest'
import { forTerminal, forTerminalDeep, stripTerminalOutput } from '../../src/text/terminal-text.ts'
import { expectLinear } from '../support/growth.ts'

test.each([
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['a link', '\u001b]8;;https://evil.example\u0007text\u001b]8;;\u0007', 'text'],
  ['a clipboard write', 'a\u001b]52;c;cm0gLXJm\u0007b', 'ab'],
  ['a sequence without an end', 'a\u001b]0;title\nb', 'a\nb'],
  ['one-byte sequences', 'a\u009b31mb\u0090x\u009cc', 'abc'],
  ['a bell and a delete', 'a\u0007b\u007f', 'ab'],
  ['an override', 'a\u202eb', 'a\\u{202e}b'],
  ['lone surrogates', 'a\ud800b', 'a\ufffdb'],
])('%s cannot steer a terminal', (_, text, shown) => {
  expect(forTerminal(text)).toBe(shown)
  expect(forTerminalDeep({ list: [text], when: new Date(0), n: 1 })).toEqual({
    list: [shown],
    when: new Date(0),
    n: 1,
  })
})

test.each([
  ['a progress bar', '10 %\r50 %\r100 %\ndone\n', '100 %\ndone\n'],
  ['a bar that ends with a return', '10 %\r100 %\r\nnext', '100 %\nnext'],
  ['Windows lines', 'a\r\nb\r\n', 'a\nb\n'],
  ['colours and bells', '\u001b[1mok\u001b[0m\u0007', 'ok'],
  ['returns alone', '\r\r\r', ''],
])('of what a command printed, %s leaves its last state', (_, output, left) => {
  expect(stripTerminalOutput(output)).toBe(left)
})

test('what a file holds reaches the model, hidden or not', () => {
  const content = 'a\u200bb\u202ec 👩‍💻 \ue0b0 می‌خواهم\u{e0041}'
  expect(stripTerminalOutput(content)).toBe(content)
})

test('hostile output takes work that grows with its length', () => {
  for (const unit of ['\r', '\u001b[', '\u001b]a;', 'a\r', '\u001b[;', '\u009b1;', '\n\r']) {
    for (const use of [stripTerminalOutput, forTerminal]) expectLinear(use, unit)
  }
})
