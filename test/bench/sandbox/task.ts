import type { ScriptedAnswer } from '../../stand-ins/models/script.ts'

export const TASK_PROMPT = 'Let `add` and `sum` say what they do.'

const TEST = 'node --test test/add.test.js 2>&1 | tail -n 3'

const call = (name: string, args: unknown): ScriptedAnswer => ({ calls: [{ name, args }] })
const edit = (path: string, text: string, next: string): ScriptedAnswer =>
  call('edit', { file_path: path, edits: [{ old_string: text, new_string: next }] })

/** Nine tools, as an agent at work uses them: it looks, edits, tests, and looks again. */
const TURNS: readonly ScriptedAnswer[] = [
  call('grep', { pattern: 'add', path: 'src' }),
  call('read', { file_path: 'src/add.js' }),
  call('read', { file_path: 'test/add.test.js' }),
  edit('src/add.js', 'export function add', '/** Adds two numbers. */\nexport function add'),
  call('bash', { command: TEST }),
  call('read', { file_path: 'src/sum.js' }),
  edit('src/sum.js', 'export const sum', '/** Adds many numbers. */\nexport const sum'),
  call('bash', { command: 'git status --short' }),
  call('bash', { command: TEST }),
]
export const TOOL_COUNT = TURNS.length

const FINISH = call('finish', {
  outcome: 'done',
  title: 'Say what add and sum do',
  summary: 'Both functions have a comment now.',
})

/** The turn after so many results of tools. The first `finish` only shows the agent its diff. */
export function answerAfter(results: number): ScriptedAnswer {
  return TURNS[results] ?? FINISH
}
