import { expect, test } from 'vitest'
import type { Model } from '../../src/models/model.ts'
import { after, asking, conversation, textOf } from '../models/conversation.ts'
import type { ScriptedAnswer } from '../stand-ins/models/script.ts'

/** A model under test, saying the given turns in order. */
interface ModelSubject {
  readonly model: Model
  close(): Promise<void>
}

/** @param hang whether the first turn starts and then never ends. */
export type StartModel = (turns: readonly ScriptedAnswer[], hang?: boolean) => Promise<ModelSubject>

/** What every model does. Registers one test per promise of the port. */
export function modelContract(title: string, start: StartModel): void {
  async function withModel(
    turns: readonly ScriptedAnswer[],
    use: (model: Model) => Promise<void>,
    hang = false,
  ): Promise<void> {
    const { model, close } = await start(turns, hang)
    try {
      await use(model)
    } finally {
      await close()
    }
  }

  test(`${title} returns the text of a turn whole`, () =>
    withModel([{ text: 'Looking at the tests first.' }], async (model) => {
      const turn = await model.respond(conversation(), asking())
      expect(textOf(turn)).toBe('Looking at the tests first.')
      expect(turn.entry.origin.stop).toBe('end')
      expect(turn.attempts).toBe(1)
      expect(turn.notes).toEqual([])
    }))

  test(`${title} returns tool calls with ids, names and parsed arguments, in order`, () =>
    withModel([{ text: 'Running.', calls: TWO_CALLS }], async (model) => {
      const { entry } = await model.respond(conversation(), asking())
      const calls = entry.parts.filter((part) => part.type === 'tool_call')
      expect(calls.map(({ name, args }) => ({ name, args }))).toEqual(TWO_CALLS)
      expect(new Set(calls.map(({ id }) => id)).size).toBe(2)
      expect(calls.map(({ invalid }) => invalid)).toEqual([undefined, undefined])
      expect(entry.origin.stop).toBe('tool_use')
    }))

  test(`${title} goes on from the results of its calls, stored and read back as JSON`, () =>
    withModel([{ calls: TWO_CALLS }, { text: 'Both done.' }], async (model) => {
      const first = await model.respond(conversation(), asking())
      const stored = JSON.parse(JSON.stringify(after(conversation(), first)))
      expect(textOf(await model.respond(stored, asking()))).toBe('Both done.')
    }))

  test(`${title} reports tokens, time and a price that is a number or unknown`, () =>
    withModel([{ text: 'Hello.', usage: { input: 1000, output: 200 } }], async (model) => {
      const { entry, costUsd, durationMs, firstTokenMs } = await model.respond(conversation(), asking())
      expect(entry.origin.usage).toMatchObject({ input: 1000, output: 200 })
      expect(costUsd === undefined || costUsd >= 0).toBe(true)
      expect(firstTokenMs ?? 0).toBeLessThanOrEqual(durationMs)
    }))

  test(`${title} never edits the transcript`, () =>
    withModel([{ text: 'Fine.' }], async (model) => {
      const transcript = deepFreeze(
        conversation('Look.', { role: 'harness', parts: [{ type: 'text', text: 'Note.' }] }),
      )
      const before = JSON.stringify(transcript)
      await model.respond(transcript, asking())
      expect(JSON.stringify(transcript)).toBe(before)
    }))

  test(`${title} throws the signal's reason when it is cancelled before the turn`, () =>
    withModel([{ text: 'Never said.' }], async (model) => {
      const signal = AbortSignal.abort(new Error('stopped by a human'))
      await expect(model.respond(conversation(), asking({ signal }))).rejects.toThrow('stopped by a human')
    }))

  test(`${title} throws the signal's reason when it is cancelled during the turn`, () =>
    withModel(
      [{ text: 'This goes on and on.' }],
      async (model) => {
        const controller = new AbortController()
        const turn = model.respond(conversation(), asking({ signal: controller.signal }))
        setTimeout(() => controller.abort(new Error('stopped by a human')), 30)
        await expect(turn).rejects.toThrow('stopped by a human')
      },
      true,
    ))
}

const TWO_CALLS = [
  { name: 'bash', args: { command: 'npm test', timeout_s: 60 } },
  { name: 'edit', args: { file_path: 'a.ts', edits: [{ old_string: 'a', new_string: 'b' }] } },
]

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const item of Object.values(value)) deepFreeze(item)
  return Object.freeze(value)
}
