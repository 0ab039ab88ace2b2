import { expect, test } from 'vitest'
import { titleOf } from '../../src/agent/title.ts'
import { boundText } from '../../src/agent/tools/bounded-output.ts'
import { createMask } from '../../src/pipeline/mask.ts'
import type { RunEventBody } from '../../src/runs/run-event.ts'

const KNOWN = 'hunter2+of/the=database'
const TOKEN = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6'}`

const ROOM = 4300
/** The places where a title ends, where the head of a text ends, and where its tail begins. */
const CUTS = [0, 120, ROOM / 4, 1024, ROOM - 3072]

/** Texts without a line end that have the secret at every offset around the places where they are cut. */
function* slid(secret: string): Generator<string> {
  const words = 'some words; '.repeat(ROOM / 12)
  for (const cut of CUTS) {
    for (let at = Math.max(0, cut - secret.length - 12); at < cut + 90; at++) {
      yield `${words.slice(0, at)}"${secret}"${words.slice(at)}`
    }
  }
}

/** Whether seven letters of the secret in a row are left. */
function holdsPart(text: string, secret: string): boolean {
  for (let at = 0; at + 7 <= secret.length; at++) if (text.includes(secret.slice(at, at + 7))) return true
  return false
}

function eventOf(text: string): RunEventBody {
  return {
    type: 'tool.finished',
    callId: 'c1',
    tool: 'bash',
    title: `bash ${text}`,
    status: 'ok',
    durationMs: 1,
    detail: { kind: 'bash', command: text, output: text, exitCode: 0 },
  }
}

test.each([
  ['a known value', KNOWN],
  ['a token', TOKEN],
])('no part of %s is left in an event, wherever the event is cut to size', async (_, secret) => {
  const mask = createMask([KNOWN])
  for (const text of slid(secret)) {
    const event = await mask.event(eventOf(text))
    expect(JSON.stringify(event).length).toBeLessThan(9000)
    if (holdsPart(JSON.stringify(event), secret)) expect.fail(`${JSON.stringify(event)} has a part of it`)
  }
})

test('every text of a tool call, a plan and a message is cut, after it was masked', async () => {
  const mask = createMask([KNOWN])
  const text = `${'a b '.repeat(1022)}${KNOWN} ${'c d '.repeat(3000)}`
  const call = { callId: 'c', tool: 'edit', title: text, durationMs: 1 } as const
  const edits = [{ oldText: text, newText: text }]
  const bodies: RunEventBody[] = [
    { type: 'tool.started', ...call },
    { type: 'agent.plan', items: [{ text, status: 'pending' }] },
    { type: 'tool.finished', ...call, status: 'ok', detail: { kind: 'edit', path: 'a', edits } },
    {
      type: 'tool.finished',
      ...call,
      status: 'ok',
      detail: { kind: 'write', path: 'a', bytes: 1, content: text },
    },
    { type: 'tool.finished', ...call, status: 'ok', detail: { kind: 'search', pattern: text, matches: 1 } },
    {
      ...{ type: 'tool.finished', ...call, status: 'error' },
      detail: { kind: 'other', text, asked: { path: 'a', command: text, edits } },
    },
    { type: 'agent.notice', level: 'warning', message: text },
    { type: 'finish.reviewed', claim: 'done', verdict: 'sent_back', message: text, durationMs: 1 },
  ]
  for (const body of bodies) {
    const shown = JSON.stringify(await mask.event(body))
    expect(shown).not.toMatch(/hunter2|database/)
    expect(shown.length).toBeLessThan(20_000)
  }
})

test('a text that is cut in an agent keeps no part of a token that the cut goes through', () => {
  for (const text of slid(TOKEN)) {
    expect(boundText(text, 4096).replace(TOKEN, '')).not.toMatch(/gh?p_|[a-zA-Z0-9]{12}/)
    const title = titleOf({ prompt: text } as Parameters<typeof titleOf>[0])
    expect(title.replace(TOKEN, '')).not.toMatch(/ghp_|[a-zA-Z0-9]{12}/)
  }
})

test('a message of a model is cut far behind what it says to people, and says what is left out', async () => {
  const mask = createMask([KNOWN])
  const long = `${'a b '.repeat(100_000)}${KNOWN}`
  const event = await mask.event({ type: 'agent.message', text: long })
  if (event.type !== 'agent.message') throw new Error('it is another event')
  expect(event.text.length).toBeLessThan(66_000)
  expect(event.text).toContain('characters left out')
  expect(event.text).not.toContain('database')
})
