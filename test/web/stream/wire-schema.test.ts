import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createWireMapper } from '../../../src/web/stream/wire-event.ts'
import { type WireEvent, wireEvent } from '../../../src/web/stream/wire-schema.ts'
import { expectValid } from '../../support/api-contract.ts'
import { eventsOf } from '../a-run.ts'
import { EVERY_EVENT } from '../every-event.ts'

/** As they are sent: text of JSON. */
const SENT = EVERY_EVENT.flatMap((bodies) =>
  eventsOf(bodies)
    .map(createWireMapper())
    .map((frame) => JSON.stringify(frame)),
)

test('a client that reads a frame by the schema gets every field that was sent', () => {
  for (const text of SENT) {
    const sent: unknown = JSON.parse(text)
    expect(wireEvent.parse(sent)).toEqual(sent)
  }
})

test('every frame is valid, and no frame has a field that /openapi.json does not list', () => {
  for (const text of SENT) {
    const frame: WireEvent = JSON.parse(text)
    expectValid('WireEvent', frame)
    expect(() => expectValid('WireEvent', { ...frame, extra: 1 })).toThrow()
  }
})

test('the frame of a tool that a model made up is valid, whatever its name', () => {
  const known = fc.constantFrom('read', 'Read', 'READ', 'grep', 'Glob', 'bash ', 'edit\n', 'writes', '', 'ß')
  fc.assert(
    fc.property(fc.oneof(known, fc.string({ unit: 'binary' })), (tool) => {
      const detail = { kind: 'other', text: 'There is no such tool.' } as const
      const call = { callId: 'c', tool, title: tool, status: 'error', durationMs: 0 } as const
      const [frame] = eventsOf([{ type: 'tool.finished', ...call, detail }]).map(createWireMapper())
      const sent: unknown = JSON.parse(JSON.stringify(frame))
      expectValid('WireEvent', sent)
      expect(wireEvent.parse(sent)).toEqual(sent)
    }),
  )
})

test('a frame that lacks a field or has one of another type is not valid', () => {
  const find = (type: string) => SENT.map((text) => JSON.parse(text)).find((frame) => frame.type === type)
  for (const [type, fields] of [
    ['info', { progress: undefined }],
    ['info', { progress: 101 }],
    ['AI Message', { message: undefined }],
    ['Tool: Read', { filepath: undefined }],
    ['Tool: Edit', { old_str: undefined }],
    ['Tool: Bash', { exit_code: 'none' }],
    ['Tool: Frobnicate', { output: undefined }],
    ['Tool: Plan', { type: 'Note: Plan' }],
    ['success', { telemetry: {} }],
    ['success', { extra_data: {} }],
    ['error', { code: undefined }],
  ] as const) {
    const frame = find(type)
    expect(frame).toBeDefined()
    expect([type, fields, wireEvent.safeParse({ ...frame, ...fields }).success]).toEqual([
      type,
      fields,
      false,
    ])
  }
})

/** Recorded from the service; messages are sentences, which may change, and are left out. Names may not change. */
test('frames have the bytes that existing clients read', () => {
  const recorded = readFileSync(new URL('recorded-frames.jsonl', import.meta.url), 'utf8')
  expect(SENT.map(withoutSentences).join('\n')).toBe(recorded.trimEnd())
})

function withoutSentences(text: string): string {
  return text.replaceAll(/"(message|thought)":"(?:[^"\\]|\\.)*"/g, '"$1":"…"')
}
