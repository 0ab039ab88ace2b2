import { expect, onTestFinished, test } from 'vitest'
import { createBuiltinAgent } from '../../../src/agent/builtin/builtin-agent.ts'
import { createAnthropicModel } from '../../../src/models/anthropic/anthropic.ts'
import { renderAnthropic } from '../../../src/models/anthropic/render-anthropic.ts'
import { ModelError } from '../../../src/models/model-error.ts'
import { renderOpenAI } from '../../../src/models/openai/render-openai.ts'
import { checkPrefix, checkTranscript } from '../../../src/models/prefix-check.ts'
import { type Entry, segmentOf, type Transcript } from '../../../src/models/transcript.ts'
import { startAnthropic } from '../../stand-ins/anthropic.ts'
import { openWorkspace } from '../support/open-workspace.ts'
import { call, EDIT, type Scripted, scriptedTurns } from '../support/scripted-turns.ts'
import { workOn } from '../support/work-on.ts'

const FILES = { 'hello.txt': 'hello\n', 'long.txt': `${'a long line of text\n'.repeat(700)}` }
const PLAN = call('plan', { items: [{ text: 'Be polite', status: 'in_progress' }] })
/** Ends the run without a look at the workspace, so that each turn here is one that was written down. */
const END = call('finish', { outcome: 'blocked', title: 'Ask', summary: 'Asked.', question: 'Which door?' })
const READ = call('read', { file_path: 'long.txt' })
const SUMMARY = { text: 'Goal - be polite.\nNext - look at the door sign.' }
const TOO_LONG = new ModelError({
  class: 'context',
  provider: 'scripted',
  model: 'test',
  userMessage: 'The request is too long.',
})

/** Three quarters of it hold the first message and one look at the long file, not two. */
const WINDOW = 13_000

async function workFor(turns: readonly Scripted[], contextWindow?: number) {
  const model = { ...scriptedTurns(turns), contextWindow }
  const place = await openWorkspace(FILES)
  const done = await workOn(place, createBuiltinAgent({ model }))
  const compactions = done.events.filter((event) => event.type === 'context.compacted')
  return { ...done, place, asked: model.asked, compactions, last: done.checkpoints.at(-1) as Transcript }
}

function textOf(entry: Entry | undefined): string {
  return (entry?.parts ?? []).map((part) => ('text' in part ? part.text : '')).join('\n')
}

test('a long conversation goes on from the first message and a summary by the model', async () => {
  const { outcome, asked, compactions, last } = await workFor(
    [PLAN, EDIT, READ, call('read', { file_path: 'long.txt', end_line: 690 }), SUMMARY, END],
    WINDOW,
  )

  expect(outcome.kind).toBe('blocked')
  expect(compactions).toMatchObject([{ number: 1, summaryBy: 'model' }])
  const [question, afterwards] = asked.slice(4)
  // The question continues the old segment, byte for byte.
  expect(question?.entries.slice(0, asked[3]?.entries.length)).toEqual(asked[3]?.entries)
  expect(textOf(question?.entries.at(-1))).toContain('goes on from a summary that you write now')
  const segment = segmentOf(afterwards as Transcript)
  expect(segment.map(({ role }) => role)).toEqual(['user', 'harness'])
  expect(segment[0]?.parts).toEqual(last.entries[0]?.parts)
  const note = textOf(segment[1])
  for (const text of [SUMMARY.text, 'Be polite (in progress)', 'M hello.txt', '1 file changed']) {
    expect(note).toContain(text)
  }
  // Nothing that was said is lost from the record.
  expect(last.entries.slice(0, question?.entries.length)).toEqual(question?.entries)
  expect(checkTranscript(last)).toEqual([])
})

test('providers are shown the last segment only, and each request of it continues the one before', async () => {
  const again = call('bash', { command: 'ls' })
  const { asked } = await workFor([EDIT, READ, READ, SUMMARY, again, again, END], WINDOW)

  const [before, after] = asked.slice(-2) as [Transcript, Transcript]
  for (const items of [
    (transcript: Transcript) => renderAnthropic(transcript, { systemRole: true }).messages,
    (transcript: Transcript) => renderOpenAI(transcript, { model: 'gpt-6-sol' }).input,
  ]) {
    expect(checkPrefix({ head: '', items: items(before) }, { head: '', items: items(after) })).toEqual([])
    expect(JSON.stringify(items(after)).includes('a long line of text')).toBe(false)
    expect(JSON.stringify(items(after))).toContain('look at the door sign')
  }
})

test('Claude is asked for words only, with its thinking where it was, and then starts afresh', async () => {
  const violations: string[] = []
  const read = { reasoning: 'Hm.', ...READ }
  const server = await startAnthropic({
    script: [{ reasoning: 'Let me see.', ...EDIT }, read, read, { reasoning: '', ...SUMMARY }, END],
  })
  onTestFinished(() => server.close())
  const { apiKey, baseUrl } = server
  const claude = createAnthropicModel({
    ...{ model: 'claude-opus-5-5', apiKey, baseUrl },
    onViolation: (violation) => violations.push(violation),
  })
  const model = { ...claude, contextWindow: WINDOW }

  const { outcome } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }))

  expect(outcome.kind).toBe('blocked')
  expect([violations, server.rejections]).toEqual([[], []])
  const turns = server.turns()
  expect(turns.map(({ tool_choice: choice }) => choice)).toEqual([
    ...[undefined, undefined, undefined],
    { type: 'none' },
    undefined,
  ])
  expect(turns.map(({ tools }) => tools.length)).toEqual(turns.map(() => turns[0].tools.length))
  expect(turns.at(-1).messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'system'])
})

test('a conversation that proves too long goes on from what the host knows', async () => {
  const { outcome, asked, compactions } = await workFor([PLAN, EDIT, TOO_LONG, END])

  expect(outcome.kind).toBe('blocked')
  expect(compactions).toMatchObject([{ summaryBy: 'host' }])
  const note = textOf(segmentOf(asked.at(-1) as Transcript).at(-1))
  for (const text of ['You could not write a summary', 'Be polite', 'M hello.txt', 'Edited hello.txt.']) {
    expect(note).toContain(text)
  }
})

test('a conversation that is rejected goes on without what was rejected, once', async () => {
  const rejected = new ModelError({
    class: 'bad_request',
    provider: 'scripted',
    model: 'test',
    userMessage: 'The provider rejected the request.',
  })
  const mended = await workFor([EDIT, rejected, END])
  expect(mended.outcome.kind).toBe('blocked')
  expect(mended.compactions).toMatchObject([{ summaryBy: 'host' }])

  const { outcome, compactions, events } = await workFor([EDIT, rejected])
  expect(compactions).toHaveLength(1)
  expect(outcome).toMatchObject({
    kind: 'partial',
    reason: 'No model could continue: The provider rejected the request.',
  })
  expect(events).toContainEqual(expect.objectContaining({ type: 'agent.notice', level: 'warning' }))
})

test('a model that writes no summary is not waited for', async () => {
  const { outcome, compactions } = await workFor(
    [EDIT, READ, READ, call('bash', { command: 'ls' }), END],
    WINDOW,
  )

  expect(compactions).toMatchObject([{ summaryBy: 'host' }])
  expect(outcome.kind).toBe('blocked')
})

test('an answer that ran out of room is followed by a new segment, and its calls are not carried out', async () => {
  const cut: Scripted = { calls: [{ name: 'bash', args: { command: 'touch never' } }], stop: 'context' }
  const { outcome, place, last } = await workFor([EDIT, cut, END])

  expect(outcome.kind).toBe('blocked')
  expect(checkTranscript(last)).toEqual([])
  expect(await place.sh('ls')).not.toContain('never')
})

test('a conversation that stays too long after compaction ends the run with the work so far', async () => {
  const { outcome, compactions, place } = await workFor([EDIT, TOO_LONG])

  expect(compactions).toHaveLength(2)
  expect(outcome).toMatchObject({
    kind: 'partial',
    code: 'model_unavailable',
    reason: 'The work became too long for the model to read.',
  })
  expect(await place.read('hello.txt')).toBe('good morning\n')
})

test('what people add stays, whatever is compacted; three times are enough', async () => {
  const model = scriptedTurns([EDIT, TOO_LONG, READ, TOO_LONG, READ, TOO_LONG, READ, TOO_LONG, END])
  const note = { id: 'n1', author: '@ada', text: 'Keep the door open' }
  const options = { notes: [[], [note]] }

  const { outcome, events } = await workOn(await openWorkspace(FILES), createBuiltinAgent({ model }), options)

  expect(events.filter(({ type }) => type === 'context.compacted')).toHaveLength(3)
  const segment = segmentOf(model.asked.at(-1) as Transcript)
  expect(segment.filter((entry) => textOf(entry).includes('Keep the door open'))).toHaveLength(1)
  expect(segment.filter((entry) => entry.role === 'harness' && entry.about === 'compaction')).toHaveLength(1)
  expect(outcome.code).toBe('model_unavailable')
})

test('a run that was interrupted after a compaction goes on in its segment', async () => {
  const { checkpoints, place } = await workFor([EDIT, TOO_LONG, READ, END])
  const stored = JSON.parse(JSON.stringify(checkpoints.at(-3))) as Transcript
  const model = scriptedTurns([END])

  await workOn(place, createBuiltinAgent({ model }), { context: { resume: stored } })

  const [asked] = model.asked as [Transcript]
  expect(asked.entries.slice(0, stored.entries.length)).toEqual(stored.entries)
  const { messages } = renderAnthropic(asked, { systemRole: true })
  expect(JSON.stringify(messages)).toContain('Make the greeting polite')
  expect(JSON.stringify(messages)).toContain('The run was interrupted')
  expect(JSON.stringify(messages)).not.toContain('"name":"edit"')
})
