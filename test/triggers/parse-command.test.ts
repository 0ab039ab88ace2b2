import fc from 'fast-check'
import { expect, test } from 'vitest'
import { COMMANDS, type ParsedCommand, parseCommands } from '../../src/triggers/parse-command.ts'

const prompts = (comment: string) => parseCommands(comment).map(shown)

function shown(command: ParsedCommand): string {
  switch (command.kind) {
    case 'unknown_flag':
      return `?${command.flag}`
    case 'unknown_agent':
      return `agent?${command.agent}`
    case 'unclear':
      return 'unclear'
    case 'reserved':
      return `${agentOf(command)}!${command.command}${command.text && `(${command.text})`}`
    case 'bare':
    case 'prompt': {
      const flags = `${command.plan ? '[plan]' : ''}${command.separate ? '[new]' : ''}`
      return `${agentOf(command)}${flags}${command.kind === 'prompt' ? command.prompt : ''}`
    }
  }
}

function agentOf({ agent }: { readonly agent?: string | undefined }): string {
  return agent === undefined ? '' : `[${agent}]`
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
  ['/backspace prove', ['!prove']],
  ['/backspace setup', ['!setup']],
  ['/backspace set up CI', ['set up CI']],
  ['/backspace **Prove** it, please!\n\nSent from my iPhone', ['!prove']],
  ['/backspace prove this change please', ['prove this change please']],
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
  ['/backspace --agent claude-code fix it', ['[claude-code]fix it']],
  ['/backspace --agent=Claude-Code fix it', ['[claude-code]fix it']],
  ['/backspace —agent: `claude-code`, fix it', ['[claude-code]fix it']],
  ['/backspace -agent dummy --plan fix it', ['[dummy][plan]fix it']],
  ['/backspace --agent dummy --agent builtin fix it', ['[builtin]fix it']],
  ['/backspace --agent claude-code', ['[claude-code]']],
  ['/backspace --agent claude-code\nfix it', ['[claude-code]fix it']],
  ['/backspace --agent claude-code retry', ['[claude-code]!retry']],
  ['/backspace retry --agent claude-code\n\nSent from my iPhone', ['[claude-code]!retry']],
  ['/backspace approve --agent claude-code but keep it', ['[claude-code]!approve(but keep it)']],
  ['/backspace retry --agent claude-code the upload', ['[claude-code]retry the upload']],
  ['/backspace retry --agent codex', ['agent?codex']],
  ['/backspace retry --plan', ['retry --plan']],
  ['/backspace --agent claude fix it', ['agent?claude']],
  ['/backspace --agent\nfix it', ['agent?']],
  ['/backspace --agents fix it', ['?agents']],
  ['/backspace --plans x', ['?plans']],
  ['/backspace --plan --force x', ['?force']],
  ['/backspace -- x', ['-- x']],
  ['/backspace\n--plan is broken', ['--plan is broken']],
  ['/backspace stop\n\nSent from my iPhone', ['!stop']],
  ['/backspace status\n\nOn Mon, 3 Nov 2026 at 10:00, Ada <ada@example.org> wrote:\n> hi', ['!status']],
  ['/backspace retry\n-- \nAda Lovelace\nAnalytical Engines Ltd', ['!retry']],
  ['/backspace help\n> quoted', ['!help']],
  ['/backspace **stop**', ['!stop']],
  ['/backspace `stop`', ['!stop']],
  ['/backspace "Stop."\nthanks', ['!stop']],
  ['/backspace stop 🙏\nplease', ['!stop']],
  ['/backspace stop。', ['!stop']],
  ['/backspace stop <!-- draft -->', ['!stop']],
  ['/backspace\nstop\n\nSent from my Pixel', ['!stop']],
  ['/backspace\n\nSent from my Galaxy', ['']],
  ['/backspace approve\n\nSent from my iPhone', ['!approve']],
  ['/backspace approve\n\nbut keep it\n\nGet Outlook for iOS', ['!approve(but keep it)']],
  ['/backspace stop please', ['!stop']],
  ['/backspace Please stop now, thanks!', ['!stop']],
  ['/backspace stop it', ['!stop']],
  ['/backspace retry again, please\n\nBest,\nAda', ['!retry']],
  ['/backspace stop this test from failing', ['stop this test from failing']],
  ['/backspace please', ['please']],
  ['/backspace -plan add a cache', ['[plan]add a cache']],
  ['/backspace –plan –new add a cache', ['[plan][new]add a cache']],
  ['/backspace --plan: add a cache', ['[plan]add a cache']],
  ['/backspace -v prints nothing', ['-v prints nothing']],
  ['\u200e/backspace fix it', ['fix it']],
  ['\u202b/backspace\u200f אתקן', ['אתקן']],
  ['/backspace، أصلح هذا', ['أصلح هذا']],
  ['<br>/backspace fix it', ['fix it']],
  ['<img width="300" alt="shot" src="https://example.org/a.png" /> /backspace fix it', ['fix it']],
  ['![shot](https://example.org/a.png)/backspace fix it', ['fix it']],
  ['## /backspace fix it', ['unclear']],
  ['👉 /backspace fix it', ['unclear']],
  ['🙏\ufe0f/backspace fix it', ['unclear']],
  ['/backspace stop using var', ['stop using var']],
  ['/backspace stop using var\n\nstop', ['stop using var\n\nstop']],
  ['/backspace retry the upload three times\nstop', ['retry the upload three times\nstop']],
  ['／backspace fix it', ['fix it']],
  ['／ｂａｃｋｓｐａｃｅ　修复登录', ['修复登录']],
  ['/backspace修复登录', ['修复登录']],
  ['/backspaceログインを直して', ['ログインを直して']],
  ['/backspace исправь вход', ['исправь вход']],
  ['/backspace「修复」', ['「修复」']],
  ['/backspace, fix it', ['fix it']],
  ['/backspace: fix it', ['fix it']],
  ['/backspace：修复', ['修复']],
  ['/BACKSPACE, Stop', ['!stop']],
  ['/backspace.', ['']],
  ['/backspace! fix it', ['fix it']],
  ['/backspace--plan add a cache', ['[plan]add a cache']],
  ['/backspace: --plan add a cache', ['[plan]add a cache']],
  ['\u200b/backspace\u200bfix it', ['fix it']],
  ['\u00a0/backspace\u00a0fix it', ['fix it']],
  ['<img width="300" src="https://example.org/a.png" />\n/backspace fix it', ['fix it']],
  ['<img src="a">\n\n/backspace fix it', ['fix it']],
  ['<br>\n/backspace fix it', ['fix it']],
  ['<details>\n<summary>Log</summary>\n/backspace fix it\n</details>', ['fix it\n</details>']],
  ['<p align="center">\n/backspace fix it', ['fix it']],
  ['Use <code> here\n/backspace fix it', ['fix it']],
  ['<!-- a -->\n/backspace fix it', ['fix it']],
  ['![shot](a.png)\n/backspace fix it', ['fix it']],
  ['```\ncode\n```\n/backspace fix it', ['fix it']],
  ['- ```\n  code\n\n/backspace fix it', ['fix it']],
  ['a ` stray tick\n\n/backspace fix `it`', ['fix `it`']],
  ['a \\` escaped\n/backspace fix `it`', ['fix `it`']],
  ['    indented\n\n/backspace fix it', ['fix it']],
  ['> lazy\n/backspace fix it', ['fix it']],
  ['1. item\n/backspace fix it', ['fix it']],
  ['/ backspace fix it', ['unclear']],
  ['@backspace fix it', ['unclear']],
  ['@backspace-app fix it', ['unclear']],
  ['//backspace fix it', ['unclear']],
  ['\\backspace fix it', ['unclear']],
  ['!backspace fix it', ['unclear']],
  ['- /backspace fix it', ['unclear']],
  ['**/backspace fix it**', ['unclear']],
  ['/back space fix it', ['unclear']],
  ['/backspaces fix it', ['unclear']],
  ['/backspace-fix it', ['unclear']],
  ['/backspacefix it', ['unclear']],
  ['/backspace(fix it)', ['unclear']],
  ['/bakspace fix it', ['unclear']],
  ['/backsapce fix it', ['unclear']],
  ['/ backspace x\n/backspace fix it', ['fix it']],
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
  'https://example.org/backspace fix it',
  '/backspace.yml is wrong',
  '/backspace/src is missing',
  '/backspace-demo/a.ts is wrong',
  '/backspacé',
  'Backspace: fix it',
  'backspace removes the last letter',
  'I wrote @backspace before',
  '- ```\n  /backspace fix it\n  ```',
  '1. ~~~\n   /backspace fix it\n   ~~~',
  '```\n/backspace fix it',
  '````\n```\n/backspace fix it\n````',
  '<pre>\n/backspace fix it\n</pre>',
  '<pre><code>\n\n/backspace fix it\n</code></pre>',
  'Log: <code>\n/backspace fix it\n</code>',
  '<blockquote>\n\n/backspace fix it\n\n</blockquote>',
  '<!-- a\n\n/backspace fix it\n\n-->',
  'a <!-- b\n/backspace fix it\n--> c',
  '- <!--\n\n  /backspace fix it\n  -->',
  '<!-- never closed\n\n/backspace fix it',
  '> ```\n> /backspace fix it\n> ```',
  '`` a ` b\n/backspace fix it ``',
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
        if (command.kind === 'prompt') expect(comment.replace(/\r\n?/g, '\n')).toContain(command.prompt)
      }
    }),
  )
})
