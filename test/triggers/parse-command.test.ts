import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COMMANDS, parseCommands } from '../../src/triggers/parse-command.ts'

const prompts = (comment: string) =>
  parseCommands(comment).map((command) =>
    command.kind === 'prompt' ? command.prompt : command.kind === 'bare' ? '' : `!${command.command}`,
  )

test.each([
  ['/backspace fix the login', ['fix the login']],
  ['Thanks!\n\n/backspace fix it\nand add a test', ['fix it\nand add a test']],
  ['/Backspace fix it', ['fix it']],
  ['   /backspace three spaces are still text', ['three spaces are still text']],
  ['/backspace', ['']],
  ['/backspace   \n', ['']],
  ['/backspace\nfix it on the next line', ['fix it on the next line']],
  ['/backspace\r\nfix it\r\nplease', ['fix it\nplease']],
  ['> quoted\n\n/backspace do it', ['do it']],
  ['/backspace stop', ['!stop']],
  ['/backspace STOP ', ['!stop']],
  ['/backspace stop the flaky test', ['stop the flaky test']],
  ['/backspace help me', ['help me']],
  ['/backspace one\n/backspace two', ['one', 'two']],
  ['/backspace apply\n\n```diff\n-a\n+/backspace b\n```', ['apply\n\n```diff\n-a\n+/backspace b\n```']],
])('%j asks for %j', (comment, expected) => {
  expect(prompts(comment)).toEqual(expected)
})

test.each([
  'please /backspace fix it',
  '> /backspace fix it',
  '- > /backspace fix it',
  '```\n/backspace fix it\n```',
  '~~~sh\n/backspace fix it\n~~~',
  '    /backspace fix it',
  '\t/backspace fix it',
  '`/backspace fix it`',
  'see `code\n/backspace fix it` here',
  '<!--\n/backspace fix it\n-->',
  '/backspaces fix it',
  '/backspace-fix it',
  '/backspace: fix it',
  'https://example.org/backspace fix it',
  '//backspace fix it',
  '- /backspace fix it',
  '',
])('%j asks for nothing', (comment) => {
  expect(parseCommands(comment)).toEqual([])
})

test('a reserved word is reserved only as the sole word', () => {
  for (const command of COMMANDS) {
    expect(parseCommands(`/backspace ${command}`)).toEqual([{ kind: 'reserved', command }])
    expect(prompts(`/backspace ${command} everything`)).toEqual([`${command} everything`])
  }
})

test('no text makes the parser throw, and prompts are parts of the comment', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), (before, after) => {
      const comment = `${before}\n/backspace ${after}`
      for (const command of parseCommands(comment)) {
        if (command.kind === 'prompt') expect(comment.replaceAll('\r\n', '\n')).toContain(command.prompt)
      }
    }),
  )
})
