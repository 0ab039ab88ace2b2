import { expect, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createClaudeCodeAgent } from '../../../src/agent/claude-code/claude-code-agent.ts'
import { openSession } from '../../../src/agent/claude-code/open-session.ts'
import { beginSession, recordEntry, wordsEntry } from '../../../src/agent/claude-code/session-transcript.ts'
import { judgeRequest } from '../../../src/models/gateway/judge-request.ts'
import type { Transcript } from '../../../src/models/transcript.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { DONE, EDIT, scriptedTurns } from '../support/scripted-turns.ts'
import { taskIn, workOn } from '../support/work-on.ts'

const ID = '11111111-1111-4111-8111-111111111111'
const RESTORED = { kind: 'restored', behind: false } as const

test('the builtin agent goes on from a run of Claude Code with its last words, not with its record', async () => {
  const place = await openWorkspace({ 'hello.txt': 'hello\n' })
  const model = scriptedTurns([EDIT, DONE])
  const entries = [
    recordEntry('{"line":"of the record"}\n', 0),
    wordsEntry('Shall it rhyme?', 'claude-opus-5-5'),
  ]
  const context = { resume: { ...beginSession(ID), entries }, workspaceState: RESTORED }
  const { outcome } = await workOn(place, createBuiltinAgent({ model }), { context })
  expect(outcome.kind).toBe('done')
  const asked = JSON.stringify(model.asked[0])
  for (const known of [
    'Shall it rhyme?',
    'The workspace comes with what that run changed',
    'Make the greeting polite',
  ])
    expect(asked).toContain(known)
  expect(asked).not.toContain('of the record')
})

test('Claude Code goes on from a run of the builtin agent in the same way', async () => {
  const place = await openWorkspace({ 'hello.txt': 'hello\n' })
  const model = scriptedTurns([{ ...EDIT, text: 'I make it polite.' }, DONE])
  const { checkpoints } = await workOn(place, createBuiltinAgent({ model }))
  const saved: Transcript[] = []
  const session = await openSession({
    task: { ...taskIn(place), runId: 'run-2', prompt: 'Now in French' },
    context: {
      sandbox: place.sandbox,
      signal: new AbortController().signal,
      emit: () => {},
      checkpoint: async (transcript) => void saved.push(transcript),
      takeFollowUps: async () => [],
      verify: async () => ({ ok: true, report: '' }),
      resume: checkpoints.at(-1),
      workspaceState: RESTORED,
    },
    kept: undefined,
    nonce: 'n',
    date: new Date(),
    newId: () => ID,
  })
  expect(session).toMatchObject({ id: ID, resumes: false, record: '' })
  const first = JSON.stringify(session?.first)
  for (const known of [
    'I make it polite.',
    'The workspace comes with what that run changed',
    'Now in French',
  ])
    expect(first).toContain(known)
  expect(saved.at(-1)?.system).toBe(`Claude Code session ${ID}`)
})

const INIT = {
  type: 'system',
  subtype: 'init',
  tools: ['Bash', 'StructuredOutput'],
  mcp_servers: [],
  model: 'claude-opus-5-5',
  claude_code_version: '2.1.332',
  session_id: ID,
}

test.each([
  ['another version', { ...INIT, claude_code_version: '3.0.0' }, 'its version is 3.0.0, and Backspace needs'],
  ['an MCP server', { ...INIT, mcp_servers: [{ name: 'thief' }] }, 'it started MCP servers'],
  ['a tool of its own', { ...INIT, tools: ['Bash', 'WebFetch'] }, 'tools that it was not given (WebFetch)'],
])('%s is no Claude Code that Backspace knows: the builtin agent works instead', async (_what, init, why) => {
  const place = await openWorkspace({ 'hello.txt': 'hello\n' })
  // A program that begins as such a Claude Code does, and then waits.
  const program = `${place.sandbox.home}/claude`
  const script = `#!/bin/sh\necho '${JSON.stringify(init)}'\nexec sleep 60\n`
  await place.sandbox.writeFile(program, new TextEncoder().encode(script))
  await place.sandbox.exec(`chmod +x ${program}`)
  const agent = createClaudeCodeAgent({
    binary: program,
    upstream: { apiKey: 'none', baseUrl: 'http://127.0.0.1:9' },
    model: 'claude-opus-5-5',
    judge: judgeRequest,
    next: async () => createBuiltinAgent({ model: scriptedTurns([EDIT, DONE]) }),
  })
  const { outcome, events } = await workOn(place, agent)
  expect(outcome.kind).toBe('done')
  const notice = events.find(({ type }) => type === 'agent.notice')
  expect(notice).toMatchObject({ message: expect.stringContaining(why), agent: 'builtin' })
  expect(notice).toMatchObject({ message: expect.stringContaining('(bad_cli)') })
})
