import type { Model, RespondOptions, Turn } from '../../../src/models/model.ts'
import type { StopReason, Transcript } from '../../../src/models/transcript.ts'

/** What a model is made to say; an Error is thrown instead. */
export type Scripted =
  | Error
  | {
      readonly text?: string
      readonly calls?: readonly {
        readonly name: string
        readonly args?: unknown
        readonly invalid?: string
      }[]
      readonly stop?: StopReason
      readonly costUsd?: number | null
      readonly before?: (options: RespondOptions) => void | Promise<void>
    }

/** A model that says one thing after the other (the last repeats), and keeps what it was asked. */
export function scriptedTurns(turns: readonly Scripted[]): Model & { readonly asked: Transcript[] } {
  const asked: Transcript[] = []
  return {
    name: 'scripted:test',
    asked,
    async respond(transcript, options): Promise<Turn> {
      options.signal.throwIfAborted()
      asked.push(transcript)
      const number = asked.length
      const scripted = turns[Math.min(number, turns.length) - 1] ?? {}
      if (scripted instanceof Error) throw scripted
      await scripted.before?.(options)
      const calls = scripted.calls ?? []
      return {
        notes: [],
        entry: {
          role: 'assistant',
          parts: [
            ...(scripted.text === undefined ? [] : [{ type: 'text' as const, text: scripted.text }]),
            ...calls.map(({ name, args, invalid }, index) => ({
              type: 'tool_call' as const,
              id: `call_${number}_${index}`,
              name,
              args,
              ...(invalid !== undefined && { invalid }),
            })),
          ],
          origin: {
            provider: 'scripted',
            model: 'test',
            responseId: `response_${number}`,
            stop: scripted.stop ?? (calls.length > 0 ? 'tool_use' : 'end'),
            usage: { input: 100, cacheRead: 10, cacheWrite: 1, output: 20 },
          },
          native: undefined,
        },
        costUsd: scripted.costUsd === null ? undefined : (scripted.costUsd ?? 0.01),
        durationMs: 5,
        firstTokenMs: 1,
        attempts: 1,
      }
    },
  }
}

export function call(
  name: string,
  args: unknown,
): { readonly calls: readonly [{ name: string; args: unknown }] } {
  return { calls: [{ name, args }] }
}

/** Changes the greeting that the tests' repository holds. */
export const EDIT = call('edit', {
  file_path: 'hello.txt',
  edits: [{ old_string: 'hello', new_string: 'good morning' }],
})

export const DONE = call('finish', {
  outcome: 'done',
  title: 'Greet politely',
  summary: 'It greets politely.',
})
