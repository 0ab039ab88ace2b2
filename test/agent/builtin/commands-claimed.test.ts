import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createCommandLog } from '../../../src/agent/builtin/command-log.ts'
import type { Transcript } from '../../../src/models/transcript.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, DONE, EDIT, type Scripted, scriptedTurns } from '../support/scripted-turns.ts'
import { taskIn, type WorkOptions, workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n' }
const run = (command: string, more: object = {}) => call('bash', { command, ...more })

function claiming(tests_run: readonly string[], more: object = {}): Scripted {
  return call('finish', { outcome: 'done', title: 'Greet', summary: 'Done.', tests_run, ...more })
}

async function notesAfter(
  turns: readonly Scripted[],
  options: WorkOptions = {},
): Promise<string | undefined> {
  const place = await openWorkspace(FILES)
  const { outcome } = await workOn(place, createBuiltinAgent({ model: scriptedTurns(turns) }), options)
  return outcome.notes
}

test('a command that never ran is the word of the agent', async () => {
  expect(await notesAfter([EDIT, claiming(['npm test', 'cargo test'])])).toBe(
    'The agent says that it ran `npm test`, `cargo test`; Backspace saw no such command.',
  )
})

test('what ran is shown with its exit code, and the notes of the agent follow', async () => {
  const notes = await notesAfter([
    EDIT,
    run('true'),
    run('false'),
    claiming(['true', 'false'], { notes: 'Hm.' }),
  ])

  expect(notes).toBe('While working, the agent ran `true` (exit code 0), `false` (exit code 1).\n\nHm.')
})

test('a command inside of another one is shown as it ran', async () => {
  expect(await notesAfter([EDIT, run('cd . && true && grep -q none hello.txt'), claiming(['true'])])).toBe(
    'While working, the agent ran `cd . && true && grep -q none hello.txt` (exit code 1).',
  )
})

test('a run before the last edit is not passed off as one after it', async () => {
  const write = call('write', { file_path: 'new.txt', content: 'x' })

  expect(await notesAfter([EDIT, run('true'), write, claiming(['true'])])).toBe(
    'While working, the agent ran `true` (exit code 0, before its last edit).',
  )
})

test('of several runs the last counts, whatever became of the first', async () => {
  const check = run('grep -q morning hello.txt')

  expect(await notesAfter([check, EDIT, check, claiming(['grep -q morning hello.txt'])])).toBe(
    'While working, the agent ran `grep -q morning hello.txt` (exit code 0).',
  )
})

test('an edit that did not apply is no edit', async () => {
  const wrong = call('edit', { file_path: 'hello.txt', edits: [{ old_string: 'nowhere', new_string: 'x' }] })

  expect(await notesAfter([EDIT, run('true'), wrong, claiming(['true'])])).not.toContain('last edit')
})

test('a command of the same turn as finish has been seen', async () => {
  const turn = { calls: [...run('true').calls, ...(claiming(['true']) as typeof DONE).calls] }

  expect(await notesAfter([EDIT, turn])).toBe('While working, the agent ran `true` (exit code 0).')
})

test('a command in the background has not passed', async () => {
  expect(await notesAfter([EDIT, run('true', { background: true }), claiming(['true'])])).toBe(
    'While working, the agent ran `true` (in the background).',
  )
})

test('answers and plans are held to the same', async () => {
  const answer = claiming(['npm test'], { outcome: 'no_change' })
  expect(await notesAfter([answer])).toContain('Backspace saw no such command.')
  expect(await notesAfter([claiming(['npm test'])], { task: { plan: true } })).toBe(
    'The agent says that it ran `npm test`; Backspace saw no such command.',
  )
})

test('a restart remembers what ran, a follow-up run does not claim what another run did', async () => {
  const place = await openWorkspace(FILES)
  const agent = createBuiltinAgent({ model: scriptedTurns([EDIT, run('true'), DONE]) })
  const { checkpoints } = await workOn(place, agent)
  const resume = checkpoints.at(-3) as Transcript
  const again = () => createBuiltinAgent({ model: scriptedTurns([claiming(['true'])]) })

  const restarted = await workOn(place, again(), { context: { resume } })
  const followUp = await workOn(place, again(), {
    context: { resume, workspaceState: { kind: 'restored', behind: false } },
    task: { ...taskIn(place), runId: 'run-2' },
  })

  expect(restarted.outcome.notes).toBe('While working, the agent ran `true` (exit code 0).')
  expect(followUp.outcome.notes).toContain('Backspace saw no such command.')
})

test.each([
  ['npm test', 'npm test'],
  ['npm  test', ' npm test '],
  ['`npm test`', 'npm test'],
  ['$ npm test', 'npm test'],
  ['npm test', 'npm run build; npm test 2>&1 | tail -n 20'],
  ['npm test', 'CI=1 npm test > /tmp/log 2>&1'],
  ['npm test', '(cd api && npm test)'],
  ['npm test', 'timeout 60 npm test || true'],
  ['cd api && npm test', 'npm test'],
  ['npm run lint && npm test', 'npm run lint && npm test'],
  ['npm test', 'npm ci\nnpm test'],
  ['pytest -k "a && b"', 'pytest -k "a && b"'],
  ['npm test', 'cat > x <<EOF\nhello\nEOF\nnpm test'],
])('the claim %j is seen in %j', (claim, command) => {
  expect(describeOne(claim, command)).toMatch(/^While working, the agent ran /)
})

test.each([
  ['npm test', 'echo "npm test"'],
  ['npm test', "echo 'x && npm test'"],
  ['npm test', 'npm test -- --run one.test.js'],
  ['npm test', 'npm testing'],
  ['npm test', 'true # npm test'],
  ['npm test', 'true # ; npm test'],
  ['npm test', 'cat > notes <<EOF\nnpm test\nEOF'],
  ['npm test', "cat > notes <<-'END'\nnpm test\nEND"],
  ['npm test', 'if false; then npm test; fi'],
  ['npm test', 'echo npm test'],
  ['npm run lint && npm test', 'npm test && npm run lint'],
  ['', 'true'],
  ['All tests pass', 'npm test'],
])('the claim %j is not seen in %j', (claim, command) => {
  expect(describeOne(claim, command) ?? '').not.toContain('While working')
})

function describeOne(claim: string, command: string): string | undefined {
  const log = createCommandLog([])
  const detail = { kind: 'bash', command, output: '', exitCode: 0 } as const
  log.observe({
    type: 'tool.finished',
    callId: 'c',
    tool: 'bash',
    title: 'bash',
    status: 'ok',
    durationMs: 1,
    detail,
  })
  return log.describe([claim])
}

test('a claim cannot break out of its code span', () => {
  const log = createCommandLog([])
  expect(log.describe(['x` @bob closes #1 `\n# Heading'])).toBe(
    'The agent says that it ran ``x` @bob c\u200bloses #1 ` ⏎ # Heading``; Backspace saw no such command.',
  )
  expect(log.describe(['', ' '])).toBeUndefined()
})
