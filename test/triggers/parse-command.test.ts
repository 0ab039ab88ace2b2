import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COMMANDS, type ParsedCommand, parseCommands } from '../../src/triggers/parse-command.ts'

const prompts = (comment: string) => parseCommands(comment).map(shown)

function shown(command: ParsedCommand): string {
  switch (command.kind) {
    case 'unknown_flag':
      return `?${command.flag}`
    case 'reserved':
      return `!${command.command}${command.text && `(${command.text})`}`
    case 'bare':
    case 'prompt': {
      const flags = `${command.plan ? '[plan]' : ''}${command.separate ? '[new]' : ''}`
      return `${flags}${command.kind === 'prompt' ? command.prompt : ''}`
    }
  }
}

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
  ['/backspace approve', ['!approve']],
  ['/backspace Approve, but keep the API', ['!approve(but keep the API)']],
  ['/backspace approve\nbut keep it', ['!approve(but keep it)']],
  ['/backspace approve.', ['!approve']],
  ['/backspace Stop!!', ['!stop']],
  ['/backspace help ?', ['!help']],
  ['/backspace approve! And keep it', ['!approve(And keep it)']],
  ['/backspace approves nothing', ['approves nothing']],
  ['/backspace --plan add a cache', ['[plan]add a cache']],
  ['/backspace —plan add a cache', ['[plan]add a cache']],
  ['/backspace --Plan --new\nadd a cache', ['[plan][new]add a cache']],
  ['/backspace --plan', ['[plan]']],
  ['/backspace --plan stop', ['[plan]stop']],
  ['/backspace --new fix --plan', ['[new]fix --plan']],
  ['/backspace fix --plan', ['fix --plan']],
  ['/backspace --plans x', ['?plans']],
  ['/backspace --plan --force x', ['?force']],
  ['/backspace -- x', ['-- x']],
  ['/backspace\n--plan is broken', ['--plan is broken']],
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

test('a reserved word is reserved only as the sole word, but for one that takes more', () => {
  for (const command of COMMANDS) {
    expect(prompts(`/backspace ${command}`)).toEqual([`!${command}`])
    if (command === 'approve') continue
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
