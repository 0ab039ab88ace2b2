import { expect, test } from 'vitest'
import type { RunEventBody } from '../../../src/runs/run-event.ts'
import { createStory } from '../../../src/runs/summary/story/create-story.ts'
import { BODIES, eventsOf, TOTALS } from '../../web/a-run.ts'
import { foldInMemory } from '../../web/draw-events.ts'

const STARTED = { type: 'tool.started', callId: 'c', tool: 'bash', title: 'bash sleep' } as const

async function storyOf(...bodies: readonly RunEventBody[]) {
  const fold = await foldInMemory(eventsOf(bodies))
  return fold.entries(fold.story.outline.map((_, index) => index))
}

test('a turn is one entry with its words and its tool calls, each from its start to its end', async () => {
  const turns = (await storyOf(...BODIES)).filter(({ body }) => body.kind === 'turn')
  const parts = turns.map(({ body }) => (body.kind === 'turn' ? body.parts : []))
  expect(parts.map((own) => own.map(({ kind }) => kind))).toEqual([
    ['words', 'plan', 'tool', 'tool', 'tool', 'tool'],
    [],
  ])
  expect(
    parts[0]?.flatMap((part) => (part.kind === 'tool' ? [[part.title, part.finished?.status]] : [])),
  ).toEqual([
    ['read app.js', 'ok'],
    ['grep add\\(', 'ok'],
    ['edit app.js', 'ok'],
    ['bash npm test', 'ok'],
  ])
})

test('words before their turn, as the builtin agent sends them, are in the same entry', async () => {
  const turn = BODIES.find(({ type }) => type === 'model.turn')
  const words = { type: 'agent.message', text: 'Hello' } as const
  if (!turn) throw new Error('no turn')
  expect(await storyOf(words, turn, STARTED, words, turn)).toMatchObject([
    { id: 1, last: 3, body: { turn: { turn: 1 } } },
    { id: 4, last: 5 },
  ])
})

test('a tool call that never ended is interrupted when the run ends, and its entry is sent again', async () => {
  expect(await storyOf(STARTED)).toMatchObject([
    { id: 1, last: 1, body: { parts: [{ interrupted: false }] } },
  ])
  const ended = await storyOf(STARTED, { type: 'run.cancelled', message: 'x', totals: TOTALS })
  expect(ended[0]).toMatchObject({ id: 1, last: 2, body: { parts: [{ interrupted: true }] } })
})

test('a tool call of an attempt that died was interrupted, and the next attempt may use its id', async () => {
  const entries = await storyOf(STARTED, { type: 'run.started', attempt: 2 }, STARTED)
  expect(entries.map(({ id, last, body }) => [id, last, body.kind])).toEqual([
    [1, 2, 'turn'],
    [2, 2, 'line'],
    [3, 3, 'turn'],
  ])
  expect(entries[1]?.body).toMatchObject({ level: 'warning', text: 'Started again, attempt 2' })
})

test('checks that ran twice are each shown with their own result', async () => {
  const ran = (exitCode: number): RunEventBody[] => [
    { type: 'step.started', step: 'baseline', message: 'Running' },
    {
      type: 'checks.finished',
      phase: 'before',
      results: [{ command: 'npm test', exitCode, durationMs: 1, tail: '' }],
    },
    { type: 'step.finished', step: 'baseline', status: 'ok', message: '', durationMs: 1 },
  ]
  const entries = await storyOf(...ran(1), { type: 'run.started', attempt: 2 }, ...ran(0))
  expect(entries.flatMap(({ body }) => (body.kind === 'step' ? [[body.state, body.text]] : []))).toEqual([
    ['failed', 'Checks before: npm test failed (exit code 1)'],
    ['ok', 'Checks before: npm test passed'],
  ])
})

test('the start of the agent stays where it was, and its end comes after its turns', async () => {
  const entries = await storyOf(
    { type: 'step.started', step: 'agent', message: 'The agent works' },
    STARTED,
    { type: 'step.finished', step: 'agent', status: 'ok', message: 'Done', durationMs: 5 },
  )
  expect(entries.map(({ body }) => (body.kind === 'step' ? [body.state, body.text] : body.kind))).toEqual([
    ['noted', 'The agent works'],
    'turn',
    ['ok', 'Done'],
  ])
})

test('every event has its entry, and an entry stays small', () => {
  const story = createStory()
  const calls = Array.from({ length: 100 }, (_, index): RunEventBody[] => [
    { ...STARTED, callId: `c${index}` },
    {
      ...STARTED,
      type: 'tool.finished',
      callId: `c${index}`,
      status: 'ok',
      durationMs: 1,
      detail: { kind: 'other', text: '' },
    },
  ])
  const events = eventsOf([...BODIES, ...calls.flat()])
  for (const event of events) story.add(event)
  for (const { seq } of events) expect(story.outline[story.indexOf(seq)]?.events).toContain(seq)
  expect(Math.max(...story.outline.map((entry) => entry.events.length))).toBeLessThanOrEqual(41)
  expect(story.lastFailure()).toBe(9)
})
