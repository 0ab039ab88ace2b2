import { expect, test } from 'vitest'
import { TOOLS, toolsOf } from '../../../src/agent/tools/index.ts'
import { asOurs } from '../../../src/agent/tools/other-tools.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { useTools } from '../support/use-tools.ts'

const call = (name: string, args: unknown) => asOurs({ type: 'tool_call', id: 'c1', name, args }, TOOLS)

test.each([
  ['Bash', 'bash'],
  ['run_shell_command', 'bash'],
  ['READ', 'read'],
  ['MultiEdit', 'edit'],
  ['write_file', 'write'],
  ['Grep', 'grep'],
  ['Glob', 'glob'],
  ['TodoWrite', 'plan'],
  ['Finish', 'finish'],
  ['git_push', 'git_push'],
  ['constructor', 'constructor'],
])('a call of %s is one of %s', (given, ours) => {
  expect(call(given, {}).name).toBe(ours)
})

test('a run that only plans has no command under any name', () => {
  const planned = asOurs({ type: 'tool_call', id: 'c1', name: 'Bash', args: {} }, toolsOf({ plan: true }))
  expect(planned.name).toBe('Bash')
})

test.each([
  ['Bash', { command: 'ls', description: 'Look', timeout: 120_000 }, { command: 'ls', timeout_s: 120 }],
  ['Bash', { command: 'ls', timeout: 30 }, { command: 'ls', timeout_s: 30 }],
  ['Bash', { command: 'ls', timeout: 3_600_000 }, { command: 'ls', timeout_s: 600 }],
  ['Read', { file_path: 'a', offset: 40, limit: 20 }, { file_path: 'a', start_line: 40, end_line: 59 }],
  ['Read', { file_path: 'a', offset: 0 }, { file_path: 'a', start_line: 1 }],
  ['read', { file_path: 'a', limit: 5 }, { file_path: 'a', start_line: 1, end_line: 5 }],
  [
    'Grep',
    { pattern: 'x', output_mode: 'files_with_matches', '-i': true, '-n': true, type: 'ts', head_limit: 500 },
    { pattern: 'x', mode: 'files', ignore_case: true, glob: '*.ts', limit: 200 },
  ],
  ['Grep', { pattern: 'x', '-A': 2, '-B': 9 }, { pattern: 'x', context: 5 }],
  [
    'TodoWrite',
    { todos: [{ content: 'Look', status: 'completed', activeForm: 'Looking' }] },
    { items: [{ text: 'Look', status: 'done' }] },
  ],
  // What is wrong stays as it is, so that the tool can say so.
  ['Read', { file_path: 'a', offset: 'many' }, { file_path: 'a' }],
  ['Bash', 'ls', 'ls'],
  ['Bash', null, null],
  ['TodoWrite', { todos: 'Look' }, { todos: 'Look' }],
])('%s %j', (name, given, ours) => {
  expect(call(name, given).args).toEqual(ours)
})

test('what Claude Code would call works at the first try', async () => {
  const { ok, plans } = useTools(await openWorkspace({ 'a.txt': 'one\ntwo\nthree\n' }))
  const use = (name: string, args: object) => {
    const ours = call(name, args)
    return ok(ours.name, ours.args)
  }
  expect(await use('Read', { file_path: 'a.txt', offset: 2, limit: 1 })).toMatch(/two/)
  await use('Edit', { file_path: 'a.txt', old_string: 'two', new_string: '2', replace_all: false })
  expect(await use('Grep', { pattern: '^2$', output_mode: 'content', '-n': true })).toContain('a.txt')
  expect(await use('Bash', { command: 'cat a.txt', description: 'Show it', timeout: 60_000 })).toContain(
    'three',
  )
  await use('TodoWrite', { todos: [{ content: 'Look', status: 'completed', activeForm: 'Looking' }] })
  expect(plans).toEqual([[{ text: 'Look', status: 'done' }]])
})
